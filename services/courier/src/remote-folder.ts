import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { type Delivery, InvariantBroken, type RemoteServer, Unavailable } from "@inlet/contracts";
import type { ClaimedStep, Database } from "@inlet/database";
import { readClientSecret } from "@inlet/pipeline";
import { connectRemote, type Remote, type RemoteNetwork } from "@inlet/remote-sftp";
import { failpoint } from "@inlet/runtime";
import pLimit, { type LimitFunction } from "p-limit";
import type { Fence } from "./fence.ts";
import type { Parcel } from "./parcel.ts";
import { flagName, placeNames, temporaryName } from "./place-names.ts";

type RemoteDelivery = Extract<Delivery, { to: "sftp" }>;

/** Puts a result onto a client's server. Resolves to the name that it got there. */
export type DeliverRemotely = (
  parcel: Parcel,
  to: Pick<RemoteDelivery, "server" | "folder"> & { step: ClaimedStep; signal: AbortSignal; fence: Fence },
) => Promise<string>;

interface RemoteDeps {
  blobs: Blobs;
  database: Database;
  keyEncryptionKey: Buffer;
  network: RemoteNetwork;
  sessionsPerServer: number;
}

/** A file up to this size is read back after it was sent; of a larger one the size is compared. */
const READ_BACK_BYTES = 8 * 1024 * 1024;
/** Earlier attempts whose copies are looked for. */
const ATTEMPTS_SWEPT = 50;

/** Delivery to remote servers, a few sessions at once on each. */
export function openRemoteDelivery({
  blobs,
  database,
  keyEncryptionKey,
  network,
  sessionsPerServer,
}: RemoteDeps): DeliverRemotely {
  const lanes = new Map<string, LimitFunction>();
  const laneOf = ({ host, port }: RemoteServer) => {
    const key = `${host}:${port}`;
    const lane = lanes.get(key) ?? pLimit(sessionsPerServer);
    lanes.set(key, lane);
    return lane;
  };
  return async (parcel, { server, folder, step, signal, fence }) => {
    const secret = await readClientSecret(database, keyEncryptionKey, { ...step, name: server.secret });
    return await laneOf(server)(async () => {
      const remote = await connectRemote(server, secret, { network, signal });
      try {
        return await putIntoRemoteFolder(remote, blobs, parcel, folder, { signal, fence });
      } finally {
        await remote.close();
      }
    });
  };
}

/** The same two phases as in a folder of ours: hidden copy, size compared, its name, then the flag. */
async function putIntoRemoteFolder(
  remote: Remote,
  blobs: Blobs,
  parcel: Parcel,
  folder: string,
  { signal, fence }: { signal: AbortSignal; fence: Fence },
): Promise<string> {
  const at = (name: string) => posix.join(folder, name);
  for (let epoch = Math.max(1, parcel.epoch - ATTEMPTS_SWEPT); epoch < parcel.epoch; epoch += 1) {
    await remote.remove(at(temporaryName(parcel.batchId, epoch)));
  }
  const [own, other] = placeNames(parcel.name, parcel.batchId);
  const temporary = at(temporaryName(parcel.batchId, parcel.epoch));
  let sent = false;
  for (const name of [own, other]) {
    for (;;) {
      const there = await whatIsAt(remote, at(name), parcel);
      if (there === "the same") return await finish(name);
      if (there === "another" && name === own) break;
      if (!sent) await send(remote, blobs, parcel, temporary);
      sent = true;
      failpoint("deliver.copied");
      signal.throwIfAborted();
      await fence();
      if (parcel.flag) await remote.remove(at(flagName(name)));
      if (there === "another") await remote.replace(temporary, at(name));
      else if (!(await remote.move(temporary, at(name)))) continue;
      sent = false;
      await assertSize(remote, at(name), parcel);
      return await finish(name);
    }
  }
  throw new InvariantBroken({ code: "no_name_left", message: `There is no name for the result ${parcel.name}.` });

  async function finish(name: string): Promise<string> {
    if (sent) await remote.remove(temporary);
    failpoint("deliver.renamed");
    if (!parcel.flag || (await remote.stat(at(flagName(name))))) return name;
    await fence();
    await remote.create(at(flagName(name)), EMPTY);
    return name;
  }
}

const EMPTY = { sizeBytes: 0, read: async () => Buffer.alloc(0) };

async function whatIsAt(remote: Remote, path: string, parcel: Parcel): Promise<"nothing" | "the same" | "another"> {
  const file = await remote.stat(path);
  if (file === undefined) return "nothing";
  if (!file.isFile || file.sizeBytes !== parcel.sizeBytes) return "another";
  return (await hashOf(remote, path, parcel.sizeBytes)).equals(parcel.sha256) ? "the same" : "another";
}

async function send(remote: Remote, blobs: Blobs, parcel: Parcel, temporary: string): Promise<void> {
  await remote.remove(temporary);
  const reader = await blobs.open(parcel.blobKey);
  try {
    await remote.create(temporary, reader);
  } finally {
    await reader.close();
  }
  await assertSize(remote, temporary, parcel);
  if (parcel.sizeBytes > READ_BACK_BYTES) return;
  if ((await hashOf(remote, temporary, parcel.sizeBytes)).equals(parcel.sha256)) return;
  throw notWhole(temporary);
}

async function assertSize(remote: Remote, path: string, { sizeBytes }: Parcel): Promise<void> {
  if ((await remote.stat(path))?.sizeBytes !== sizeBytes) throw notWhole(path);
}

const notWhole = (path: string) =>
  new Unavailable({ code: "remote_copy_differs", message: `What arrived as ${path} is not what was sent.` });

async function hashOf(remote: Remote, path: string, sizeBytes: number): Promise<Buffer> {
  const hash = createHash("sha256");
  await remote.read(path, sizeBytes, (chunk) => void hash.update(chunk));
  return hash.digest();
}
