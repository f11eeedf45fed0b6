import type { BatchStatus, ProjectSummary } from "@inlet/contracts";
import { BATCH_STATUS_WORDS } from "@inlet/contracts/batch-words";
import { MultiSelect, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { projectsQuery } from "../../api/projects.ts";
import { SINCE, sinceOf } from "../../parts/since.ts";
import classes from "./filter-bar.module.css";
import type { Reached } from "./filter-bar.tsx";
import { type Filters, statusesOf } from "./filters.ts";
import { SavedViews } from "./saved-views.tsx";

interface FilterChoicesProps {
  filters: Filters;
  onChange: (part: Filters) => void;
  /** Opens a saved view. */
  onOpen: (filters: Filters) => void;
  /** Which of them was reached for, before they were here. */
  reached: Reached;
}

/** The filters that are chosen from lists. They come when somebody reaches for one: most who look at the list do not. */
export function FilterChoices({ filters, onChange, onOpen, reached }: FilterChoicesProps) {
  const projects = useQuery(projectsQuery);
  const begun = (name: Reached["name"]) => ({
    autoFocus: reached.name === name,
    defaultDropdownOpened: reached.name === name && reached.opens,
  });
  return (
    <>
      <MultiSelect
        aria-label="Status"
        placeholder={filters.status ? undefined : "Any status"}
        data={Object.entries(BATCH_STATUS_WORDS).map(([value, label]) => ({ value, label }))}
        value={statusesOf(filters)}
        onChange={(statuses) => onChange({ status: (statuses as BatchStatus[]).join(",") })}
        clearable
        className={classes.wide ?? ""}
        {...begun("status")}
      />
      <Select
        aria-label="Project"
        placeholder="All projects"
        data={(projects.data ?? []).map(choiceOf)}
        value={filters.client && filters.project ? `${filters.client}/${filters.project}` : null}
        onChange={(chosen) => {
          const [client = "", project = ""] = chosen?.split("/") ?? [];
          onChange({ client, project, table: "" });
        }}
        searchable
        clearable
        nothingFoundMessage="No such project"
        className={classes.project ?? ""}
        {...begun("project")}
      />
      <Select
        aria-label="Received"
        placeholder="Any time"
        data={SINCE.map(({ value, label }) => ({ value, label }))}
        value={sinceOf(filters.from)}
        onChange={(value) => onChange({ from: SINCE.find((each) => each.value === value)?.from() ?? "", to: "" })}
        clearable
        className={classes.narrow ?? ""}
        {...begun("received")}
      />
      <SavedViews filters={filters} onOpen={onOpen} begins={reached.name === "views" ? reached : undefined} />
    </>
  );
}

const choiceOf = ({ client, project, title }: ProjectSummary) => ({
  value: `${client}/${project}`,
  label: title === null ? `${client}/${project}` : `${title} (${client}/${project})`,
});
