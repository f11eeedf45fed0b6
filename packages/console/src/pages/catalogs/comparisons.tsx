import type { Reconciliation, ReconciliationState, SubscriptionView } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Box, Button, Checkbox, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { comparisonsQuery } from "./subscription-query.ts";

const STATES: Readonly<Record<ReconciliationState, { tone: Tone; word: string }>> = {
  due: { tone: "still", word: "Waiting" },
  running: { tone: "busy", word: "Comparing" },
  done: { tone: "good", word: "Alike" },
  failed: { tone: "bad", word: "Failed" },
  skipped: { tone: "still", word: "Skipped" },
};

const KINDS = {
  missing_there: "not there",
  missing_here: "not here",
  different: "differs",
  invalid: "is refused by our check",
} as const;

/** Of each comparison; the API tells of a few more. */
const SAMPLES_SHOWN = 5;

const column = columnsOf<Reconciliation>();
const COLUMNS = [
  column.accessor("state", {
    header: "Result",
    meta: { from: "sm" },
    cell: ({ row }) => <Result comparison={row.original} />,
  }),
  column.display({
    id: "found",
    header: "Found",
    meta: { grow: true },
    cell: ({ row }) => (
      <Stack gap={2}>
        <Box hiddenFrom="sm">
          <Result comparison={row.original} />
        </Box>
        <Found comparison={row.original} />
      </Stack>
    ),
  }),
  column.accessor("createdAt", {
    header: "At",
    meta: { align: "end" },
    cell: ({ row: { original } }) => (
      <Stack gap={0} align="flex-end">
        <When at={original.startedAt ?? original.createdAt} />
        <Text fz="sm" c="var(--quiet)" visibleFrom="sm">
          {original.dueAt === null ? `Asked for${original.actor === null ? "" : ` by ${original.actor}`}` : "Scheduled"}
        </Text>
      </Stack>
    ),
  }),
];

/** Comparisons of the catalog with what the other system has, and asking for one. */
export function Comparisons({ subscription: { id, name, state } }: { subscription: SubscriptionView }) {
  const may = useMay();
  const queryClient = useQueryClient();
  const comparisons = useInfiniteQuery(comparisonsQuery(id));
  const [asking, setAsking] = useState(false);
  const [mend, setMend] = useState(false);
  const rows = comparisons.data?.pages.flatMap((page) => page.reconciliations) ?? [];
  const compare = async () => {
    await api.reconcile(id, { mend });
    await queryClient.invalidateQueries({ queryKey: ["subscription", id] });
  };
  return (
    <Section
      title="Comparisons of both sides"
      flush
      actions={
        may("operate") &&
        state !== "ended" && (
          <Button size="xs" variant="default" onClick={() => setAsking(true)}>
            Compare now
          </Button>
        )
      }
    >
      {comparisons.isPending && <Waiting />}
      {comparisons.isError && <Failure error={comparisons.error} />}
      {comparisons.isSuccess && rows.length === 0 && (
        <Nothing title="Never compared">
          A comparison reads everything that the other system has, and tells what differs.
        </Nothing>
      )}
      {rows.length > 0 && (
        <DataTable
          caption="Comparisons, the newest first"
          columns={COLUMNS}
          rows={rows}
          rowId={(row) => String(row.id)}
          foot={<ShowOlder list={comparisons} />}
        />
      )}
      {asking && (
        <Ask opened onClose={() => setAsking(false)} title={`Compare with ${name}?`} verb="Compare" onYes={compare}>
          <Stack gap="md">
            <span>Every item that the other system has is read and compared with ours.</span>
            <Checkbox
              checked={mend}
              onChange={(event) => setMend(event.currentTarget.checked)}
              label="Mend what differs"
              description="By the catalog's conflict rules: ours is sent again, or theirs taken."
            />
          </Stack>
        </Ask>
      )}
    </Section>
  );
}

function Result({ comparison: { state, result } }: { comparison: Reconciliation }) {
  const drift = result === null ? 0 : result.missingThere + result.missingHere + result.different + result.invalid;
  if (state === "done" && drift > 0) return <Mark tone="warning">{count(drift, "item")} differed</Mark>;
  return <Mark tone={STATES[state].tone}>{STATES[state].word}</Mark>;
}

function Found({ comparison: { result, error } }: { comparison: Reconciliation }) {
  if (result === null) return error === null ? null : <Text fz="sm">{error.message}</Text>;
  const { here, there, missingThere, missingHere, different, invalid, inFlight } = result;
  const { sent, taken, left, caution, samples } = result;
  const parts = [
    missingThere > 0 && `${figure(missingThere)} not there`,
    missingHere > 0 && `${figure(missingHere)} not here`,
    different > 0 && `${figure(different)} different`,
    invalid > 0 && `${figure(invalid)} that our check refuses`,
    inFlight > 0 && `${figure(inFlight)} not compared, because they were being changed`,
    sent > 0 && `${figure(sent)} sent again`,
    taken > 0 && `${figure(taken)} taken`,
    left > 0 && `${figure(left)} left as they are`,
  ].filter((part) => part !== false);
  return (
    <Stack gap={0}>
      <Text fz="sm">
        {count(here, "item")} here, {figure(there)} there{parts.length > 0 && `: ${parts.join(", ")}`}
      </Text>
      {caution !== null && <Text fz="sm">{caution}</Text>}
      {samples.slice(0, SAMPLES_SHOWN).map(({ kind, key, columns }) => (
        <Text key={`${kind} ${key}`} fz="sm" c="var(--quiet)">
          {key} {KINDS[kind]}
          {columns.length > 0 && ` in ${columns.join(", ")}`}
        </Text>
      ))}
    </Stack>
  );
}
