import type { ListedMessage } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { codeText } from "../../parts/code-text.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { notify } from "../../parts/notify.ts";
import { Section } from "../../parts/section.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { type Choice, ChooseAll, ChooseOne, useChoice } from "./choice.tsx";
import { deadMessagesQuery } from "./operations-queries.ts";

/** As many as one request sends again. */
const MOST_AT_ONCE = 1_000;

/** E-mails and events that could not be sent, and sending them again. */
export function DeadMessages() {
  const may = useMay();
  const queryClient = useQueryClient();
  const list = useInfiniteQuery(deadMessagesQuery);
  const messages = list.data?.pages.flatMap((page) => page.messages) ?? [];
  const choice = useChoice(messages.map(({ id }) => id));
  const send = useMutation({
    mutationFn: (ids: readonly number[]) => api.retryMessages({ ids: ids.slice(0, MOST_AT_ONCE) }),
    onSuccess: ({ retried }) => {
      choice.clear();
      notify(`${count(retried, "message")} will be sent again in a moment.`);
    },
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["operations"] }),
  });
  const canSend = may("operate");
  return (
    <div id="dead-letters">
      <Section
        title="Messages that were not sent"
        lead="Tried for as long as it made sense, then given up. Mend the reason, and send them again."
        flush
        actions={
          canSend &&
          choice.chosen.length > 0 && (
            <Button
              size="xs"
              leftSection={<IconSend size={15} aria-hidden />}
              loading={send.isPending}
              onClick={() => send.mutate(choice.chosen)}
            >
              Send {figure(choice.chosen.length)} again
            </Button>
          )
        }
      >
        {send.isError && <Failure error={send.error} />}
        {list.isPending && <Waiting lines={3} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && messages.length === 0 && (
          <Group p="md">
            <Mark tone="good">All messages went out</Mark>
          </Group>
        )}
        {messages.length > 0 && (
          <DataTable
            caption="Messages that were not sent, the newest first"
            columns={columnsFor(
              canSend ? { choice, send: (id) => send.mutate([id]), busy: busyWith(send) } : undefined,
            )}
            rows={messages}
            rowId={({ id }) => String(id)}
            foot={<ShowOlder list={list} />}
          />
        )}
      </Section>
    </div>
  );
}

const busyWith = ({ isPending, variables }: { isPending: boolean; variables: readonly number[] | undefined }) =>
  isPending ? (variables ?? []) : [];

interface Sending {
  choice: Choice;
  send: (id: number) => void;
  busy: readonly number[];
}

const column = columnsOf<ListedMessage>();

const columnsFor = (sending: Sending | undefined) => [
  ...(sending === undefined
    ? []
    : [
        column.display({
          id: "choose",
          header: () => <ChooseAll choice={sending.choice} />,
          cell: ({ row: { original } }) => (
            <ChooseOne choice={sending.choice} id={original.id} what={`the message to ${original.recipient}`} />
          ),
        }),
      ]),
  column.accessor("recipient", {
    header: "To",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <Text span fw={560}>
          {original.recipient}
        </Text>
        <Text span fz="sm" c="var(--quiet)">
          {original.event === null ? codeText(original.kind) : codeText(original.event.replace(".", " "))} ·{" "}
          {original.client}/{original.project} · <Belongs message={original} />
        </Text>
        <Text span fz="sm" c="var(--bad)">
          {original.error?.message ?? original.response}
        </Text>
      </Stack>
    ),
  }),
  column.accessor("attempts", {
    header: "Attempts",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => figure(getValue()),
  }),
  column.accessor("finishedAt", {
    header: "Given up",
    meta: { align: "end", from: "sm" },
    cell: ({ row: { original } }) => <When at={original.finishedAt ?? original.createdAt} />,
  }),
  ...(sending === undefined
    ? []
    : [
        column.display({
          id: "send",
          header: () => <span className="only-for-readers">Send again</span>,
          meta: { align: "end" },
          cell: ({ row: { original } }) => (
            <Button
              size="compact-sm"
              variant="subtle"
              loading={sending.busy.length === 1 && sending.busy[0] === original.id}
              onClick={() => sending.send(original.id)}
            >
              Send again
            </Button>
          ),
        }),
      ]),
];

function Belongs({ message: { batchId, runId } }: { message: ListedMessage }) {
  if (batchId !== null) {
    return (
      <PageLink to="/batches/$batchId" params={{ batchId: String(batchId) }}>
        Batch {batchId}
      </PageLink>
    );
  }
  return (
    runId !== null && (
      <PageLink to="/runs/$runId" params={{ runId: String(runId) }}>
        Run {runId}
      </PageLink>
    )
  );
}
