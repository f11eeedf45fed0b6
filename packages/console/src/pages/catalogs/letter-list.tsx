import type { SubscriptionView, SyncLetter } from "@inlet/contracts";
import { Box, Button, Flex, Group, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client.ts";
import { useMay } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark, type Tone } from "../../parts/mark.tsx";
import { Failure } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";

const STATES: Readonly<Record<SyncLetter["state"], { tone: Tone; word: string }>> = {
  retrying: { tone: "busy", word: "Retrying" },
  dead: { tone: "bad", word: "Given up" },
  dismissed: { tone: "still", word: "Dismissed" },
};

const column = columnsOf<SyncLetter>();

interface LetterListProps {
  subscription: SubscriptionView;
  letters: readonly SyncLetter[];
  onChanged: () => unknown;
  foot: ReactNode;
}

/** Items that one side did not take: why, and what a person may do about it. */
export function LetterList({ subscription, letters, onChanged, foot }: LetterListProps) {
  const may = useMay();
  const [dismissing, setDismissing] = useState<SyncLetter>();
  const retry = useMutation({
    mutationFn: ({ subscriptionId, id }: SyncLetter) => api.retryLetter(subscriptionId, id),
    onSettled: onChanged,
  });
  const columns = [
    column.accessor("state", {
      header: "State",
      meta: { from: "sm" },
      cell: ({ row }) => <LetterMark letter={row.original} />,
    }),
    column.accessor("key", {
      header: "Item, and why",
      meta: { grow: true },
      cell: ({ row: { original } }) => (
        <Stack gap={2}>
          <Group gap="xs">
            <ItemLink letter={original} subscription={subscription} />
            <Text span fz="sm" c="var(--quiet)">
              {original.direction === "out" ? "on its way out" : "on its way in"}
            </Text>
          </Group>
          <Box hiddenFrom="sm">
            <LetterMark letter={original} />
          </Box>
          <Why letter={original} />
        </Stack>
      ),
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
          <Flex direction={{ base: "column", sm: "row" }} gap={4} justify="flex-end">
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
          </Flex>
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

function LetterMark({ letter: { state } }: { letter: SyncLetter }) {
  return <Mark tone={STATES[state].tone}>{STATES[state].word}</Mark>;
}

/** The item, with the way to its history for those who may see what is in it. */
function ItemLink({ letter: { key }, subscription }: { letter: SyncLetter; subscription: SubscriptionView }) {
  const may = useMay();
  const { client, project, catalog: table } = subscription;
  if (key === null) return <b>Unknown</b>;
  if (!may("files")) return <b>{key}</b>;
  return (
    <PageLink to="/catalogs/$client/$project/$table" params={{ client, project, table }} search={{ key }} fw={560}>
      {key}
    </PageLink>
  );
}

function Why({ letter: { error, findings, dismissed, nextAttemptAt } }: { letter: SyncLetter }) {
  return (
    <Stack gap={0}>
      {/* What stands in the findings is the same, said of each column. */}
      {error !== null && findings.length === 0 && <Text fz="sm">{error.message}</Text>}
      {findings.map(({ column: name, code, message, value }) => (
        <Text key={`${name} ${code}`} fz="sm">
          {message}
          {value !== null && value !== "" && (
            <>
              {" "}
              It is <b>{value}</b>.
            </>
          )}
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
