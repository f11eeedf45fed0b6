import { join, posix } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { AppError, DEFAULT_DELIVERY, Misconfigured, type Profile } from "@inlet/contracts";
import { type ClaimedStep, type Database, type PlacedFile, placedFiles } from "@inlet/database";
import { advance, fitsReply, type Stage } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { openBooks } from "./books.ts";
import { openFence, StepLost } from "./fence.ts";
import type { Folder, Guards } from "./folder.ts";
import { openLocalFolder } from "./local-folder.ts";
import { isResult, type Parcel, parcelsOf } from "./parcel.ts";
import { flagName } from "./place-names.ts";
import type { DeliverRemotely } from "./remote-folder.ts";

interface Deps {
  blobs: Blobs;
  database: Database;
  dataFolder: string;
  deliverRemotely: DeliverRemotely;
  leaseMs: number;
}

/** SHA-256 of nothing: what a flag file holds. */
const EMPTY = {
  sizeBytes: 0,
  sha256: Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex"),
};

/**
 * The stage `deliver`: the result and the error file into their place, whole, once, and the flag file after them. Each place
 * is recorded as soon as it is filled: whoever takes its files away there must not find them again because another place
 * failed. What came by e-mail goes back in the reply, unless it is too large for that.
 */
export function deliverBatch({ blobs, database, dataFolder, deliverRemotely, leaseMs }: Deps): Stage {
  const books = openBooks(database);
  return async ({ step, profile, claimedAtMs, signal, logger }) => {
    const delivery = profile.delivery ?? DEFAULT_DELIVERY;
    const parcels = parcelsOf(step, profile);
    const sizes = parcels.map(({ sizeBytes }) => sizeBytes);
    if (parcels.length === 0 || fitsReply(profile, step.source, sizes)) return advance();
    const fence = openFence(database, step, { leaseMs, claimedAtMs });
    // Before the first attempt nobody has placed anything.
    const placed = step.epoch === 1 ? [] : await placedFiles(database, step.batchId);
    const hasFlag = delivery.flag && parcels.some(({ artifact }) => isResult(artifact));

    /** Fills one place, and records what lies there. */
    async function fill(
      destination: string,
      folder: string,
      within: (guards: Guards, work: (folder: Folder) => Promise<void>) => Promise<void>,
    ): Promise<void> {
      const at = (name: string) => posix.join(folder, name);
      const { due, isFlagDue } = openPlace(placed, { destination, folder }, parcels, hasFlag);
      if (due.length === 0) return;
      const files: PlacedFile[] = [];
      const fileOf = ({ artifact, sizeBytes, sha256 }: Parcel, name: string): PlacedFile => ({
        ...{ artifact, destination, path: at(name), sizeBytes, sha256 },
      });
      const inTurn: Guards["inTurn"] = (parcel, name, put) => books.putInTurn(step, fileOf(parcel, name), put);
      try {
        await within({ signal, fence, inTurn }, async (place) => {
          let announced: string | undefined;
          for (const parcel of due) {
            const name = await place.put(parcel);
            files.push(fileOf(parcel, name));
            if (isResult(parcel.artifact)) announced = name;
            failpoint("deliver.renamed");
          }
          if (!isFlagDue || announced === undefined) return;
          const name = flagName(announced);
          const flag: PlacedFile = { artifact: "flag", destination, path: at(name), ...EMPTY };
          const put = () => place.flag(name).then(() => true);
          // What lies there now may be a newer batch's, which is not whole before its own flag.
          const isShared = delivery.existing === "replace";
          const done = isShared ? await books.putInTurn(step, { ...flag, at: at(announced) }, put) : await put();
          if (done !== "overtaken") files.push(flag);
        });
      } catch (error) {
        // What lies there by now may be taken away, and is not put there again for what is missing.
        if (files.length > 0 && !(error instanceof StepLost)) await books.record(step, files).catch(() => {});
        throw error;
      }
      await books.record(step, files);
      failpoint("deliver.recorded");
    }

    if (delivery.to === "sftp") {
      await fill(`sftp:${delivery.server.host}`, delivery.folder, (guards, work) =>
        deliverRemotely({ ...delivery, ...guards, step }, work),
      );
      return advance();
    }
    const folder = downloadsOf(profile, step);
    if (folder === undefined) return advance();
    const troubles: unknown[] = [];
    for (const { username, jail } of await books.receivers(step)) {
      try {
        await fill(`downloads:${username}`, folder, (guards, work) =>
          work(openLocalFolder(blobs, join(dataFolder, "accounts", jail, folder), guards)),
        );
      } catch (error) {
        // What concerns the step concerns every account; what concerns this one holds up no other.
        if (signal.aborted || error instanceof StepLost) throw error;
        logger.warn({ err: error, account: username }, "could not deliver to an account; going on with the others");
        troubles.push(error);
      }
    }
    if (troubles.length > 0) throw worstOf(troubles);
    return advance();
  };
}

/** Of several accounts' troubles, the one that decides what becomes of the step: what may pass is tried again for all. */
function worstOf(troubles: readonly unknown[]): unknown {
  const mayPass = troubles.find((trouble) => trouble instanceof AppError && trouble.retryable);
  return mayPass ?? troubles.find((trouble) => !(trouble instanceof AppError)) ?? troubles[0];
}

/** What a place still lacks: an earlier attempt may have put these very files there. A result is not there without its flag. */
function openPlace(
  placed: readonly PlacedFile[],
  { destination, folder }: { destination: string; folder: string },
  parcels: readonly Parcel[],
  hasFlag: boolean,
): { due: Parcel[]; isFlagDue: boolean } {
  const there = placed.filter(
    (file) =>
      file.destination === destination && posix.dirname(file.path) === posix.dirname(posix.join(folder, "name")),
  );
  const isFlagDue = hasFlag && !there.some(({ artifact }) => artifact === "flag");
  const due = parcels.filter(({ artifact, sha256 }) => {
    const isThere = there.some((file) => file.artifact === artifact && file.sha256.equals(sha256));
    return !isThere || (isFlagDue && isResult(artifact));
  });
  return { due, isFlagDue };
}

/** The project's Downloads folder. Undefined: it has none, and needs none, because the answer goes by e-mail. */
function downloadsOf(profile: Profile, { source }: ClaimedStep): string | undefined {
  const folder = profile.folders?.downloads;
  if (folder !== undefined || source === "email") return folder;
  throw new Misconfigured({
    code: "downloads_missing",
    message: `The profile of project ${profile.project} names no Downloads folder and no other delivery.`,
  });
}
