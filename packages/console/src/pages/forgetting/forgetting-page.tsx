import type { ForgetBody, Forgetting } from "@inlet/contracts";
import { Button, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Ask } from "../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { profileQuery } from "../project/project-queries.ts";
import { ForgetForm } from "./forget-form.tsx";
import { forgettingsQuery } from "./forgetting-queries.ts";
import { extentOf, FORGETTING_WORDS, whoOf } from "./forgetting-words.ts";

const route = getRouteApi("/signed-in/projects/$client/$project");
const column = columnsOf<Forgetting>();

/** Recipients of a project who want to be forgotten: asking for it, and how far it is. */
export function ForgettingPage() {
  const path = route.useParams();
  const { client, project } = path;
  const queryClient = useQueryClient();
  const { data } = useSuspenseQuery(profileQuery(path));
  const orders = useInfiniteQuery(forgettingsQuery(path));
  const [confirming, setConfirming] = useState<Forgetting>();
  const refresh = () => queryClient.invalidateQueries({ queryKey: forgettingsQuery(path).queryKey });
  const ask = async (body: ForgetBody) => {
    await api.forget(client, project, body);
    await refresh();
  };
  const columns = [
    column.display({
      id: "who",
      header: "Who",
      meta: { grow: true },
      cell: ({ row: { original } }) => <Who order={original} />,
    }),
    column.accessor("state", {
      header: "State",
      cell: ({ getValue }) => {
        const { tone, word } = FORGETTING_WORDS[getValue()];
        return <Mark tone={tone}>{word}</Mark>;
      },
    }),
    column.accessor("createdAt", {
      header: "Asked",
      meta: { from: "sm" },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <When at={original.createdAt} as="time" />
          <Text fz="sm" c="var(--quiet)">
            by {original.actor}
          </Text>
        </Stack>
      ),
    }),
    column.display({
      id: "actions",
      header: () => <span className="only-for-readers">Actions</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) => (
        <Actions
          order={original}
          onConfirm={() => setConfirming(original)}
          onDrop={() => void api.dropForgetting(client, project, original.id).finally(refresh)}
          onRetry={() => void api.retryForgetting(client, project, original.id).finally(refresh)}
        />
      ),
    }),
  ];
  const rows = orders.data?.pages.flatMap(({ forgettings }) => forgettings) ?? [];
  return (
    <Stack gap="lg">
      <Section
        title="Forget a recipient"
        lead="Links close for good, fields are overwritten in stored files, files as they were sent and videos go, and so do rows of tables. Batches that are touched can never be run again."
      >
        <ForgetForm profile={data.profile} onAsk={ask} />
      </Section>
      <Section title="Asked so far" lead="What was asked for by value is told to nobody." flush>
        {orders.isPending ? (
          <Waiting lines={3} />
        ) : orders.isError ? (
          <Failure error={orders.error} retry={() => void orders.refetch()} />
        ) : rows.length === 0 ? (
          <Nothing title="Nobody was to be forgotten yet" />
        ) : (
          <>
            <DataTable
              caption="Recipients who were to be forgotten"
              columns={columns}
              rows={rows}
              rowId={({ id }) => String(id)}
            />
            <ShowOlder list={orders} />
          </>
        )}
      </Section>
      {confirming !== undefined && (
        <Ask
          opened
          danger
          title="Forget this recipient?"
          verb="Forget for good"
          onClose={() => setConfirming(undefined)}
          onYes={() => api.confirmForgetting(client, project, confirming.id).then(refresh)}
        >
          {whoOf(confirming)}: {extentOf(confirming)}. There is no way back, and none of these batches can be run again.
        </Ask>
      )}
    </Stack>
  );
}

function Who({ order }: { order: Forgetting }) {
  const { state, waitsFor, error, unsearched, unsearchedCount, batches, batchesDone } = order;
  return (
    <Stack gap={0}>
      <Text fw={560}>{whoOf(order)}</Text>
      <Text fz="sm" c="var(--quiet)">
        {extentOf(order)}
        {state === "removing" && `; ${batchesDone} of ${batches} done`}
        {order.reason !== null && ` · ${order.reason}`}
      </Text>
      {waitsFor !== null && <Text fz="sm">Waits for the end of batch {waitsFor}.</Text>}
      {error !== null && (
        <Text fz="sm" c="var(--warning)">
          {error.message}
        </Text>
      )}
      {unsearchedCount > 0 && (
        <Text fz="sm" c="var(--warning)" component="div">
          Nobody knows what is in files that could not be opened:{" "}
          {unsearched.slice(0, 10).map((id) => (
            <span key={id}>
              <PageLink to="/batches/$batchId" params={{ batchId: String(id) }}>
                Batch {id}
              </PageLink>{" "}
            </span>
          ))}
          {unsearchedCount > 10 && `and ${unsearchedCount - 10} more`}
        </Text>
      )}
    </Stack>
  );
}

interface ActionsProps {
  order: Forgetting;
  onConfirm: () => void;
  onDrop: () => void;
  onRetry: () => void;
}

function Actions({ order: { state }, onConfirm, onDrop, onRetry }: ActionsProps) {
  if (state === "failed") {
    return (
      <Button size="xs" variant="default" onClick={onRetry}>
        Try again
      </Button>
    );
  }
  if (state !== "found") return null;
  return (
    <Group gap="xs" wrap="nowrap" justify="flex-end">
      <Button size="xs" variant="default" onClick={onDrop}>
        Drop
      </Button>
      <Button size="xs" onClick={onConfirm}>
        Forget …
      </Button>
    </Group>
  );
}
