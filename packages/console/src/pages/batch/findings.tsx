import type { BatchDetail, Issue } from "@inlet/contracts";
import { count, figure } from "@inlet/contracts/figures";
import { Button, Chip, Code, Group, Stack, Text } from "@mantine/core";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { codeText } from "../../parts/code-text.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { Failure, Waiting } from "../../parts/states.tsx";

const column = columnsOf<Issue & { ordinal: number }>();

const COLUMNS = [
  column.accessor("line", {
    header: "Line",
    meta: { align: "end" },
    cell: ({ getValue }) => (getValue() === null ? "File" : figure(getValue())),
  }),
  column.accessor("column", { header: "Column", meta: { from: "sm" }, cell: ({ getValue }) => getValue() ?? "" }),
  column.accessor("message", {
    header: "What is wrong",
    meta: { grow: true },
    cell: ({ row: { original } }) => (
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Mark tone={original.severity === "error" ? "bad" : "warning"} compact>
          {original.severity}
        </Mark>
        <Stack gap={2}>
          <span>{original.message}</span>
          {original.fix !== null && (
            <Text span fz="sm" c="var(--quiet)">
              Suggested: <Code>{original.fix}</Code>
            </Text>
          )}
        </Stack>
      </Group>
    ),
  }),
  column.accessor("value", {
    header: "Value",
    meta: { from: "md" },
    cell: ({ getValue }) => (getValue() === null ? "" : <Code>{getValue() === "" ? "(nothing)" : getValue()}</Code>),
  }),
];

/** How many findings each column has, most first. */
function byColumn({ findingsByColumn }: BatchDetail): string[] {
  const sums = new Map<string, number>();
  for (const { column: name, findings } of findingsByColumn) {
    const place = name ?? "whole rows";
    sums.set(place, (sums.get(place) ?? 0) + findings);
  }
  const most = [...sums].sort(([, a], [, b]) => b - a);
  return most.slice(0, 8).map(([place, findings]) => `${place} ${figure(findings)}`);
}

/** What the check found: how much of what, where, and the lines themselves. */
export function Findings({ batch }: { batch: BatchDetail }) {
  const [code, setCode] = useState<string | undefined>();
  const list = useInfiniteQuery({
    queryKey: ["batch", batch.id, "issues", code, batch.endedAt],
    queryFn: ({ pageParam }) => api.issues(batch.id, { code, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = (list.data?.pages ?? [])
    .flatMap(({ issues }) => issues)
    .map((issue, ordinal) => ({ ...issue, ordinal }));
  const totals = Object.entries(batch.issueTotals).sort(([, a], [, b]) => b - a);
  const kept = list.data?.pages[0]?.kept ?? 0;
  return (
    <Section title={count(batch.issueCount, "finding")} flush>
      <Stack gap="sm" p="md">
        <Chip.Group value={code ?? ""} onChange={(value) => setCode(value === "" ? undefined : String(value))}>
          <Group gap={6}>
            <Chip value="" size="xs">
              All
            </Chip>
            {totals.map(([each, total]) => (
              <Chip key={each} value={each} size="xs">
                {codeText(each)} · {figure(total)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        <Text fz="sm" c="var(--quiet)">
          By column: {byColumn(batch).join(" · ")}
        </Text>
      </Stack>
      {list.isPending && <Waiting />}
      {list.isError && <Failure error={list.error} retry={() => void list.refetch()} />}
      {rows.length > 0 && (
        <DataTable
          caption="Findings in the order of the file"
          columns={COLUMNS}
          rows={rows}
          rowId={({ ordinal }) => String(ordinal)}
        />
      )}
      <Group justify="space-between" p="sm">
        <Text fz="sm" c="var(--quiet)">
          {kept < batch.issueCount && `The first ${figure(kept)} are listed here; the error file holds all.`}
        </Text>
        {list.hasNextPage && (
          <Button variant="subtle" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            Show more
          </Button>
        )}
      </Group>
    </Section>
  );
}
