import type { Draft, DraftCheck, DraftRows } from "@inlet/contracts";
import { keepPreviousData, useInfiniteQuery, useQueries } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { api } from "../../../api/client.ts";
import { isFiltered, type RowFilter } from "../row-filter.ts";
import type { ShownColumns } from "./geometry.ts";
import { readBlock } from "./read-block.ts";
import { BLOCK_COLUMNS, rowOfParts, type ShownRow } from "./shown-row.ts";

/** Rows are asked for in blocks, as columns are, so that what was seen once is not asked for again. */
const BLOCK_ROWS = 200;
/** A cell's longest text in the grid; one that is longer is mended in the file itself. */
const CELL_CHARS = 200;
/** Rows with findings are looked for further when so few are left below. */
const AHEAD_ROWS = 60;

interface RowsQuestion {
  draft: Draft;
  check: DraftCheck;
  filter: RowFilter;
  /** The first row that is seen, by its place in the list, and how many. */
  from: number;
  count: number;
  columns: ShownColumns;
}

export interface Rows {
  /** How many there are; of rows with findings, how many are known so far. */
  count: number;
  isEmpty: boolean;
  error: Error | null;
  /** The row at a place of the list; undefined: it is not here yet. */
  row: (at: number) => ShownRow | undefined;
  /** Where a record stands in the list; undefined: it is not in it, or not here yet. */
  placeOf: (record: number) => number | undefined;
}

/** The rows that are seen, as they come. */
export function useRows(question: RowsQuestion): Rows {
  const all = useAllRows(question, !isFiltered(question.filter));
  const found = useFoundRows(question, isFiltered(question.filter));
  return isFiltered(question.filter) ? found : all;
}

const columnBlocks = ({ from, count }: ShownColumns): number[] => {
  const first = Math.floor(from / BLOCK_COLUMNS);
  const last = Math.floor((from + count - 1) / BLOCK_COLUMNS);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
};

/** What a row's cells depend on: the mended state of the file, and what the check says of it. */
const stateOf = (check: DraftCheck) => [check.contentVersion, check.checkedAt] as const;

function useAllRows({ draft, check, from, count, columns }: RowsQuestion, enabled: boolean): Rows {
  const firstBlock = Math.floor(from / BLOCK_ROWS);
  const lastBlock = Math.floor(Math.max(from, Math.min(from + count, check.counts.records) - 1) / BLOCK_ROWS);
  const blocks = Array.from({ length: lastBlock - firstBlock + 1 }, (_, at) => firstBlock + at).flatMap((row) =>
    columnBlocks(columns).map((column) => ({ row, column })),
  );
  const answers = useQueries({
    queries: blocks.map(({ row, column }) => ({
      queryKey: ["draft", draft.id, "rows", ...stateOf(check), row, column],
      queryFn: () =>
        readBlock(
          (range) =>
            api.draftRows(draft.id, {
              ...range,
              fromColumn: column * BLOCK_COLUMNS,
              columnCount: BLOCK_COLUMNS,
              cellChars: CELL_CHARS,
            }),
          { from: row * BLOCK_ROWS + 1, count: BLOCK_ROWS },
        ),
      staleTime: Number.POSITIVE_INFINITY,
      enabled,
    })),
  });
  // While the mended file is read anew, what was there stays: a cell that is being typed into must not go away.
  const seen = useRef(new Map<string, DraftRows | undefined>());
  const byBlock = new Map(
    blocks.map(({ row, column }, at) => {
      const key = `${row} ${column}`;
      return [key, answers[at]?.data ?? seen.current.get(key)];
    }),
  );
  useEffect(() => {
    seen.current = byBlock;
  });
  return {
    count: check.counts.records,
    isEmpty: false,
    error: answers.find(({ error }) => error !== null)?.error ?? null,
    placeOf: (record) => record - 1,
    row: (at) => {
      const block = Math.floor(at / BLOCK_ROWS);
      const place = at - block * BLOCK_ROWS;
      return rowOfParts(
        columnBlocks(columns).map((column) => ({
          block: column,
          row: byBlock.get(`${block} ${column}`)?.rows[place],
        })),
      );
    },
  };
}

function useFoundRows({ draft, check, filter, from, count, columns }: RowsQuestion, enabled: boolean): Rows {
  const fromColumn = Math.floor(columns.from / BLOCK_COLUMNS) * BLOCK_COLUMNS;
  const list = useInfiniteQuery({
    queryKey: ["draft", draft.id, "found", ...stateOf(check), filter, fromColumn],
    queryFn: ({ pageParam }) =>
      api.draftRows(draft.id, {
        ...filter,
        cursor: pageParam,
        count: BLOCK_ROWS,
        fromColumn,
        columnCount: 2 * BLOCK_COLUMNS,
        cellChars: CELL_CHARS,
      }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
    enabled,
  });
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  const isNearEnd = from + count + AHEAD_ROWS > rows.length;
  useEffect(() => {
    if (enabled && isNearEnd && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [enabled, isNearEnd, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    count: rows.length,
    isEmpty: list.isSuccess && rows.length === 0,
    error: list.error,
    placeOf: (record) => {
      const at = rows.findIndex((row) => row.record === record);
      return at === -1 ? undefined : at;
    },
    row: (at) => {
      const row = rows[at];
      return row && { ...row, cell: (column) => row.cells[column - fromColumn] };
    },
  };
}
