import type { WorkerView } from "@inlet/contracts";
import { bytes, figure } from "@inlet/contracts/figures";
import { Button, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Nothing } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { queueWord } from "./queue-words.ts";

const STATES: Readonly<Record<WorkerView["state"], { tone: Tone; word: string }>> = {
  alive: { tone: "good", word: "Alive" },
  silent: { tone: "bad", word: "Not heard of" },
  stopped: { tone: "still", word: "Ended" },
};
/** What asks for attention comes first. */
const ORDER: readonly WorkerView["state"][] = ["silent", "alive", "stopped"];

const column = columnsOf<WorkerView>();
const COLUMNS = [
  column.accessor("service", {
    header: "Service",
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <Text span fw={560} style={{ whiteSpace: "nowrap" }}>
          {original.service}
        </Text>
        <Text span fz="sm" c="var(--quiet)" style={{ whiteSpace: "nowrap" }}>
          {original.host}, process {original.pid}
        </Text>
      </Stack>
    ),
  }),
  column.accessor("state", {
    header: "State",
    cell: ({ getValue }) => <Mark tone={STATES[getValue()].tone}>{STATES[getValue()].word}</Mark>,
  }),
  column.display({
    id: "work",
    header: "Works on",
    meta: { grow: true, from: "sm" },
    cell: ({ row: { original } }) => <Work worker={original} />,
  }),
  column.accessor("memoryBytes", {
    header: "Memory",
    meta: { align: "end", from: "md" },
    cell: ({ getValue }) => bytes(getValue()),
  }),
  column.accessor("version", {
    header: "Version",
    meta: { align: "end", from: "lg" },
    cell: ({ getValue }) => getValue(),
  }),
  column.accessor("startedAt", {
    header: "Started",
    meta: { align: "end", from: "md" },
    cell: ({ getValue }) => <When at={getValue()} />,
  }),
  column.accessor("heardAt", {
    header: "Last heard",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => <When at={getValue()} />,
  }),
];

/** The processes of all services: who is alive, and what they are at. */
export function WorkerTable({ workers }: { workers: readonly WorkerView[] }) {
  const [withEnded, setWithEnded] = useState(false);
  const ended = workers.filter(({ state }) => state === "stopped").length;
  const shown = workers
    .filter(({ state }) => withEnded || state !== "stopped")
    .toSorted(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        a.service.localeCompare(b.service) ||
        a.id.localeCompare(b.id),
    );
  return (
    <Section
      title="Services"
      flush
      actions={
        ended > 0 && (
          <Button size="xs" variant="subtle" onClick={() => setWithEnded(!withEnded)}>
            {withEnded ? "Hide those that ended" : `Show ${figure(ended)} that ended`}
          </Button>
        )
      }
    >
      {shown.length === 0 ? (
        <Nothing title="No service was heard of">
          Start the services: each says every few seconds that it is there.
        </Nothing>
      ) : (
        <DataTable caption="Processes of the services" columns={COLUMNS} rows={shown} rowId={({ id }) => id} />
      )}
    </Section>
  );
}

function Work({ worker: { working, active } }: { worker: WorkerView }) {
  const [first] = working;
  if (first === undefined) {
    return (
      <Text span fz="sm" c="var(--quiet)">
        Nothing just now
      </Text>
    );
  }
  return (
    <Text span fz="sm" lineClamp={2}>
      {queueWord(first.queue)} of{" "}
      <PageLink to="/batches/$batchId" params={{ batchId: String(first.batchId) }}>
        {first.fileName}
      </PageLink>
      {active > 1 && ` and ${figure(active - 1)} more`}
    </Text>
  );
}
