import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { ShownRows } from "./row-question.ts";

/** Which table, as the address names it. */
export interface TablePath {
  client: string;
  project: string;
  table: string;
}

/** A page is more than fits on a screen: the next is asked for before its end is seen. */
const PAGE_ROWS = 200;

/** A project's tables, with how many rows they have. */
export const tablesQuery = (client: string, project: string) =>
  queryOptions({ queryKey: ["tables", client, project], queryFn: () => api.tables(client, project) });

/** An imported table: its columns, its rows' number, what was imported last. */
export const tableQuery = ({ client, project, table }: TablePath) =>
  queryOptions({
    queryKey: ["tables", client, project, table],
    queryFn: () => api.table(client, project, table),
  });

/** Its rows that were asked for. They are not asked for anew by themselves: pages that were read belong together. */
export const rowsQuery = ({ client, project, table }: TablePath, asked: ShownRows) =>
  infiniteQueryOptions({
    queryKey: ["rows", client, project, table, asked],
    queryFn: ({ pageParam }) => api.rows(client, project, table, { ...asked, cursor: pageParam, limit: PAGE_ROWS }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
  });
