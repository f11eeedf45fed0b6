import {
  type Database,
  dueRenderings,
  type ExpiredRendering,
  expireRenderingLeases,
  failRendering,
  type Tx,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { Publisher } from "../queues.ts";

/** A film whose renderers vanish this often in a row is poison. */
const MOST_LOSSES = 3;
const AT_ONCE = 500;
const LOST = {
  code: "worker_lost",
  message: `The renderer vanished ${MOST_LOSSES} times in a row while it made this video (a crash, or too little memory).`,
  retryable: false,
};

/** Takes renderings back whose workers vanished, as the one reconciler. */
export const takeBackRenderings = (tx: Tx): Promise<ExpiredRendering[]> =>
  expireRenderingLeases(tx, { limit: AT_ONCE });

/** Gives renderings on that were taken back, or up, and publishes what has been due for a while and nobody has claimed. */
export async function recoverRenderings(
  { database, publisher, logger }: { database: Database; publisher: Publisher; logger: Logger },
  { expired, olderThanMs }: { expired: readonly ExpiredRendering[]; olderThanMs: number },
): Promise<void> {
  for (const { renderingId, epoch, losses, worker } of expired) {
    const facts = { renderingId, worker, losses };
    if (losses < MOST_LOSSES) {
      logger.warn(facts, "a renderer did not answer; its video is made elsewhere");
      await publisher.renderings([{ renderingId, epoch }]);
      continue;
    }
    logger.error(facts, "a video's renderers vanish again and again; given up");
    await failRendering(database, { renderingId, epoch, error: LOST });
  }
  await publisher.renderings(await dueRenderings(database, { olderThanMs, limit: AT_ONCE }));
}
