import type { BulkRetry, MOST_RETRIES } from "@inlet/contracts";
import { api } from "../../api/client.ts";
import type { FailedStepFilter } from "./failed-step-filter.ts";

/** As many as one page of the API holds. */
const PAGE_STEPS = 200;
/** The API groups so many failed steps by their reasons; what is beyond is retried by asking again. */
const MOST_STEPS = 10_000;

/** The batches whose step failed for a reason: all of them, not only those that are listed. */
export async function failedBatches(filter: FailedStepFilter): Promise<number[]> {
  const ids = new Set<number>();
  let cursor: string | undefined;
  do {
    const { steps, next } = await api.failedSteps({ ...filter, cursor, limit: PAGE_STEPS });
    for (const { batchId } of steps) ids.add(batchId);
    cursor = next ?? undefined;
  } while (cursor !== undefined && ids.size < MOST_STEPS);
  return [...ids];
}

/** As many as one request takes. */
const PORTION: typeof MOST_RETRIES = 500;

/** What became of a retry of many. */
export interface Retried {
  retried: number;
  /** Those that were not, and why. */
  refused: { batchId: number; why: string }[];
}

/** Retries batches, in portions that one request takes. One that cannot be retried does not stop the others. */
export async function retryBatches(batchIds: readonly number[], reason: string | undefined): Promise<Retried> {
  const outcomes: BulkRetry["outcomes"] = [];
  for (let from = 0; from < batchIds.length; from += PORTION) {
    const ids = batchIds.slice(from, from + PORTION);
    outcomes.push(...(await api.retryMany({ ids, reason })).outcomes);
  }
  return {
    retried: outcomes.filter(({ retried }) => retried).length,
    refused: outcomes
      .filter(({ retried }) => !retried)
      .map(({ id, message }) => ({ batchId: id, why: message ?? "It could not be retried." })),
  };
}
