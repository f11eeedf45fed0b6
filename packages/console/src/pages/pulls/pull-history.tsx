import type { PullSummary } from "@inlet/contracts";
import { duration, figure } from "@inlet/contracts/figures";
import { Group, Select, Stack, Text } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import type { ProjectPath } from "../project/project-queries.ts";
import { type PullFilters, pullsQuery } from "./pull-queries.ts";
import { askerOf, PullMark } from "./pull-words.tsx";

const column = columnsOf<PullSummary>();
const COLUMNS = [
  column.display({
    id: "pull",
    header: "Pull",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink to="/pulls/$pullId" params={{ pullId: String(original.id) }} c="inherit" fw={560}>
          {original.table}
        </PageLink>
        <Text span fz="sm" c="var(--quiet)">
          Pull {original.id}, by {askerOf(original)}
          {original.full ? "" : ", what had changed"}
        </Text>
      </Stack>
    ),
  }),
  column.display({ id: "outcome", header: "Outcome", cell: ({ row }) => <PullMark pull={row.original} /> }),
  column.accessor("expected", {
    header: "Expected",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => figure(getValue()),
  }),
  column.accessor("received", {
    header: "Received",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => figure(getValue()),
  }),
  column.display({
    id: "imported",
    header: "Imported",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => figure(original.batch?.imported ?? null),
  }),
  column.display({
    id: "took",
    header: "Took",
    meta: { align: "end", from: "lg" },
    cell: ({ row: { original } }) =>
      original.durationMs === null || original.endedAt === null ? "" : duration(original.durationMs),
  }),
  column.accessor("askedAt", {
    header: "Asked",
    meta: { align: "end" },
    cell: ({ getValue }) => (
      <Text span c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
        <When at={getValue()} />
      </Text>
    ),
  }),
];

const STATES: readonly { value: PullSummary["state"]; label: string }[] = [
  { value: "due", label: "Waiting" },
  { value: "running", label: "Pulling" },
  { value: "received", label: "Received" },
  { value: "unchanged", label: "Nothing new" },
  { value: "stopped", label: "Stopped" },
  { value: "cancelled", label: "Cancelled or skipped" },
];

interface PullHistoryProps {
  path: ProjectPath;
  tables: readonly string[];
  filters: PullFilters;
  onFilters: (filters: PullFilters) => void;
}

/** A project's pulls, newest first. */
export function PullHistory({ path, tables, filters, onFilters }: PullHistoryProps) {
  const list = useInfiniteQuery(pullsQuery(path, filters));
  const navigate = useNavigate();
  const pulls = list.data?.pages.flatMap((page) => page.pulls) ?? [];
  const isFiltered = filters.table !== undefined || filters.state !== undefined;
  return (
    <Section
      title="History"
      flush
      actions={
        <Group gap="xs">
          {tables.length > 1 && (
            <Select
              aria-label="Table"
              placeholder="All tables"
              data={tables}
              value={filters.table ?? null}
              onChange={(table) => onFilters({ ...filters, table: table ?? undefined })}
              clearable
              size="xs"
              w={150}
            />
          )}
          <Select
            aria-label="State"
            placeholder="Any state"
            data={STATES}
            value={filters.state ?? null}
            onChange={(state) => onFilters({ ...filters, state: state ?? undefined })}
            clearable
            size="xs"
            w={170}
          />
        </Group>
      }
    >
      {list.isPending && <Waiting lines={4} />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && pulls.length === 0 && (
        <Nothing title={isFiltered ? "No such pulls" : "Nothing was pulled yet"}>
          {isFiltered
            ? "No pull of this project meets the filters."
            : "Probe the system to see what it has, or pull now."}
        </Nothing>
      )}
      {pulls.length > 0 && (
        <DataTable
          caption="Pulls of this project, the newest first"
          columns={COLUMNS}
          rows={pulls}
          rowId={({ id }) => String(id)}
          onOpen={({ id }) => void navigate({ to: "/pulls/$pullId", params: { pullId: String(id) } })}
          foot={<ShowOlder list={list} />}
        />
      )}
    </Section>
  );
}
