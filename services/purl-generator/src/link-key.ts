import { randomBytes } from "node:crypto";
import { InvariantBroken, Unavailable } from "@inlet/contracts";
import {
  type ClaimedStep,
  type Database,
  insertLinkKey,
  linkKey,
  lockLinkKeys,
  newestLinkKey,
  pinLinkKey,
  transaction,
} from "@inlet/database";
import { LINK_KEY_BYTES } from "@inlet/purl";
import { seal, unseal } from "@inlet/runtime";

interface PinnedKey {
  id: number;
  key: Buffer;
}

/** What a link key is sealed for: it cannot be moved to another client. */
const sealedFor = (clientId: number) => `link-key:${clientId}`;

type KeyedStep = Pick<ClaimedStep, "batchId" | "stepId" | "epoch" | "clientId" | "linkKeyId">;

/** Keys that are kept open at once. */
const MOST_OPEN = 1_000;

/**
 * Opens the link keys that batches' links are made under: the one that was pinned when the file was received or by an
 * earlier attempt, else the client's newest, pinned now. A client without one gets its first. A key never changes, so it
 * is read and unsealed but once.
 */
export function openLinkKeys(database: Database, keyEncryptionKey: Buffer): (step: KeyedStep) => Promise<PinnedKey> {
  const open = new Map<string, Promise<Buffer>>();
  const keyOf = (step: KeyedStep, id: number): Promise<Buffer> => {
    const name = `${step.clientId}:${id}`;
    let key = open.get(name);
    if (key === undefined) {
      key = unsealed(database, step, id, keyEncryptionKey);
      key.catch(() => open.delete(name));
      if (open.size >= MOST_OPEN) open.delete(open.keys().next().value!);
      open.set(name, key);
    }
    return key;
  };
  return async (step) => {
    const id = step.linkKeyId ?? (await pinNewest(database, step, keyEncryptionKey));
    return { id, key: await keyOf(step, id) };
  };
}

async function unsealed(database: Database, step: KeyedStep, id: number, keyEncryptionKey: Buffer): Promise<Buffer> {
  const stored = await linkKey(database, id);
  if (stored === undefined || stored.clientId !== step.clientId) {
    throw new InvariantBroken({
      code: "link_key_missing",
      message: `Batch ${step.batchId} is tied to link key ${id}, which its client does not have.`,
    });
  }
  return unseal(keyEncryptionKey, stored.sealed, sealedFor(step.clientId));
}

async function pinNewest(
  database: Database,
  step: Pick<ClaimedStep, "batchId" | "stepId" | "epoch" | "clientId">,
  keyEncryptionKey: Buffer,
): Promise<number> {
  const newest = await newestLinkKey(database, step.clientId);
  const linkKeyId = newest?.id ?? (await makeFirst(database, step.clientId, keyEncryptionKey));
  const pinned = await pinLinkKey(database, { ...step, linkKeyId });
  if (pinned === undefined) {
    // The shell's own heartbeat says the same in a moment, and drops what is done here.
    throw new Unavailable({ code: "step_lost", message: `Step ${step.stepId} is no longer this worker's.` });
  }
  return pinned;
}

async function makeFirst(database: Database, clientId: number, keyEncryptionKey: Buffer): Promise<number> {
  return await transaction(database, async (tx) => {
    await lockLinkKeys(tx, clientId);
    const newest = await newestLinkKey(tx, clientId);
    if (newest !== undefined) return newest.id;
    const sealed = seal(keyEncryptionKey, randomBytes(LINK_KEY_BYTES), sealedFor(clientId));
    return await insertLinkKey(tx, { clientId, sealed });
  });
}
