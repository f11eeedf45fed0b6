import { hostname } from "node:os";
import type { StoredAsset } from "@inlet/contracts";
import {
  type AssetRef,
  type ClaimedAsset,
  claimAsset,
  finishAsset,
  lockAssetFile,
  refuseAsset,
  releaseAsset,
  renewAssetLease,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import type { WorkerOptions } from "../run-stage.ts";
import { NotOurs, runFencedWork, type WorkTerms } from "./fenced-work.ts";

/** What an upload became, and how its file is put in its place. */
export interface RemadeAsset {
  made: Omit<StoredAsset, "name">;
  /** Puts the file where `<client>/assets/<sha256>` says. Called under the lock on that file. */
  store(): Promise<void>;
}

/**
 * Makes one upload anew and hands it to `keep`, which puts it in its place. What it throws decides what becomes of the upload: an
 * `InvalidInput` is a refusal, with its words for whoever uploaded it.
 */
export type RemakeAsset = (
  asset: ClaimedAsset,
  terms: WorkTerms & { keep: (remade: RemadeAsset) => Promise<void> },
) => Promise<void>;

/** What is told of an upload that could not be made anew, and not for its own fault. */
const FAILED =
  "The file could not be made ready, and it is not clear why. Upload it once more; if that fails too, tell the people who run Inlet.";

/** Works on uploads that storyboards are to show. */
export async function runRemakes(remake: RemakeAsset, options: WorkerOptions): Promise<{ close(): Promise<void> }> {
  const { database, leaseMs } = options;
  const worker = `${hostname()}:${process.pid}`;

  async function keep(asset: ClaimedAsset, { made, store }: RemadeAsset): Promise<void> {
    failpoint("renderer.remade");
    const isOurs = await transaction(database, async (tx) => {
      await lockAssetFile(tx, { clientId: asset.clientId, sha256: made.sha256 });
      await store();
      return await finishAsset(tx, { ...asset, made });
    });
    if (!isOurs) throw new NotOurs();
  }

  return await runFencedWork<AssetRef, ClaimedAsset>(
    {
      queue: "remake",
      claim: (ref) => claimAsset(database, { ...ref, worker, leaseMs }),
      renew: (ref) => renewAssetLease(database, { ...ref, leaseMs }),
      work: (asset, terms) => remake(asset, { ...terms, keep: (remade) => keep(asset, remade) }),
      release: (asset, how) => releaseAsset(database, { ...asset, ...how }),
      async giveUp(asset, { code, message }) {
        const isItsFault = code.startsWith("image_") || code.startsWith("media_");
        const refusal = isItsFault ? { code, message } : { code: "remake_failed", message: FAILED };
        await refuseAsset(database, { ...asset, refusal });
      },
      publish: (publisher, refs, delayMs) => publisher.assets(refs, delayMs),
      factsOf: ({ client, project }) => ({ client, project }),
    },
    options,
  );
}
