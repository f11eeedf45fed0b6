import type { WebhookDelivery } from "@inlet/contracts";
import { duration } from "@inlet/contracts/figures";
import { Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { When } from "../../parts/when.tsx";

const STATES: Readonly<Record<WebhookDelivery["state"], { tone: Tone; word: string }>> = {
  waiting: { tone: "still", word: "Waiting" },
  sending: { tone: "busy", word: "Being sent" },
  delivered: { tone: "good", word: "Delivered" },
  failed: { tone: "bad", word: "Failed" },
};

const column = columnsOf<WebhookDelivery>();

interface DeliveryListProps {
  deliveries: readonly WebhookDelivery[];
  onResent: () => unknown;
  more: (() => void) | undefined;
}

/** What a webhook was told, what it answered, and sending it again. */
export function DeliveryList({ deliveries, onResent, more }: DeliveryListProps) {
  const may = useMay();
  const resend = useMutation({ mutationFn: (id: number) => api.resendDelivery(id), onSettled: onResent });
  const columns = [
    column.accessor("state", {
      header: "State",
      cell: ({ getValue }) => <Mark tone={STATES[getValue()].tone}>{STATES[getValue()].word}</Mark>,
    }),
    column.accessor("event", {
      header: "Event",
      meta: { grow: true },
      cell: ({ row: { original } }) => <Told delivery={original} />,
    }),
    column.display({
      id: "answer",
      header: "Answer",
      meta: { from: "sm" },
      cell: ({ row: { original } }) => <Answer delivery={original} />,
    }),
    column.accessor("createdAt", {
      header: "At",
      meta: { align: "end" },
      cell: ({ getValue }) => <When at={getValue()} />,
    }),
    column.display({
      id: "resend",
      header: () => <span className="only-for-readers">Send again</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) =>
        may("configure") &&
        (original.state === "delivered" || original.state === "failed") && (
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconSend size={14} aria-hidden />}
            loading={resend.isPending && resend.variables === original.id}
            onClick={() => resend.mutate(original.id)}
          >
            Send again
          </Button>
        ),
    }),
  ];
  return (
    <DataTable
      caption="What the webhook was told, the newest first"
      columns={columns}
      rows={deliveries}
      rowId={({ id }) => String(id)}
      foot={
        more && (
          <Group justify="center" p="sm">
            <Button variant="subtle" onClick={more}>
              Show older ones
            </Button>
          </Group>
        )
      }
    />
  );
}

function Told({ delivery: { event, batchId, runId, attempts, nextAttemptAt } }: { delivery: WebhookDelivery }) {
  return (
    <Stack gap={0}>
      <span>
        {event}
        {batchId !== null && (
          <>
            {" "}
            ·{" "}
            <PageLink to="/batches/$batchId" params={{ batchId: String(batchId) }} underline="always">
              Batch {batchId}
            </PageLink>
          </>
        )}
        {batchId === null && runId !== null && (
          <>
            {" "}
            ·{" "}
            <PageLink to="/runs/$runId" params={{ runId: String(runId) }} underline="always">
              Run {runId}
            </PageLink>
          </>
        )}
      </span>
      {attempts > 1 && (
        <Text fz="sm" c="var(--quiet)">
          {attempts} attempts
          {nextAttemptAt !== null && (
            <>
              , the next <When at={nextAttemptAt} />
            </>
          )}
        </Text>
      )}
    </Stack>
  );
}

function Answer({ delivery: { lastAttempt, error } }: { delivery: WebhookDelivery }) {
  if (lastAttempt === null) return null;
  const { status, durationMs, answer } = lastAttempt;
  return (
    <Stack gap={0}>
      <Text fz="sm">
        {status ?? "No answer"} in {duration(durationMs)}
      </Text>
      {(error ?? lastAttempt.error) !== null && (
        <Text fz="sm" c="var(--quiet)" maw={320}>
          {(error ?? lastAttempt.error)?.message}
        </Text>
      )}
      {answer !== "" && <Code fz="xs">{answer.slice(0, 80)}</Code>}
    </Stack>
  );
}
