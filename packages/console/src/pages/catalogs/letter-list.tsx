import type { SyncLetter } from "@inlet/contracts";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Failure } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";

const STATES: Readonly<Record<SyncLetter["state"], { tone: Tone; word: string }>> = {
  retrying: { tone: "busy", word: "Tried again" },
  dead: { tone: "bad", word: "Given up" },
  dismissed: { tone: "still", word: "Dismissed" },
};

const column = columnsOf<SyncLetter>();

interface LetterListProps {
  letters: readonly SyncLetter[];
  onChanged: () => unknown;
  foot: ReactNode;
}

/** Items that one side did not take: why, and what a person may do about it. */
export function LetterList({ letters, onChanged, foot }: LetterListProps) {
  const may = useMay();
  const [dismissing, setDismissing] = useState<SyncLetter>();
  const retry = useMutation({
    mutationFn: ({ subscriptionId, id }: SyncLetter) => api.retryLetter(subscriptionId, id),
    onSettled: onChanged,
  });
  const columns = [
    column.accessor("state", {
      header: "State",
      cell: ({ getValue }) => <Mark tone={STATES[getValue()].tone}>{STATES[getValue()].word}</Mark>,
    }),
    column.accessor("key", {
      header: "Item",
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <span>{original.key ?? "Unknown"}</span>
          <Text fz="sm" c="var(--quiet)">
            {original.direction === "out" ? "On its way out" : "On its way in"}
          </Text>
        </Stack>
      ),
    }),
    column.display({
      id: "why",
      header: "Why",
      meta: { grow: true },
      cell: ({ row }) => <Why letter={row.original} />,
    }),
    column.accessor("changedAt", {
      header: "Last tried",
      meta: { from: "sm", align: "end" },
      cell: ({ row: { original } }) => (
        <Stack gap={0} align="flex-end">
          <When at={original.changedAt} />
          {original.attempts > 1 && (
            <Text fz="sm" c="var(--quiet)">
              {original.attempts} attempts
            </Text>
          )}
        </Stack>
      ),
    }),
    column.display({
      id: "act",
      header: () => <span className="only-for-readers">What to do</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) =>
        may("operate") &&
        original.state !== "dismissed" && (
          <Group gap={4} wrap="nowrap" justify="flex-end">
            <Button
              size="compact-sm"
              variant="subtle"
              leftSection={<IconRefresh size={14} aria-hidden />}
              loading={retry.isPending && retry.variables.id === original.id}
              onClick={() => retry.mutate(original)}
            >
              Try again
            </Button>
            <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setDismissing(original)}>
              Dismiss
            </Button>
          </Group>
        ),
    }),
  ];
  return (
    <>
      {retry.isError && <Failure error={retry.error} />}
      <DataTable
        caption="Items that one side did not take, the newest first"
        columns={columns}
        rows={letters}
        rowId={({ id }) => String(id)}
        foot={foot}
      />
      {dismissing !== undefined && (
        <Ask
          opened
          onClose={() => setDismissing(undefined)}
          title={`Dismiss ${dismissing.key ?? "this item"}?`}
          verb="Dismiss"
          reason="needed"
          onYes={async (reason) => {
            await api.dismissLetter(dismissing.subscriptionId, dismissing.id, { reason: reason ?? "" });
            await onChanged();
          }}
        >
          The two sides stay as they are, different in this item. Its next change is sent as ever.
        </Ask>
      )}
    </>
  );
}

function Why({ letter: { error, findings, dismissed, nextAttemptAt } }: { letter: SyncLetter }) {
  return (
    <Stack gap={0}>
      {error !== null && <Text fz="sm">{error.message}</Text>}
      {findings.map(({ column: name, code, message, value }) => (
        <Text key={`${name} ${code}`} fz="sm">
          {name !== null && <b>{name}: </b>}
          {message}
          {value !== null && value !== "" && ` (${value})`}
        </Text>
      ))}
      {nextAttemptAt !== null && (
        <Text fz="sm" c="var(--quiet)">
          Next attempt <When at={nextAttemptAt} />
        </Text>
      )}
      {dismissed !== null && (
        <Text fz="sm" c="var(--quiet)">
          Dismissed{dismissed.by !== null && ` by ${dismissed.by}`}: {dismissed.reason}
        </Text>
      )}
    </Stack>
  );
}
