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

/**
 * The link key that this batch's links are made under: the one that an earlier attempt pinned, else the client's newest,
 * pinned now. A client without one gets its first.
 */
export async function pinnedLinkKey(
  database: Database,
  step: Pick<ClaimedStep, "batchId" | "stepId" | "epoch" | "clientId" | "linkKeyId">,
  keyEncryptionKey: Buffer,
): Promise<PinnedKey> {
  const id = step.linkKeyId ?? (await pinNewest(database, step, keyEncryptionKey));
  const stored = await linkKey(database, id);
  if (stored === undefined || stored.clientId !== step.clientId) {
    throw new InvariantBroken({
      code: "link_key_missing",
      message: `Batch ${step.batchId} is tied to link key ${id}, which its client does not have.`,
    });
  }
  return { id, key: unseal(keyEncryptionKey, stored.sealed, sealedFor(step.clientId)) };
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
