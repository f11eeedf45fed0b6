import type { PulledTable, PullStates } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Group, Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import { PullMark, reasonOf } from "./pull-words.tsx";

const column = columnsOf<PulledTable>();
const COLUMNS = [
  column.display({
    id: "table",
    header: "Table",
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <Text span fw={560}>
          {original.table}
        </Text>
        {original.resource !== original.table && (
          <Text span fz="sm" c="var(--quiet)">
            {original.resource}
          </Text>
        )}
        {original.mode === "incremental" && (
          <Text span fz="sm" c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
            Only changes
          </Text>
        )}
      </Stack>
    ),
  }),
  column.display({
    id: "state",
    header: "Last pull",
    meta: { grow: true },
    cell: ({ row: { original } }) => <LastPull table={original} />,
  }),
  column.display({
    id: "expected",
    header: "Expected",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => figure(original.last?.expected ?? null),
  }),
  column.display({
    id: "received",
    header: "Received",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => figure(original.last?.received ?? null),
  }),
  column.display({
    id: "imported",
    header: "Imported",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => figure(original.last?.batch?.imported ?? null),
  }),
  column.display({
    id: "good",
    header: "Up to date as of",
    meta: { align: "end", from: "md" },
    cell: ({ row: { original } }) =>
      original.lastGood === null ? <Text c="var(--quiet)">never</Text> : <When at={original.lastGood.at} />,
  }),
];

function LastPull({ table: { last, cursor } }: { table: PulledTable }) {
  if (last === null) return <Mark tone="still">Not pulled yet</Mark>;
  const reason = reasonOf(last);
  return (
    <Stack gap={2}>
      <Group gap="xs">
        <PullMark pull={last} />
        <PageLink to="/pulls/$pullId" params={{ pullId: String(last.id) }} fz="sm">
          Pull {last.id}
        </PageLink>
        <Text span fz="sm" c="var(--quiet)">
          <When at={last.endedAt ?? last.startedAt ?? last.askedAt} />
        </Text>
      </Group>
      {reason !== undefined && (
        <Text fz="sm" c="var(--quiet)">
          {reason.message}
        </Text>
      )}
      {cursor !== null && (
        <Text fz="sm" c="var(--quiet)">
          Next: what has changed since {cursor}
        </Text>
      )}
    </Stack>
  );
}

/** Each pulled table with its newest pull. */
export function PulledTables({ state }: { state: PullStates }) {
  const navigate = useNavigate();
  return (
    <Section title="Tables" flush>
      <DataTable
        caption="Pulled tables, each with its newest pull"
        columns={COLUMNS}
        rows={state.tables}
        rowId={({ table }) => table}
        onOpen={({ last }) =>
          last !== null && void navigate({ to: "/pulls/$pullId", params: { pullId: String(last.id) } })
        }
      />
    </Section>
  );
}
