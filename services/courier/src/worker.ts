import { join, posix } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { AppError, DEFAULT_DELIVERY, Misconfigured, type Profile } from "@inlet/contracts";
import { type Database, type PlacedFile, placedFiles } from "@inlet/database";
import { advance, type Stage } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { openBooks } from "./books.ts";
import { openFence, StepLost } from "./fence.ts";
import { putIntoFolder } from "./local-folder.ts";
import { type Parcel, parcelOf } from "./parcel.ts";
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
const EMPTY_SHA256 = Buffer.from("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "hex");

/**
 * The stage `deliver`: the result file into its place, whole, once, and the flag file after it. Each place is recorded as
 * soon as it is filled: whoever takes its file away there must not find it again because another place failed.
 */
export function deliverBatch({ blobs, database, dataFolder, deliverRemotely, leaseMs }: Deps): Stage {
  const books = openBooks(database);
  return async ({ step, profile, claimedAtMs, signal, logger }) => {
    const delivery = profile.delivery ?? DEFAULT_DELIVERY;
    const parcel = parcelOf(step, delivery.flag);
    const guards = { signal, fence: openFence(database, step, { leaseMs, claimedAtMs }) };
    // Before the first attempt nobody has placed anything.
    const placed = step.epoch === 1 ? [] : await placedFiles(database, step.batchId);
    const fill = async (destination: string, folder: string, put: () => Promise<string>) => {
      if (isFilled(placed, parcel, destination, folder)) return;
      await books.record(step, delivered(parcel, destination, folder, await put()));
      failpoint("deliver.recorded");
    };
    if (delivery.to === "sftp") {
      await fill(`sftp:${delivery.server.host}`, delivery.folder, () =>
        deliverRemotely(parcel, { ...delivery, step, ...guards }),
      );
      return advance();
    }
    const folder = downloadsOf(profile);
    const troubles: unknown[] = [];
    for (const { username, jail } of await books.receivers(step)) {
      try {
        await fill(`downloads:${username}`, folder, () =>
          putIntoFolder(blobs, parcel, { folder: join(dataFolder, "accounts", jail, folder), ...guards }),
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

/** Whether an earlier attempt put this very result there, with its flag where one is wanted. */
function isFilled(placed: readonly PlacedFile[], parcel: Parcel, destination: string, folder: string): boolean {
  return delivered(parcel, destination, folder, parcel.name).every((wanted) =>
    placed.some(
      ({ artifact, path, sha256, ...there }) =>
        artifact === wanted.artifact &&
        there.destination === destination &&
        posix.dirname(path) === posix.dirname(wanted.path) &&
        sha256.equals(wanted.sha256),
    ),
  );
}

function delivered(parcel: Parcel, destination: string, folder: string, name: string): PlacedFile[] {
  const path = posix.join(folder, name);
  const result: PlacedFile = {
    artifact: "result",
    destination,
    path,
    sizeBytes: parcel.sizeBytes,
    sha256: parcel.sha256,
  };
  if (!parcel.flag) return [result];
  return [
    result,
    { artifact: "flag", destination, path: posix.join(folder, flagName(name)), sizeBytes: 0, sha256: EMPTY_SHA256 },
  ];
}

function downloadsOf(profile: Profile): string {
  const folder = profile.folders?.downloads;
  if (folder !== undefined) return folder;
  throw new Misconfigured({
    code: "downloads_missing",
    message: `The profile of project ${profile.project} names no Downloads folder and no other delivery.`,
  });
}
