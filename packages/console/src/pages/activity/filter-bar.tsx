import type { BatchStatus, ProjectSummary } from "@inlet/contracts";
import { Button, Group, MultiSelect, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "../../api/projects.ts";
import { SearchBox } from "../../parts/search-box.tsx";
import { SINCE, sinceOf } from "../../parts/since.ts";
import { STATUS_WORDS } from "../../parts/status-words.ts";
import classes from "./filter-bar.module.css";
import { type Filters, isFiltered, statusesOf } from "./filters.ts";
import { SavedViews } from "./saved-views.tsx";

interface FilterBarProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
}

/** What the Activity Monitor shows: everything here stands in the address. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const projects = useQuery(projectsQuery);
  const change = (part: Filters) => onChange(cleared({ ...filters, ...part }));
  return (
    <Group gap="xs" className={classes.bar} role="search">
      <SearchBox
        value={filters.text ?? ""}
        onChange={(text) => change({ text })}
        placeholder="File, #number, login, checksum"
        className={classes.search}
      />
      <MultiSelect
        aria-label="Status"
        placeholder={filters.status ? undefined : "Any status"}
        data={Object.entries(STATUS_WORDS).map(([value, label]) => ({ value, label }))}
        value={statusesOf(filters)}
        onChange={(statuses) => change({ status: (statuses as BatchStatus[]).join(",") })}
        clearable
        className={classes.wide ?? ""}
      />
      <Select
        aria-label="Project"
        placeholder="All projects"
        data={(projects.data ?? []).map(choiceOf)}
        value={filters.client && filters.project ? `${filters.client}/${filters.project}` : null}
        onChange={(chosen) => {
          const [client = "", project = ""] = chosen?.split("/") ?? [];
          change({ client, project, table: "" });
        }}
        searchable
        clearable
        nothingFoundMessage="No such project"
      />
      <Select
        aria-label="Received"
        placeholder="Any time"
        data={SINCE.map(({ value, label }) => ({ value, label }))}
        value={sinceOf(filters.from)}
        onChange={(value) => change({ from: SINCE.find((each) => each.value === value)?.from() ?? "", to: "" })}
        clearable
        className={classes.narrow ?? ""}
      />
      <SavedViews filters={filters} onOpen={onChange} />
      {isFiltered(filters) && (
        <Button variant="subtle" color="gray" onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </Group>
  );
}

const choiceOf = ({ client, project, title }: ProjectSummary) => ({
  value: `${client}/${project}`,
  label: title === null ? `${client}/${project}` : `${title} (${client}/${project})`,
});

/** Empty conditions are none. */
const cleared = (filters: Filters): Filters =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ""));
