import { hostname } from "node:os";
import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { AppError, InvariantBroken } from "@inlet/contracts";
import {
  asUnavailable,
  type ClaimedForgetting,
  claimForgetting,
  dropUnconfirmed,
  failForgetting,
  postponeForgetting,
  renewForgettingLease,
  type StoredError,
  transaction,
} from "@inlet/database";
import { backOffMs, heartbeat } from "@inlet/pipeline";
import { every } from "../every.ts";
import type { ForgettingParts, ForgettingWork } from "./forgetting-work.ts";
import { OrderLost, WaitsForBatch } from "./order-errors.ts";
import { removeRecipient } from "./remove-recipient.ts";
import { searchRecipient } from "./search-recipient.ts";

interface ForgettingOptions extends Omit<ForgettingParts, "drafts"> {
  dataFolder: string;
  /** How often it is looked for orders. */
  everyMs: number;
  leaseMs: number;
}

/** Orders that nobody says a word on are dropped, and what was asked for with them. */
const UNCONFIRMED_MS = 60 * 60_000;
/** How long it is waited before a batch under way is looked at again. */
const WAIT_MS = 5_000;
const FIRST_RETRY_MS = 1_000;
const MOST_ATTEMPTS = 12;

/**
 * Forgets recipients as they are ordered, one order after the other: there is no hurry once their links are closed, and files that
 * clients wait for come first. An order whose worker died is taken up by the next when its lease has run out.
 */
export function startForgetting({ everyMs, leaseMs, dataFolder, ...given }: ForgettingOptions): {
  close(): Promise<void>;
} {
  const parts: ForgettingParts = { ...given, drafts: openBlobs(join(dataFolder, "drafts")) };
  const worker = `${hostname()}:${process.pid}`;
  const stopping = new AbortController();

  const turn = async () => {
    await dropUnconfirmed(parts.database, { olderThanMs: UNCONFIRMED_MS });
    while (!stopping.signal.aborted) {
      const order = await transaction(parts.database, (tx) => claimForgetting(tx, { worker, leaseMs }));
      if (order === undefined) return;
      await workOn(parts, order, { leaseMs, stopping: stopping.signal });
    }
  };
  const turns = every(everyMs, "forgetting recipients", turn, parts.logger);
  return {
    async close() {
      stopping.abort();
      await turns.close();
    },
  };
}

async function workOn(
  parts: ForgettingParts,
  order: ClaimedForgetting,
  { leaseMs, stopping }: { leaseMs: number; stopping: AbortSignal },
): Promise<void> {
  const { database } = parts;
  const { forgettingId, epoch, projectId } = order;
  const logger = parts.logger.child({ forgettingId, epoch, projectId });
  const beat = heartbeat(() => renewForgettingLease(database, { forgettingId, epoch, leaseMs }), leaseMs, logger);
  const signal = AbortSignal.any([beat.signal, stopping]);
  const postpone = (how: { delayMs: number; waitsFor: number | null; error: StoredError | null }) =>
    postponeForgetting(database, { forgettingId, epoch, ...how });
  try {
    // Whoever has taken it up so often and never came to an end died of it: a person has to look.
    if (order.attempts > 2 * MOST_ATTEMPTS) {
      throw new InvariantBroken({
        code: "forgetting_poisoned",
        message: "Whoever worked on it ended before it was done, again and again. The log of the watcher says how.",
      });
    }
    const work: ForgettingWork = { ...parts, logger, order, signal };
    if (order.state === "searching") await searchRecipient(work);
    else await removeRecipient(work);
  } catch (err) {
    if (err instanceof OrderLost || beat.signal.aborted) {
      logger.warn("an order to forget a recipient is not ours any more");
    } else if (err instanceof WaitsForBatch) {
      await postpone({ delayMs: WAIT_MS, waitsFor: err.batchId, error: null });
    } else if (stopping.aborted) {
      await postpone({ delayMs: 0, waitsFor: null, error: null });
    } else {
      const error = storedError(err);
      // Never the value: what PostgreSQL or a file's path say does not hold it, and messages of ours do not either.
      logger.warn({ err }, "could not forget a recipient yet");
      if (order.attempts >= MOST_ATTEMPTS || !error.retryable)
        await failForgetting(database, { forgettingId, epoch, error });
      else await postpone({ delayMs: backOffMs(order.attempts, 0.5, FIRST_RETRY_MS), waitsFor: null, error });
    }
  } finally {
    beat.stop();
  }
}

function storedError(failure: unknown): StoredError {
  const cause = asUnavailable(failure);
  if (cause instanceof AppError) {
    // A file that was found and is gone: its batch may just have been kept long enough, and is none to look at next time.
    const retryable = cause.retryable || cause.code === "blob_missing";
    return { code: cause.code, message: cause.message, retryable };
  }
  // PostgreSQL may quote what it was given: its message goes to the log's own rules, not into a row.
  return { code: "unexpected", message: "Something went wrong; the service's log says what.", retryable: true };
}
