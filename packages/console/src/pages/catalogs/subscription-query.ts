import type { SyncLetterState } from "@inlet/contracts";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** So often pages on subscriptions look again: the live stream tells of batches and runs alone. */
const LOOK_MS = 2_000;

/** All subscriptions, or one client's. */
export const subscriptionsQuery = (client: string | undefined) =>
  queryOptions({
    queryKey: ["subscriptions", client],
    queryFn: () => api.subscriptions({ client }),
    refetchInterval: LOOK_MS,
  });

/** One subscription. */
export const subscriptionQuery = (id: number) =>
  queryOptions({
    queryKey: ["subscription", id],
    queryFn: () => api.subscription(id),
    refetchInterval: LOOK_MS,
  });

/** What one side did not take of the other, newest first. */
export const lettersQuery = (id: number, state: SyncLetterState | undefined) =>
  infiniteQueryOptions({
    queryKey: ["subscription", id, "letters", state],
    queryFn: ({ pageParam }) => api.syncLetters(id, { state, cursor: pageParam, limit: 30 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: LOOK_MS,
  });

/** Comparisons of both sides, newest first. */
export const comparisonsQuery = (id: number) =>
  infiniteQueryOptions({
    queryKey: ["subscription", id, "comparisons"],
    queryFn: ({ pageParam }) => api.reconciliations(id, { cursor: pageParam, limit: 10 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: LOOK_MS,
  });
