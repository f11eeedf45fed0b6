import { Autocomplete, Button, Group, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { projectsQuery } from "../../api/projects.ts";
import { SearchBox } from "../../parts/search-box.tsx";
import { SINCE, sinceOf } from "../../parts/since.ts";
import classes from "./audit-filter-bar.module.css";
import type { AuditFilters } from "./audit-filters.ts";
import { ACTIONS, OUTCOMES } from "./audit-words.ts";

interface AuditFilterBarProps {
  filters: AuditFilters;
  /** Who did something in the lines that are listed: offered to be chosen. */
  actors: readonly string[];
  onChange: (filters: AuditFilters) => void;
}

/** Which lines of the audit are shown: everything here stands in the address. */
export function AuditFilterBar({ filters, actors, onChange }: AuditFilterBarProps) {
  const projects = useQuery(projectsQuery);
  const clients = [...new Set((projects.data ?? []).map(({ client }) => client))].sort();
  const change = (part: AuditFilters) =>
    onChange(Object.fromEntries(Object.entries({ ...filters, ...part }).filter(([, value]) => value !== "")));
  return (
    <Group gap="xs" role="search" align="flex-start">
      <SearchBox
        value={filters.path ?? ""}
        onChange={(path) => change({ path })}
        label="Done to"
        placeholder="Batch, project, file"
        className={classes.search}
      />
      <Actor value={filters.actor ?? ""} actors={actors} onChange={(actor) => change({ actor })} />
      <Select
        aria-label="What was done"
        placeholder="Anything"
        data={withOther(filters.action)}
        value={filters.action ?? null}
        onChange={(action) => change({ action: action ?? "" })}
        searchable
        clearable
        nothingFoundMessage="No such thing"
        className={classes.action ?? ""}
      />
      <Select
        aria-label="Client"
        placeholder="All clients"
        data={clients}
        value={filters.client ?? null}
        onChange={(client) => change({ client: client ?? "" })}
        searchable
        clearable
        nothingFoundMessage="No such client"
        className={classes.narrow ?? ""}
      />
      <Select
        aria-label="Outcome"
        placeholder="Any outcome"
        data={OUTCOMES}
        value={filters.outcome ?? null}
        onChange={(outcome) => change({ outcome: outcome ?? "" })}
        clearable
        className={classes.narrow ?? ""}
      />
      <Select
        aria-label="When"
        placeholder="Any time"
        data={SINCE.map(({ value, label }) => ({ value, label }))}
        value={sinceOf(filters.from)}
        onChange={(value) => change({ from: SINCE.find((each) => each.value === value)?.from() ?? "", to: "" })}
        clearable
        className={classes.narrow ?? ""}
      />
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" color="gray" onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </Group>
  );
}

/** An address may ask for one thing alone, which the list does not offer. */
function withOther(action: string | undefined) {
  const offered = ACTIONS.map(({ group, items }) => ({ group, items: [...items] }));
  const isOffered = offered.some(({ items }) => items.some(({ value }) => value === action));
  return action === undefined || isOffered
    ? offered
    : [{ group: "Asked for", items: [{ value: action, label: action }] }, ...offered];
}

/** A whole name: typed and entered, or one that is offered. */
function Actor({
  value,
  actors,
  onChange,
}: {
  value: string;
  actors: readonly string[];
  onChange: (actor: string) => void;
}) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <Autocomplete
      aria-label="Who"
      placeholder="Anybody"
      data={[...actors]}
      value={text}
      maxLength={200}
      onChange={setText}
      onOptionSubmit={onChange}
      onBlur={() => text !== value && onChange(text.trim())}
      onKeyDown={(event) => {
        if (event.key === "Enter" && !event.defaultPrevented) onChange(text.trim());
      }}
      clearable
      onClear={() => onChange("")}
      className={classes.actor}
    />
  );
}
