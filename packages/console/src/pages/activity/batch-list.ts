import type { BatchChange, BatchPage, BatchSummary } from "@inlet/contracts";
import {
  type InfiniteData,
  infiniteQueryOptions,
  type QueryClient,
  useInfiniteQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { useChanges } from "../../api/live.ts";
import { useThrottled } from "../../api/throttle.ts";
import { conditionsOf, type Filters } from "./filters.ts";

const PAGE_ROWS = 50;
/** New batches are looked for at most so often, however fast they come. */
const LOOK_MS = 1_500;

/** The batches that meet the filters, newest first. */
export const batchesQuery = (filters: Filters) =>
  infiniteQueryOptions({
    queryKey: ["batches", filters],
    queryFn: ({ pageParam }) => api.batches({ ...conditionsOf(filters), cursor: pageParam, limit: PAGE_ROWS }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });

type Pages = InfiniteData<BatchPage, string | undefined>;

/** The list, kept up to date while it is shown. */
export function useBatches(filters: Filters) {
  const queryClient = useQueryClient();
  const list = useInfiniteQuery(batchesQuery(filters));
  const look = useThrottled(
    () => void queryClient.invalidateQueries({ queryKey: batchesQuery(filters).queryKey }),
    LOOK_MS,
  );
  useChanges({
    onBatches: (changes) => {
      if (patch(queryClient, filters, changes)) look();
    },
    onReset: look,
  });
  return { ...list, batches: list.data?.pages.flatMap((page) => page.batches) ?? [] };
}

/** Writes changes into the rows that are shown. True: one is of a batch that the list may have to take in or leave out. */
function patch(queryClient: QueryClient, filters: Filters, changes: readonly BatchChange[]): boolean {
  const byId = new Map(changes.map((change) => [change.id, change]));
  let unknown = changes.length;
  queryClient.setQueryData<Pages>(batchesQuery(filters).queryKey, (data) => {
    if (data === undefined) return data;
    const pages = data.pages.map((page) => {
      if (!page.batches.some(({ id }) => byId.has(id))) return page;
      const batches = page.batches.map((batch) => {
        const change = byId.get(batch.id);
        if (change === undefined) return batch;
        unknown -= 1;
        return merged(batch, change);
      });
      return { ...page, batches };
    });
    return { ...data, pages };
  });
  return unknown > 0 || filters.status !== undefined;
}

function merged(batch: BatchSummary, change: BatchChange): BatchSummary {
  const { counts, stage, reasonCode: _, ...rest } = change;
  return {
    ...batch,
    ...rest,
    counts: { ...batch.counts, ...counts },
    stage: stage === null ? null : { ...stage, notBefore: batch.stage?.notBefore ?? batch.receivedAt },
  };
}
