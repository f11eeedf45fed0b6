import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "../api/projects.ts";

interface ClientSelectProps {
  value: string | null;
  onChange: (client: string | null) => void;
  label?: string;
  description?: string;
  required?: boolean;
  error?: string | undefined;
}

/** One of the clients that have a project. */
export function ClientSelect({
  value,
  onChange,
  label = "Client",
  description,
  required = false,
  error,
}: ClientSelectProps) {
  const projects = useQuery(projectsQuery);
  const clients = [...new Set((projects.data ?? []).map(({ client }) => client))].sort();
  return (
    <Select
      label={label}
      description={description}
      placeholder={required ? "Choose one" : "All clients"}
      data={clients}
      value={value}
      onChange={onChange}
      required={required}
      searchable
      clearable={!required}
      nothingFoundMessage="No such client"
      error={error}
    />
  );
}
