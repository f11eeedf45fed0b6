import {
  type AssetRef,
  claimAsset,
  type Database,
  expireAssetLeases,
  refuseAsset,
  staleDueAssets,
  type Tx,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { Publisher } from "../queues.ts";

/** An upload whose renderers vanish this often in a row is poison. */
const MOST_LOSSES = 3;
const AT_ONCE = 500;
/** Long enough to write down that it is given up. */
const LEASE_MS = 60_000;
const POISON = {
  code: "media_harmful",
  message:
    "Whatever opens the file breaks off in the middle of it. Export it again with another program, and upload that.",
};

/** An upload whose worker vanished. */
export type ExpiredRemake = AssetRef & { losses: number };

/** Takes uploads back whose workers vanished, as the one reconciler. */
export const takeBackRemakes = (tx: Tx): Promise<ExpiredRemake[]> => expireAssetLeases(tx, { limit: AT_ONCE });

/** Gives uploads on that were taken back, or refuses them, and publishes what has been due for a while and nobody has claimed. */
export async function recoverRemakes(
  { database, publisher, logger }: { database: Database; publisher: Publisher; logger: Logger },
  { expired, olderThanMs }: { expired: readonly ExpiredRemake[]; olderThanMs: number },
): Promise<void> {
  for (const { losses, ...ref } of expired) {
    const facts = { ...ref, losses };
    if (losses < MOST_LOSSES) {
      logger.warn(facts, "a renderer did not answer; its upload is made anew elsewhere");
      await publisher.assets([ref]);
      continue;
    }
    logger.error(facts, "an upload's renderers vanish again and again; refused");
    const claimed = await claimAsset(database, { ...ref, worker: "reconciler", leaseMs: LEASE_MS });
    if (claimed !== undefined) await refuseAsset(database, { ...ref, refusal: POISON });
  }
  await publisher.assets(await staleDueAssets(database, { olderThanMs, limit: AT_ONCE }));
}
