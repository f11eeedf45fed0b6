import { AppError, type InferredTableView } from "@inlet/contracts";
import {
  type ClaimedDraft,
  claimDraft,
  type Database,
  endDraftUnreadable,
  keepDraft,
  releaseDraft,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { ApiEnv } from "../env.ts";
import type { CheckProgress } from "./check-parts.ts";
import type { ThreadData } from "./thread-messages.ts";
import { Threads } from "./threads.ts";

/** How long a check is left alone without a sign of life; after a crash it is taken up so much later. */
const LEASE_MS = 20_000;
/** A sign of life, with how far the check is. */
const KEPT_EVERY_MS = 1_000;
/** Drafts that other instances asked for, or left over, are looked for so often. */
const LOOKED_EVERY_MS = 2_000;
/** A check that reads nothing for so long hangs. */
const STUCK_MS = 10 * 60_000;
const AGAIN_AFTER_MS = 5_000;
/** A file whose check has ended its thread, or its process, so often is given up. */
const MOST_LOSSES = 3;

type CheckEnv = Pick<ApiEnv, "DATABASE_URL" | "INLET_DATA" | "INLET_KEY" | "INLET_RULES_MODULE" | "API_CHECK_THREADS">;

/** Checks drafts beside the API's own work. */
export interface DraftChecks {
  /** A draft will have to be checked soon. */
  expect(): void;
  /** A draft waits to be checked. */
  kick(): void;
  /** What is being checked is not wanted any more, or not so. */
  stop(draftId: number): void;
  /** Makes a table for a sample file. */
  infer(sample: { path: string; fileName: string }, signal: AbortSignal): Promise<InferredTableView>;
  close(): Promise<void>;
}

/**
 * Opens the checking of drafts: as many threads as are allowed take those that wait, whoever asked, under a lease in
 * PostgreSQL; so the checks of an instance that died are taken up by another one, or by itself when it is back.
 */
export function openDraftChecks({
  database,
  logger,
  env,
}: {
  database: Database;
  logger: Logger;
  env: CheckEnv;
}): DraftChecks {
  const threadData: ThreadData = {
    ...{ databaseUrl: env.DATABASE_URL, dataFolder: env.INLET_DATA, key: env.INLET_KEY },
    rulesModule: env.INLET_RULES_MODULE,
  };
  const threads = new Threads(threadData, env.API_CHECK_THREADS);
  // A sample is small and somebody waits for it.
  const samples = new Threads(threadData, 1);
  const running = new Map<number, AbortController>();
  const works = new Set<Promise<void>>();
  let isClosed = false;
  let isLooking = false;
  let isKicked = false;
  let lastSample: Promise<unknown> = Promise.resolve();

  async function look(): Promise<void> {
    if (isLooking) {
      isKicked = true;
      return;
    }
    isLooking = true;
    try {
      do {
        isKicked = false;
        while (!isClosed && threads.free > 0) {
          const claim = await claimDraft(database, { leaseMs: LEASE_MS });
          if (claim === undefined) break;
          begin(claim);
        }
      } while (isKicked);
    } catch (err) {
      logger.warn({ err }, "could not look for drafts to check");
    } finally {
      isLooking = false;
    }
  }

  function begin(claim: ClaimedDraft): void {
    const controller = new AbortController();
    running.get(claim.draftId)?.abort();
    running.set(claim.draftId, controller);
    const work = attend(claim, controller).finally(() => {
      works.delete(work);
      if (running.get(claim.draftId) === controller) running.delete(claim.draftId);
      void look();
    });
    works.add(work);
  }

  async function attend(claim: ClaimedDraft, controller: AbortController): Promise<void> {
    const { draftId, epoch, losses } = claim;
    if (losses >= MOST_LOSSES) {
      await endDraftUnreadable(database, claim, GIVEN_UP).catch((err) => logger.warn({ err, draftId }, NOT_RECORDED));
      return;
    }
    let progress: CheckProgress = { phase: "opening", doneBytes: 0, totalBytes: 0 };
    let movedAt = performance.now();
    let isStuck = false;
    const heart = setInterval(() => {
      isStuck ||= performance.now() - movedAt > STUCK_MS;
      if (isStuck) controller.abort();
      keepDraft(database, claim, { leaseMs: LEASE_MS, ...progress }).then(
        (isOurs) => isOurs || controller.abort(),
        (err: unknown) => logger.warn({ err, draftId }, "could not renew the lease of a check"),
      );
    }, KEPT_EVERY_MS);
    try {
      await threads.run(
        { kind: "check", draftId, epoch },
        {
          signal: controller.signal,
          onProgress: (next) => {
            progress = next;
            movedAt = performance.now();
          },
        },
      );
    } catch (err) {
      await giveBack(claim, err, { isUnwanted: controller.signal.aborted && !isStuck });
    } finally {
      clearInterval(heart);
    }
  }

  async function giveBack(claim: ClaimedDraft, err: unknown, { isUnwanted }: { isUnwanted: boolean }): Promise<void> {
    const { draftId } = claim;
    const mayPass = err instanceof AppError && err.retryable;
    if (!isUnwanted && mayPass) logger.warn({ err, draftId }, "a check could not be done now; it is tried again");
    if (!isUnwanted && !mayPass) logger.error({ err, draftId }, "a check broke off; it is tried again");
    // Stopped because it is not wanted: then this changes nothing. Or because the service ends: others go on at once.
    const again = isUnwanted ? { afterMs: 0, isLoss: false } : { afterMs: AGAIN_AFTER_MS, isLoss: !mayPass };
    await releaseDraft(database, claim, again).catch((error: unknown) =>
      logger.warn({ err: error, draftId }, NOT_RECORDED),
    );
  }

  const timer = setInterval(() => void look(), LOOKED_EVERY_MS);
  void look();
  return {
    expect: () => threads.warm(),
    kick: () => void look(),
    stop: (draftId) => running.get(draftId)?.abort(),
    async infer(sample, signal) {
      const turn = lastSample.then(() => samples.run({ kind: "infer", ...sample }, { signal }));
      lastSample = turn.catch(() => {});
      const inferred = await turn;
      return inferred!;
    },
    async close() {
      isClosed = true;
      clearInterval(timer);
      for (const controller of running.values()) controller.abort();
      await Promise.all(works);
      await Promise.all([threads.close(), samples.close()]);
    },
  };
}

const NOT_RECORDED = "could not record what became of a check; its lease will run out";
const GIVEN_UP = {
  code: "check_impossible",
  message: `The check of this file broke off ${MOST_LOSSES} times. Send the file to whoever runs Inlet; the log says where it broke off.`,
};
