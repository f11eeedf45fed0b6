import type { Operations } from "@inlet/contracts";
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { FailedStepFilter } from "./failed-step-filter.ts";

/** So often the page looks again; the API asks PostgreSQL and Redis once a second at most, however many look. */
const LOOK_MS = 3_000;
/** Failures are told by the live stream too, and dead letters come by one by one. */
const FAILURES_LOOK_MS = 10_000;

/** How the whole hub stands. */
export const operationsQuery = queryOptions({
  queryKey: ["operations", "now"],
  queryFn: (): Promise<Operations> => api.operations(),
  refetchInterval: LOOK_MS,
});

/** The steps that failed for good, newest first. */
export const failedStepsQuery = (filter: FailedStepFilter) =>
  infiniteQueryOptions({
    queryKey: ["operations", "failed-steps", filter],
    queryFn: ({ pageParam }) => api.failedSteps({ ...filter, cursor: pageParam, limit: 50 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: FAILURES_LOOK_MS,
  });

/** Messages that could not be sent, newest first. */
export const deadMessagesQuery = infiniteQueryOptions({
  queryKey: ["operations", "messages"],
  queryFn: ({ pageParam }) => api.messages({ state: "failed", cursor: pageParam, limit: 50 }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ next }) => next ?? undefined,
  refetchInterval: FAILURES_LOOK_MS,
});
