import type { BatchSummary } from "@inlet/contracts";
import { bytes, duration, figure } from "@inlet/contracts/figures";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconInbox, IconSearchOff } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { BatchMark } from "../../parts/batch-mark.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { SOURCE_WORDS } from "../../parts/source-words.ts";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { useBatches } from "./batch-list.ts";
import { FilterBar } from "./filter-bar.tsx";
import { type Filters, isFiltered } from "./filters.ts";
import { QuickFilters } from "./quick-filters.tsx";

const route = getRouteApi("/signed-in/activity");
const column = columnsOf<BatchSummary>();

const COLUMNS = [
  column.display({ id: "status", header: "Status", cell: ({ row }) => <BatchMark batch={row.original} /> }),
  column.accessor("fileName", {
    header: "File",
    meta: { grow: true },
    cell: ({ row: { original } }) => <FileCell batch={original} />,
  }),
  column.display({
    id: "project",
    header: "Project",
    meta: { from: "sm" },
    cell: ({ row: { original } }) => (
      <>
        {original.client}/{original.project}
        {original.table !== null && (
          <Text span c="var(--quiet)" fz="sm" display="block">
            {original.table}
          </Text>
        )}
      </>
    ),
  }),
  column.display({
    id: "records",
    header: "Records",
    meta: { align: "end", from: "md" },
    cell: ({ row: { original } }) => figure(original.counts.records),
  }),
  column.display({
    id: "imported",
    header: "Imported",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => figure(original.counts.imported),
  }),
  column.accessor("issueCount", {
    header: "Findings",
    meta: { align: "end", from: "md" },
    cell: ({ getValue }) => (getValue() === 0 ? "" : figure(getValue())),
  }),
  column.display({
    id: "took",
    header: "Took",
    meta: { align: "end", from: "lg" },
    cell: ({ row: { original } }) => (original.endedAt === null ? "" : duration(original.durationMs)),
  }),
  column.accessor("receivedAt", {
    header: "Received",
    meta: { align: "end" },
    cell: ({ getValue }) => (
      <Text span c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
        <When at={getValue()} />
      </Text>
    ),
  }),
];

function FileCell({ batch }: { batch: BatchSummary }) {
  return (
    <Stack gap={0}>
      <Group gap={6} wrap="nowrap">
        <PageLink to="/batches/$batchId" params={{ batchId: String(batch.id) }} c="inherit" fw={560}>
          {batch.fileName}
        </PageLink>
        {batch.rehearsal && (
          <Badge size="xs" variant="light" color="yellow">
            Rehearsal
          </Badge>
        )}
      </Group>
      <Text span fz="sm" c="var(--quiet)" lineClamp={1} title={batch.reason?.message}>
        #{batch.id} · {bytes(batch.sizeBytes)} · {SOURCE_WORDS[batch.source] ?? batch.source}
        {batch.reason !== null && ` · ${batch.reason.message}`}
      </Text>
    </Stack>
  );
}

/** The Activity Monitor: every file that came, the newest first, live. */
export function ActivityPage() {
  const filters = route.useSearch();
  const navigate = useNavigate();
  const set = (changed: Filters) => void navigate({ to: "/activity", search: changed, replace: true });
  const list = useBatches(filters);
  return (
    <Page title="Activity" lead="Every file that came, what became of it, and what it needs.">
      <Stack gap="md">
        <QuickFilters filters={filters} />
        <FilterBar filters={filters} onChange={set} />
        {list.isPending && <Waiting lines={8} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && list.batches.length === 0 && <NoBatches filters={filters} onClear={() => set({})} />}
        {list.batches.length > 0 && (
          <DataTable
            caption="Batches, the newest first"
            columns={COLUMNS}
            rows={list.batches}
            rowId={({ id }) => String(id)}
            onOpen={({ id }) => void navigate({ to: "/batches/$batchId", params: { batchId: String(id) } })}
            foot={<ShowOlder list={list} />}
          />
        )}
      </Stack>
    </Page>
  );
}

function NoBatches({ filters, onClear }: { filters: Filters; onClear: () => void }) {
  if (!isFiltered(filters)) {
    return (
      <Nothing icon={<IconInbox size={22} />} title="No file has come yet">
        As soon as one is uploaded here, sent by SFTP or e-mail, or fetched, it stands in this list.
      </Nothing>
    );
  }
  return (
    <Nothing
      icon={<IconSearchOff size={22} />}
      title="No file meets these filters"
      action={
        <Button variant="default" onClick={onClear}>
          Clear the filters
        </Button>
      }
    >
      Take a filter away, or look at a longer time.
    </Nothing>
  );
}
