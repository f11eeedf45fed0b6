import { setTimeout as pause } from "node:timers/promises";
import type { ApiClient } from "@inlet/client";
import { type BatchDetail, isEnded, type PullDetail, type Rehearsal } from "@inlet/contracts";
import { EXIT } from "./exit-codes.ts";
import { CliFailure } from "./failure.ts";
import { hasEnded } from "./pull-text.ts";

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_000;
const PAUSE_GROWTH = 1.2;
/** A hub that is being restarted is back by then. */
const PATIENCE_MS = 5 * 60_000;

/** Asks until there is an answer. A hub that is away for a while is asked again. */
async function askUntil<T>(ask: () => Promise<T | undefined>, signal: AbortSignal): Promise<T> {
  let pauseMs = FIRST_PAUSE_MS;
  let awaySince: number | undefined;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      awaySince = undefined;
    } catch (error) {
      if ((error as Error).name !== "Unavailable") throw error;
      awaySince ??= Date.now();
      if (Date.now() - awaySince > PATIENCE_MS) throw error;
    }
    await pause(pauseMs, undefined, { signal });
    pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * PAUSE_GROWTH);
  }
}

/** The batch that an arrival becomes. @throws CliFailure when it becomes none */
export async function batchOfArrival(api: ApiClient, arrivalId: number, signal: AbortSignal): Promise<number> {
  return await askUntil(async () => {
    const { batchId, state } = await api.arrival(arrivalId);
    if (batchId === null && (state === "withdrawn" || state === "lost")) {
      throw new CliFailure(EXIT.endedBadly, `arrival_${state}`, `The file was ${state} before it became a batch.`);
    }
    return batchId ?? undefined;
  }, signal);
}

/** Follows a batch to its end. `onLook` gets what was seen each time. */
export async function followBatch(
  api: ApiClient,
  batchId: number,
  { onLook, signal }: { onLook: (batch: BatchDetail) => void; signal: AbortSignal },
): Promise<BatchDetail> {
  return await askUntil(async () => {
    const batch = await api.batch(batchId);
    onLook(batch);
    return isEnded(batch.status) ? batch : undefined;
  }, signal);
}

/** Follows pulls until nothing more becomes of any. `onLook` gets what was seen each time. */
export async function followPulls(
  api: ApiClient,
  ids: readonly number[],
  { onLook, signal }: { onLook: (pulls: readonly PullDetail[]) => void; signal: AbortSignal },
): Promise<PullDetail[]> {
  const seen = new Map<number, PullDetail>();
  return await askUntil(async () => {
    for (const id of ids) {
      const before = seen.get(id);
      if (before === undefined || !hasEnded(before)) seen.set(id, await api.pull(id));
    }
    const pulls = ids.map((id) => seen.get(id)!);
    onLook(pulls);
    return pulls.every(hasEnded) ? pulls : undefined;
  }, signal);
}

/** Follows a rehearsal to its end. `onLook` gets what was seen each time. */
export async function followRehearsal(
  api: ApiClient,
  { client, project }: { client: string; project: string },
  {
    onLook,
    isOver,
    signal,
  }: { onLook: (rehearsal: Rehearsal) => void; isOver: (rehearsal: Rehearsal) => boolean; signal: AbortSignal },
): Promise<Rehearsal> {
  return await askUntil(async () => {
    const rehearsal = await api.rehearsal(client, project);
    onLook(rehearsal);
    return isOver(rehearsal) ? rehearsal : undefined;
  }, signal);
}
