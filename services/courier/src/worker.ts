import { join, posix } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { Misconfigured, type Profile } from "@inlet/contracts";
import { type ClaimedStep, type Database, receivingAccounts } from "@inlet/database";
import { advance, type Delivered, type Stage } from "@inlet/pipeline";
import { openFence } from "./fence.ts";
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

/** The stage `deliver`: the result file into its place, whole, once, and the flag file after it. */
export function deliverBatch({ blobs, database, dataFolder, deliverRemotely, leaseMs }: Deps): Stage {
  return async ({ step, profile, signal }) => {
    const delivery = profile.delivery ?? { to: "downloads", flag: false };
    const parcel = parcelOf(step, delivery.flag);
    const guards = { signal, fence: openFence(database, step, leaseMs) };
    if (delivery.to === "sftp") {
      const name = await deliverRemotely(parcel, { ...delivery, step, ...guards });
      return advance({ deliveries: delivered(parcel, `sftp:${delivery.server.host}`, delivery.folder, name) });
    }
    const folder = downloadsOf(profile);
    const deliveries: Delivered[] = [];
    for (const { username, jail } of await receivers(database, step)) {
      const name = await putIntoFolder(blobs, parcel, {
        folder: join(dataFolder, "accounts", jail, folder),
        ...guards,
      });
      deliveries.push(...delivered(parcel, `downloads:${username}`, folder, name));
    }
    return advance({ deliveries });
  };
}

function delivered(parcel: Parcel, destination: string, folder: string, name: string): Delivered[] {
  const path = posix.join(folder, name);
  const result: Delivered = {
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

async function receivers(database: Database, step: ClaimedStep) {
  const accounts = await receivingAccounts(database, step);
  if (accounts.length > 0) return accounts;
  throw new Misconfigured({
    code: "no_receiving_account",
    message: `No enabled SFTP account of client ${step.client} sees project ${step.project}, so its result has no Downloads folder to go into. The rows are imported and the result is kept: add an account, or set the profile's delivery to sftp, and retry the batch.`,
  });
}
