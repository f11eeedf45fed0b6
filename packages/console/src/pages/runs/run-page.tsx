import type { RunDetail, RunTable } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Alert, Group, Stack, Text } from "@mantine/core";
import { useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useChanges } from "../../api/live.ts";
import { useThrottled } from "../../api/throttle.ts";
import { BatchMark } from "../../parts/batch-mark.tsx";
import { codeText } from "../../parts/code-text.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Facts } from "../../parts/facts.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { Section } from "../../parts/section.tsx";
import { Nothing } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { LOOK_MS, runQuery } from "./run-query.ts";
import { RunMark, runName, TableMark, waitsText } from "./run-words.tsx";

const route = getRouteApi("/signed-in/runs/$runId");
const tableColumn = columnsOf<RunTable>();
const batchColumn = columnsOf<RunDetail["batches"][number]>();

const TABLE_COLUMNS = [
  tableColumn.accessor("table", { header: "Table Name", cell: ({ getValue }) => <b>{getValue() ?? "Unknown"}</b> }),
  tableColumn.accessor("status", { header: "Status", cell: ({ getValue }) => <TableMark status={getValue()} /> }),
  tableColumn.display({
    id: "file",
    header: "File",
    meta: { grow: true },
    cell: ({ row: { original } }) => <TableFile table={original} />,
  }),
];

function TableFile({ table: { batchId, fileName, files, late, waitsFor, expected } }: { table: RunTable }) {
  if (batchId === null) return <Text c="var(--quiet)">{expected ? "No file has come" : ""}</Text>;
  const notes = [files > 1 ? `the newest of ${files}` : "", late ? "came late" : "", waitsText(waitsFor)].filter(
    Boolean,
  );
  return (
    <>
      <PageLink to="/batches/$batchId" params={{ batchId: String(batchId) }}>
        {fileName ?? `Batch ${batchId}`}
      </PageLink>
      {notes.length > 0 && (
        <Text span fz="sm" c="var(--quiet)">
          {" "}
          {notes.join(", ")}
        </Text>
      )}
    </>
  );
}

const BATCH_COLUMNS = [
  batchColumn.display({ id: "status", header: "Status", cell: ({ row }) => <BatchMark batch={row.original} /> }),
  batchColumn.accessor("fileName", {
    header: "File",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <PageLink to="/batches/$batchId" params={{ batchId: String(original.id) }} c="inherit" fw={560}>
        {original.fileName}
      </PageLink>
    ),
  }),
  batchColumn.display({
    id: "records",
    header: "Records",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => figure(original.counts.records),
  }),
  batchColumn.display({
    id: "imported",
    header: "Imported",
    meta: { align: "end" },
    cell: ({ row: { original } }) => figure(original.counts.imported),
  }),
  batchColumn.accessor("receivedAt", {
    header: "Received",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => <When at={getValue()} />,
  }),
];

/** One run: its trigger, its tables, its files, and whom it was reported to. */
export function RunPage() {
  const id = Number(route.useParams().runId);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const { data: run } = useSuspenseQuery(runQuery(id));
  const look = useThrottled(() => void queryClient.invalidateQueries(runQuery(id)), LOOK_MS);
  useChanges({
    onRuns: (changes) => changes.some((change) => change.id === id) && look(),
    onBatches: (changes) => changes.some(({ runId }) => runId === id) && look(),
    onReset: look,
  });
  return (
    <Page
      title={`Run ${runName(run)}`}
      heading={
        <Group gap="sm" component="span">
          <span>{runName(run)}</span>
          <Text span fz="md">
            <RunMark run={run} />
          </Text>
        </Group>
      }
      crumbs={[
        <PageLink key="runs" to="/runs">
          Runs
        </PageLink>,
        <span key="run">Run {id}</span>,
      ]}
      lead={`${run.client}/${run.project}`}
    >
      {run.overdueAt !== null && run.state === "open" && (
        <Alert color="red" variant="light" title="This run is overdue" role="status">
          It should have ended at <When at={run.deadlineAt ?? run.overdueAt} as="time" />. Its recipients were told.
        </Alert>
      )}
      <Section title="Tables" flush>
        {run.tables.length === 0 ? (
          <Nothing title="No table is expected, and none has come yet" />
        ) : (
          <DataTable
            caption="Tables of this run"
            columns={TABLE_COLUMNS}
            rows={run.tables}
            rowId={({ table }) => table ?? ""}
          />
        )}
      </Section>
      <Section title="Trigger">
        <Facts
          of={[
            ["Started by", starter(run)],
            ["Reason", run.trigger.reason ?? undefined],
            ["Due", timeOf(run.trigger.dueAt)],
            ["Started", timeOf(run.trigger.startedAt)],
            ["Waits for files until", run.state === "open" ? timeOf(run.waitsUntil ?? run.settleAt) : undefined],
            ["Deadline", timeOf(run.deadlineAt)],
            ["Reported", timeOf(run.reportedAt)],
            ["Reports", run.revision === 0 ? undefined : String(run.revision)],
          ]}
        />
      </Section>
      <Section title="Files" flush>
        {run.batches.length === 0 ? (
          <Nothing title="No file has come for this run yet" />
        ) : (
          <DataTable
            caption="Batches of this run"
            columns={BATCH_COLUMNS}
            rows={run.batches}
            rowId={(batch) => String(batch.id)}
            onOpen={(batch) => void navigate({ to: "/batches/$batchId", params: { batchId: String(batch.id) } })}
          />
        )}
      </Section>
      {run.messages.length > 0 && (
        <Section title="Reported to">
          <Stack gap="xs">
            {run.messages.map(({ id: messageId, recipient, event, state, createdAt, error }) => (
              <Text key={messageId} component="div">
                {recipient}: {codeText(event ?? "report")}, {state} <When at={createdAt} />
                {error !== null && ` · ${error.message}`}
              </Text>
            ))}
          </Stack>
        </Section>
      )}
    </Page>
  );
}

const timeOf = (at: string | null) => (at === null ? undefined : <When at={at} as="time" />);

function starter({ trigger: { by, actor } }: RunDetail): string {
  if (by === "schedule") return "The project's schedule";
  return by === "person" ? (actor ?? "A person") : "Its first file";
}
