import type { RunSummary } from "@inlet/contracts";
import { Group, Select, Stack, Text } from "@mantine/core";
import { IconCalendarOff } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useChanges } from "../../api/live.ts";
import { projectsQuery } from "../../api/projects.ts";
import { useThrottled } from "../../api/throttle.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { LOOK_MS, runsQuery } from "./run-query.ts";
import { RunMark, runName, TableMark } from "./run-words.tsx";
import classes from "./runs-page.module.css";

const route = getRouteApi("/signed-in/runs");
const column = columnsOf<RunSummary>();

const TRIGGERS = { schedule: "by its schedule", person: "by a person", arrival: "by its first file" } as const;

const COLUMNS = [
  column.display({ id: "status", header: "Status", cell: ({ row }) => <RunMark run={row.original} /> }),
  column.display({
    id: "run",
    header: "Run",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink to="/runs/$runId" params={{ runId: String(original.id) }} c="inherit" fw={560}>
          {runName(original)}
        </PageLink>
        <Text span fz="sm" c="var(--quiet)">
          {original.client}/{original.project} · started {TRIGGERS[original.trigger.by]}
          {original.trigger.actor !== null && `, ${original.trigger.actor}`}
        </Text>
      </Stack>
    ),
  }),
  column.display({
    id: "tables",
    header: "Tables",
    meta: { from: "sm" },
    cell: ({ row: { original } }) => <TableChips run={original} />,
  }),
  column.accessor("openedAt", {
    header: "Opened",
    meta: { align: "end" },
    cell: ({ getValue }) => (
      <Text span c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
        <When at={getValue()} />
      </Text>
    ),
  }),
];

function TableChips({ run }: { run: RunSummary }) {
  return (
    <ul className={classes.chips}>
      {run.tables.map(({ table, status }) => (
        <li key={table ?? ""} className={classes.chip}>
          <TableMark status={status} compact /> {table ?? "unknown"}
        </li>
      ))}
    </ul>
  );
}

/** What was triggered when, with the tables that came and those that are missing. */
export function RunsPage() {
  const filters = route.useSearch();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const projects = useQuery(projectsQuery);
  const list = useInfiniteQuery(runsQuery(filters));
  const look = useThrottled(
    () => void queryClient.invalidateQueries({ queryKey: runsQuery(filters).queryKey }),
    LOOK_MS,
  );
  useChanges({ onRuns: look, onBatches: look, onReset: look });
  const runs = list.data?.pages.flatMap((page) => page.runs) ?? [];
  const set = (changed: typeof filters) => void navigate({ to: "/runs", search: changed, replace: true });
  return (
    <Page
      title="Runs"
      lead="The files of one trigger of a project, reported together: which tables came, and which are missing."
    >
      <Stack gap="md">
        <Group gap="xs">
          <Select
            aria-label="Project"
            placeholder="All projects"
            data={(projects.data ?? []).map(({ client, project }) => `${client}/${project}`)}
            value={filters.client && filters.project ? `${filters.client}/${filters.project}` : null}
            onChange={(chosen) => {
              const { client: _, project: __, ...rest } = filters;
              const [client, project] = chosen?.split("/") ?? [];
              set(client && project ? { ...rest, client, project } : rest);
            }}
            searchable
            clearable
          />
          <Select
            aria-label="State"
            placeholder="Any state"
            data={[
              { value: "open", label: "Open" },
              { value: "reported", label: "Reported" },
            ]}
            value={filters.state ?? null}
            onChange={(state) => {
              const { state: _, ...rest } = filters;
              set(state === "open" || state === "reported" ? { ...rest, state } : rest);
            }}
            clearable
          />
        </Group>
        {list.isPending && <Waiting lines={8} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && runs.length === 0 && (
          <Nothing icon={<IconCalendarOff size={22} />} title="No runs">
            A run begins with the first file of a day, at a project's trigger time, or when somebody starts it.
          </Nothing>
        )}
        {runs.length > 0 && (
          <DataTable
            caption="Runs, the newest first"
            columns={COLUMNS}
            rows={runs}
            rowId={({ id }) => String(id)}
            onOpen={({ id }) => void navigate({ to: "/runs/$runId", params: { runId: String(id) } })}
            foot={<ShowOlder list={list} />}
          />
        )}
      </Stack>
    </Page>
  );
}
