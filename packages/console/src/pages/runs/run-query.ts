import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { RunFilters } from "./run-filters.ts";

/** Changes come faster than a person reads. */
export const LOOK_MS = 1_000;

/** The runs that meet the filters, newest first. */
export const runsQuery = (filters: RunFilters) =>
  infiniteQueryOptions({
    queryKey: ["runs", filters],
    queryFn: ({ pageParam }) => api.runs({ ...filters, cursor: pageParam, limit: 30 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });

/** One run with its tables, batches and messages. */
export const runQuery = (id: number) =>
  queryOptions({ queryKey: ["run", id], queryFn: () => api.run(id), staleTime: 2_000 });
