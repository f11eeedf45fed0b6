import type { KeyExpiryMessage, Profile } from "@inlet/contracts";
import {
  type Database,
  type ExpiringPgpKey,
  expiringPgpKeys,
  insertMessages,
  liveProject,
  type MessageRef,
  type NewMessage,
} from "@inlet/database";
import { sentFrom } from "./report.ts";

const DAY_MS = 24 * 60 * 60_000;

/** Days before a key's expiry at which the project's people are told; 0: it has expired. */
const WARNED_DAYS = [0, 1, 7, 30] as const;
export type WarnedDays = (typeof WARNED_DAYS)[number];

/** A key is warned of when this or less is left. */
export const KEY_WARNING_MS = Math.max(...WARNED_DAYS) * DAY_MS;

/** The most urgent warning that is due; undefined: none yet. */
export function dueWarning(leftMs: number): WarnedDays | undefined {
  return WARNED_DAYS.find((days) => leftMs <= days * DAY_MS);
}

/**
 * Writes the e-mails on active keys, ours and theirs, that expire soon or have expired: 30, 7 and 1 day before, and then.
 * Whoever was told once is not told again, however often this is called; a key that was given another expiry is a new
 * matter. Returns what is due to be sent.
 */
export async function warnOfExpiringKeys(database: Database, now = new Date()): Promise<MessageRef[]> {
  const profiles = new Map<number, Profile | undefined>();
  const messages: NewMessage[] = [];
  for (const key of await expiringPgpKeys(database, { now, before: new Date(now.getTime() + KEY_WARNING_MS) })) {
    if (!profiles.has(key.projectId)) {
      profiles.set(key.projectId, (await liveProject(database, key.projectId))?.profile);
    }
    const profile = profiles.get(key.projectId);
    if (profile !== undefined) messages.push(...warningsOf(key, profile, now));
  }
  return await insertMessages(database, messages);
}

function warningsOf(key: ExpiringPgpKey, profile: Profile, now: Date): NewMessage[] {
  const days = dueWarning(key.expiresAt.getTime() - now.getTime());
  if (days === undefined) return [];
  const payload: KeyExpiryMessage = {
    event: "key_expires",
    ...sentFrom(profile),
    owner: key.owner,
    fingerprint: key.fingerprint,
    userId: key.userId,
    canEncrypt: key.canEncrypt,
    canSign: key.canSign,
    hasOtherEncryptionKey: key.hasOtherEncryptionKey,
    expiresAt: key.expiresAt.toISOString(),
    at: now.toISOString(),
  };
  return profile.notify.recipients.map((recipient) => ({
    key: `key-expiry:${key.keyId}:${key.expiresAt.getTime()}:${days}:${recipient.toLowerCase()}`,
    projectId: key.projectId,
    runId: null,
    batchId: null,
    recipient,
    payload,
  }));
}
