import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Blobs } from "@inlet/blobs";
import { type Delivery, type RemoteServer, Unavailable } from "@inlet/contracts";
import type { ClaimedStep, Database } from "@inlet/database";
import { readClientSecret } from "@inlet/pipeline";
import type { RemoteNetwork } from "@inlet/remote-network";
import { connectRemote, type Remote } from "@inlet/remote-sftp";
import { failpoint } from "@inlet/runtime";
import pLimit, { type LimitFunction } from "p-limit";
import { type Folder, type Found, type Guards, settleName } from "./folder.ts";
import type { Parcel } from "./parcel.ts";
import { flagName, temporaryName } from "./place-names.ts";

type RemoteDelivery = Extract<Delivery, { to: "sftp" }>;

/** Works in a folder on a client's server, in one session. */
export type DeliverRemotely = (
  to: Pick<RemoteDelivery, "server" | "folder"> & Guards & { step: ClaimedStep },
  work: (folder: Folder) => Promise<void>,
) => Promise<void>;

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
  return async ({ server, folder, step, ...guards }, work) => {
    const secret = await readClientSecret(database, keyEncryptionKey, { ...step, name: server.secret });
    await laneOf(server)(async () => {
      const remote = await connectRemote(server, secret, { network, signal: guards.signal });
      try {
        await work(openRemoteFolder(remote, blobs, folder, guards));
      } finally {
        await remote.close();
      }
    });
  };
}

/** The same two phases as in a folder of ours: hidden copy, size compared, then its name. */
function openRemoteFolder(remote: Remote, blobs: Blobs, folder: string, guards: Guards): Folder {
  const at = (name: string) => posix.join(folder, name);
  let isSwept = false;

  async function sweep({ batchId, epoch }: Parcel): Promise<void> {
    for (let earlier = Math.max(1, epoch - ATTEMPTS_SWEPT); earlier < epoch; earlier += 1) {
      await remote.remove(at(temporaryName(batchId, earlier)));
    }
  }

  return {
    async put(parcel) {
      if (!isSwept) await sweep(parcel);
      isSwept = true;
      const temporary = at(temporaryName(parcel.batchId, parcel.epoch));
      let sent = false;
      const look = (name: string) => whatIsAt(remote, at(name), parcel);
      const name = await settleName(parcel, guards, look, async (name, how, inTurn) => {
        if (!sent) await send(remote, blobs, parcel, temporary);
        sent = true;
        failpoint("deliver.copied");
        guards.signal.throwIfAborted();
        await guards.fence();
        return await inTurn(async () => {
          // A flag that an earlier file of this name left behind must not announce the one that comes now.
          if (parcel.isFlagged) await remote.remove(at(flagName(name)));
          if (how === "replace") await remote.replace(temporary, at(name));
          else if (!(await remote.move(temporary, at(name)))) return false;
          sent = false;
          await assertSize(remote, at(name), parcel);
          return true;
        });
      });
      if (sent) await remote.remove(temporary);
      return name;
    },
    async flag(name) {
      if (await remote.stat(at(name))) return;
      await guards.fence();
      await remote.create(at(name), EMPTY);
    },
  };
}

const EMPTY = { sizeBytes: 0, read: async () => Buffer.alloc(0) };

async function whatIsAt(remote: Remote, path: string, parcel: Parcel): Promise<Found> {
  const file = await remote.stat(path);
  if (file === undefined) return "nothing";
  if (!file.isFile) return "no file";
  if (file.sizeBytes !== parcel.sizeBytes) return "another";
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
