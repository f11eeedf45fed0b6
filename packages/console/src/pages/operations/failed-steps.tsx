import type { FailedStep, FailedStepPage } from "@inlet/contracts";
import { figure } from "@inlet/contracts/figures";
import { Button, Group, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useChanges } from "../../api/live.ts";
import { useMay } from "../../api/session.ts";
import { useThrottled } from "../../api/throttle.ts";
import { Ask } from "../../parts/ask.tsx";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { ShowOlder } from "../../parts/show-older.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { type Choice, ChooseAll, ChooseOne, useChoice } from "./choice.tsx";
import type { FailedStepFilter } from "./failed-step-filter.ts";
import { FailureReasons } from "./failure-reasons.tsx";
import { failedStepsQuery } from "./operations-queries.ts";
import { queueWord } from "./queue-words.ts";
import { RetryOutcome } from "./retry-outcome.tsx";
import { failedBatches, type Retried, retryBatches } from "./retrying.ts";

/** A retry changes many batches, one after the other: the list is asked for so often at most. */
const LOOK_MS = 2_000;

type Reason = FailedStepPage["reasons"][number];

/** What is to be retried: batches that were chosen, or all that failed for one reason. */
type Asked = { batchIds: readonly number[] } | { reason: Reason };

/** What failed for good, by reason, and the way to set many under way again. */
export function FailedSteps({ filter }: { filter: FailedStepFilter }) {
  const may = useMay();
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const list = useInfiniteQuery(failedStepsQuery(filter));
  // All reasons stay in view while one is looked at: it is how people go from one to the next.
  const all = useInfiniteQuery(failedStepsQuery({}));
  const steps = list.data?.pages.flatMap((page) => page.steps) ?? [];
  const choice = useChoice([...new Set(steps.map(({ batchId }) => batchId))]);
  const [asked, setAsked] = useState<Asked>();
  const [outcome, setOutcome] = useState<Retried>();
  const look = useThrottled(() => void queryClient.invalidateQueries({ queryKey: ["operations"] }), LOOK_MS);
  useChanges({
    onBatches: (changes) => {
      const listed = new Set(steps.map(({ batchId }) => batchId));
      if (changes.some(({ id, status }) => status === "failed" || listed.has(id))) look();
    },
    onReset: look,
  });
  const retry = async (to: Asked, why: string | undefined) => {
    const batchIds =
      "batchIds" in to ? to.batchIds : await failedBatches({ queue: to.reason.queue, code: to.reason.code });
    setOutcome(await retryBatches(batchIds, why));
    choice.clear();
    if ("reason" in to) await navigate({ to: "/operations", search: {}, replace: true });
    await queryClient.invalidateQueries({ queryKey: ["operations"] });
  };
  const reasons = all.data?.pages[0]?.reasons ?? [];
  const canRetry = may("operate");
  return (
    <div id="failed-steps">
      <Section
        title="Failed steps"
        lead="Their files wait here until somebody sets them under way again: nothing of them is lost."
        flush
        actions={
          canRetry &&
          choice.chosen.length > 0 && (
            <Button
              size="xs"
              leftSection={<IconRefresh size={15} aria-hidden />}
              onClick={() => setAsked({ batchIds: choice.chosen })}
            >
              Retry {figure(choice.chosen.length)} chosen
            </Button>
          )
        }
      >
        {outcome !== undefined && <RetryOutcome outcome={outcome} onClose={() => setOutcome(undefined)} />}
        {list.isPending && <Waiting lines={3} />}
        {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
        {all.isSuccess && reasons.length === 0 && steps.length === 0 && (
          <Group p="md">
            <Mark tone="good">Nothing has failed</Mark>
          </Group>
        )}
        {reasons.length > 0 && (
          <FailureReasons
            reasons={reasons}
            filter={filter}
            canRetry={canRetry}
            onShow={(search) => void navigate({ to: "/operations", search, replace: true, resetScroll: false })}
            onRetry={(reason) => setAsked({ reason })}
          />
        )}
        {steps.length > 0 && (
          <DataTable
            caption="Failed steps, the newest first"
            columns={columnsFor(canRetry ? choice : undefined)}
            rows={steps}
            rowId={({ stepId }) => String(stepId)}
            onOpen={({ batchId }) => void navigate({ to: "/batches/$batchId", params: { batchId: String(batchId) } })}
            foot={<ShowOlder list={list} />}
          />
        )}
      </Section>
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={titleOf(asked)}
          verb="Retry"
          reason="optional"
          onYes={(why) => retry(asked, why)}
        >
          Each goes on from the stage that failed. What cannot be retried is told, and does not stop the others.
        </Ask>
      )}
    </div>
  );
}

function titleOf(asked: Asked): string {
  if ("batchIds" in asked) return `Retry ${batches(asked.batchIds.length)}?`;
  return `Retry all ${batches(asked.reason.steps)} that failed so?`;
}

const batches = (number: number) => `${figure(number)} ${number === 1 ? "batch" : "batches"}`;

const column = columnsOf<FailedStep>();

const columnsFor = (choice: Choice | undefined) => [
  ...(choice === undefined
    ? []
    : [
        column.display({
          id: "choose",
          header: () => <ChooseAll choice={choice} />,
          cell: ({ row: { original } }) => (
            <ChooseOne choice={choice} id={original.batchId} what={`batch ${original.batchId}`} />
          ),
        }),
      ]),
  column.accessor("fileName", {
    header: "File",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Stack gap={0}>
        <PageLink to="/batches/$batchId" params={{ batchId: String(original.batchId) }} c="inherit" fw={560}>
          {original.fileName}
        </PageLink>
        <Text span fz="sm" c="var(--quiet)">
          #{original.batchId} · {original.client}/{original.project}
          {original.table !== null && ` · ${original.table}`}
        </Text>
      </Stack>
    ),
  }),
  column.accessor("queue", { header: "Stage", meta: { from: "sm" }, cell: ({ getValue }) => queueWord(getValue()) }),
  column.accessor("attempts", {
    header: "Attempts",
    meta: { align: "end", from: "sm" },
    cell: ({ getValue }) => figure(getValue()),
  }),
  column.accessor("failedAt", {
    header: "Failed",
    meta: { align: "end" },
    cell: ({ getValue }) => {
      const at = getValue();
      return at === null ? "" : <When at={at} />;
    },
  }),
];
