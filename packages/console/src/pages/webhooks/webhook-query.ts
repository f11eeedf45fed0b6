import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** The webhooks of a client. */
export const webhooksQuery = (client: string) =>
  queryOptions({ queryKey: ["webhooks", client], queryFn: () => api.webhooks(client) });

/** One webhook. */
export const webhookQuery = (id: number) => queryOptions({ queryKey: ["webhook", id], queryFn: () => api.webhook(id) });

/** So often a page that shows deliveries looks again: they are no batches, and the live stream does not tell of them. */
const LOOK_MS = 3_000;

/** What a webhook was told, the newest first. */
export const deliveriesQuery = (id: number, state: "failed" | undefined) =>
  infiniteQueryOptions({
    queryKey: ["webhook", id, "deliveries", state],
    queryFn: ({ pageParam }) => api.deliveries(id, { state, cursor: pageParam, limit: 30 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: LOOK_MS,
  });
