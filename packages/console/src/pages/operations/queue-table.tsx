import type { Operations, QueueState } from "@inlet/contracts";
import { duration, figure } from "@inlet/contracts/figures";
import { Button, Stack, Text } from "@mantine/core";
import { IconExternalLink } from "@tabler/icons-react";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./queue-table.module.css";
import { queueWord } from "./queue-words.ts";

/** A queue, and the depth of the deepest: bars are compared with one another. */
interface QueueRow extends QueueState {
  deepest: number;
}

const depthOf = ({ waiting, active, delayed, held }: QueueState) => waiting + active + delayed + held;

const column = columnsOf<QueueRow>();
const COLUMNS = [
  column.accessor("queue", {
    header: "Queue",
    cell: ({ getValue }) => (
      <Text span fw={560}>
        {queueWord(getValue())}
      </Text>
    ),
  }),
  column.display({
    id: "depth",
    header: "Depth",
    meta: { grow: true },
    cell: ({ row: { original } }) => <Depth queue={original} />,
  }),
  column.accessor("oldestWaitingMs", {
    header: "Oldest waits",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => {
      const waitingMs = getValue();
      return waitingMs === null ? <Quiet>–</Quiet> : duration(waitingMs);
    },
  }),
  column.display({
    id: "rate",
    header: "Per minute",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => (
      <>
        {rate(original.throughput.last5.donePerMinute)}
        <Text fz="sm" c="var(--quiet)">
          {rate(original.throughput.last60.donePerMinute)} in the hour
        </Text>
      </>
    ),
  }),
  column.display({
    id: "retried",
    header: "Tried again",
    meta: { align: "end", from: "md" },
    cell: ({ row: { original } }) => <InAnHour number={original.throughput.last60.retried} />,
  }),
  column.display({
    id: "givenUp",
    header: "Given up",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => <InAnHour number={original.throughput.last60.failed} />,
  }),
  column.accessor("failed", {
    id: "failedNow",
    header: "Failed now",
    meta: { align: "end" },
    cell: ({ getValue, row: { original } }) =>
      getValue() === 0 ? (
        <Quiet>0</Quiet>
      ) : (
        <a href={original.queue === "send" ? "#dead-letters" : "#failed-steps"} className={classes.failed}>
          {figure(getValue())}
        </a>
      ),
  }),
];

/** What waits, what is worked on, and how fast it goes. */
export function QueueTable({ hub }: { hub: Operations }) {
  const deepest = Math.max(1, ...hub.queues.map(depthOf));
  return (
    <Section
      title="Queues"
      flush
      actions={
        <Button
          component="a"
          href="/operations/queues"
          target="_blank"
          rel="noreferrer"
          variant="default"
          size="xs"
          rightSection={<IconExternalLink size={14} aria-hidden />}
        >
          Queues in detail
        </Button>
      }
    >
      <DataTable
        caption="Queues: how deep they are, and how fast they go"
        columns={COLUMNS}
        rows={hub.queues.map((queue) => ({ ...queue, deepest }))}
        rowId={({ queue }) => queue}
      />
      {hub.heldBack.length > 0 && (
        <ul className={classes.held} aria-label="Held back">
          {hub.heldBack.map(({ queue, reason, client, steps, oldestAt }) => (
            <li key={`${queue} ${reason} ${client}`}>
              {figure(steps)} of{" "}
              <PageLink to="/activity" search={{ client, status: "received,running" }}>
                {client}
              </PageLink>{" "}
              {steps === 1 ? "is" : "are"} held before {queueWord(queue).toLowerCase()}:{" "}
              {reason === "limits"
                ? "the client has as many under way as it may"
                : "an older import of the same table goes first"}
              . The oldest came <When at={oldestAt} />.
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}

const PARTS = ["active", "waiting", "delayed", "held"] as const;
const PART_WORDS = { active: "being worked on", waiting: "waiting", delayed: "not due yet", held: "held" } as const;

function Depth({ queue }: { queue: QueueRow }) {
  const there = PARTS.filter((part) => queue[part] > 0);
  return (
    <Stack gap={4}>
      <span className={classes.bar} aria-hidden>
        {there.map((part) => (
          <span
            key={part}
            className={classes.part}
            data-part={part}
            style={{ width: `${(queue[part] / queue.deepest) * 100}%` }}
          />
        ))}
      </span>
      <Text fz="sm" c="var(--quiet)">
        {there.length === 0 ? "Empty" : there.map((part) => `${figure(queue[part])} ${PART_WORDS[part]}`).join(" · ")}
      </Text>
    </Stack>
  );
}

function InAnHour({ number }: { number: number }) {
  return number === 0 ? <Quiet>0</Quiet> : figure(number);
}

function Quiet({ children }: { children: string }) {
  return (
    <Text span c="var(--quiet)">
      {children}
    </Text>
  );
}

const rate = (perMinute: number) => (perMinute >= 10 ? figure(Math.round(perMinute)) : String(perMinute));
