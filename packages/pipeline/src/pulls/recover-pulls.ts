import { InvariantBroken } from "@inlet/contracts";
import {
  type ClaimedPull,
  type Database,
  type ExpiredPull,
  expirePullLeases,
  poisonedPull,
  profileAt,
  staleDuePulls,
  type Tx,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { Publisher } from "../queues.ts";
import { MOST_PULL_LOSSES, pullLost } from "./after-pull-failure.ts";
import { finishPull, PullFenced } from "./finish-pull.ts";
import { progressOf } from "./pull-work.ts";

const AT_ONCE = 500;
/** Long enough to write down that it is given up. */
const LEASE_MS = 60_000;

/** Takes pulls back whose workers vanished, as the one reconciler. */
export const takeBackPulls = (tx: Tx): Promise<ExpiredPull[]> => expirePullLeases(tx, { limit: AT_ONCE });

/** Gives pulls on that were taken back, and publishes what has been due for a while and nobody has claimed. */
export async function recoverPulls(
  { database, publisher, logger }: { database: Database; publisher: Publisher; logger: Logger },
  { expired, olderThanMs }: { expired: readonly ExpiredPull[]; olderThanMs: number },
): Promise<void> {
  for (const { pullId, epoch, losses, worker } of expired) {
    const facts = { pullId, worker, losses };
    if (losses < MOST_PULL_LOSSES) {
      logger.warn(facts, "a puller did not answer; its pull goes on elsewhere");
      await publisher.pulls([{ pullId, epoch }]);
      continue;
    }
    logger.error(facts, "a pull's workers vanish again and again; given up");
    await giveUp({ database, publisher }, { pullId, epoch }).catch((err) => {
      if (!(err instanceof PullFenced)) logger.error({ err, ...facts }, "could not give a pull up; will look again");
    });
  }
  await publisher.pulls(await staleDuePulls(database, { olderThanMs, limit: AT_ONCE }));
}

async function giveUp(
  { database, publisher }: { database: Database; publisher: Publisher },
  ref: { pullId: number; epoch: number },
): Promise<void> {
  const pull: ClaimedPull | undefined = await poisonedPull(database, { ...ref, leaseMs: LEASE_MS });
  if (pull === undefined) throw new PullFenced();
  const profile = await profileAt(database, { projectId: pull.projectId, version: pull.profileVersion });
  const result = {
    ...{ end: "stopped" as const, reason: pullLost(pull.tableName), failedPage: null },
    progress: progressOf(pull),
  };
  const { arrivalId, messages } = await finishPull(database, { pull, profile, result });
  await publisher.messages(messages);
  if (arrivalId !== null) await publisher.arrivals([arrivalId]);
  else if (pull.purpose === "import") {
    throw new InvariantBroken({ code: "pull_without_arrival", message: "A stopped pull became no arrival." });
  }
}
