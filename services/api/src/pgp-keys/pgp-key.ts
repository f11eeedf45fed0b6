import type { PgpKey, PgpKeyImport } from "@inlet/contracts";
import type { NewPgpKey, PgpKeyRow } from "@inlet/database";
import { type PgpKeyFacts, publicPartOf, readPgpKey, unlockPgpKey } from "@inlet/envelope";
import { KEY_WARNING_MS } from "@inlet/pipeline";
import { Refusal } from "../requests/errors.ts";
import { iso } from "../views.ts";

const DAY_MS = 24 * 60 * 60_000;

/** A key as it is shown. What is private of it is not even in the row. */
export function pgpKeyView(row: PgpKeyRow, now: Date): PgpKey {
  const { owner, fingerprint, userId, algorithm, canEncrypt, canSign, state, addedBy } = row;
  return {
    owner,
    fingerprint,
    userId,
    algorithm,
    canEncrypt,
    canSign,
    state,
    createdAt: iso(row.createdAt),
    expiresAt: iso(row.expiresAt),
    addedAt: iso(row.addedAt),
    addedBy,
    retiredAt: iso(row.retiredAt),
    warnings: warningsOf(row, now),
  };
}

function warningsOf(key: PgpKeyRow, now: Date): string[] {
  if (key.state === "retired" || key.expiresAt === null) return [];
  const leftMs = key.expiresAt.getTime() - now.getTime();
  if (leftMs > KEY_WARNING_MS) return [];
  const day = key.expiresAt.toISOString().slice(0, 10);
  const days = Math.ceil(leftMs / DAY_MS);
  const what =
    leftMs <= 0
      ? `Expired on ${day}`
      : days === 1
        ? `Expires within a day, on ${day}`
        : `Expires in ${days} days, on ${day}`;
  const remedy =
    key.owner === "ours"
      ? "rotate it, and send the client the new public key"
      : "ask the client for its new public key, or for this one with a later expiry";
  return [`${what}: ${remedy}.`];
}

/** What a key is stored as, but for where, and before its private part is sealed. */
export type ReadPgpKey = Omit<NewPgpKey, "projectId" | "addedBy" | "sealed"> & { privateKey: string | undefined };

/**
 * Reads a key of ours that is ready for use: unlocked, with its private part.
 * @throws Refusal, InvalidInput what is wrong with it
 */
export async function readOurKey(privateKey: string, now: Date): Promise<ReadPgpKey> {
  const facts = await readPgpKey(privateKey);
  assertValid(facts, now);
  if (!facts.canEncrypt) {
    throw new Refusal(400, "key_unfit", "Nobody can encrypt to this key: it has no valid part for encryption.");
  }
  return { ...stored(facts, "ours"), publicKey: await publicPartOf(privateKey), privateKey };
}

/**
 * Reads a key that was sent to be imported.
 * @throws Refusal, InvalidInput what is wrong with it, and what to do
 */
export async function readImportedKey({ owner, key, passphrase }: PgpKeyImport, now: Date): Promise<ReadPgpKey> {
  const given = bytesOrArmor(key);
  const facts = await readPgpKey(given);
  if (owner === "theirs") {
    if (facts.isPrivate || /PRIVATE KEY/.test(key)) {
      throw new Refusal(
        400,
        "key_private",
        "This is a private key. Nothing of it was kept. The client sends its public key, and keeps the private one to itself: " +
          "one that has been sent is best revoked and replaced. A private key of the hub's own is imported as ours.",
      );
    }
    assertValid(facts, now);
    if (!facts.canEncrypt && !facts.canSign) {
      throw new Refusal(400, "key_unfit", "This key is good neither for encryption nor for signatures.");
    }
    return { ...stored(facts, "theirs"), publicKey: await publicPartOf(given), privateKey: undefined };
  }
  if (!facts.isPrivate) {
    throw new Refusal(
      400,
      "key_public",
      "This is a public key. A key of ours is imported with its private part; the client's public key is imported as theirs.",
    );
  }
  return await readOurKey(await unlockPgpKey(given, passphrase), now);
}

function stored(
  { fingerprint, userId, algorithm, canEncrypt, canSign, createdAt, expiresAt }: PgpKeyFacts,
  owner: PgpKeyRow["owner"],
) {
  return {
    owner,
    fingerprint,
    userId,
    algorithm,
    canEncrypt,
    canSign,
    createdAt,
    expiresAt,
  };
}

function assertValid({ fingerprint, isRevoked, expiresAt }: PgpKeyFacts, now: Date): void {
  if (isRevoked) {
    throw new Refusal(
      400,
      "key_revoked",
      `The key ${fingerprint} was revoked by its owner, and is good for nothing any more. Where it is stored already, remove it.`,
    );
  }
  if (expiresAt === null || expiresAt.getTime() > now.getTime()) return;
  throw new Refusal(
    400,
    "key_expired",
    `The key ${fingerprint}, or the part of it that encrypts or signs, expired on ${expiresAt.toISOString().slice(0, 10)}. ` +
      "Its owner can give it a later expiry and export it again, or make a new one.",
  );
}

/** Armour as it is, else the bytes that the base64 stands for. */
function bytesOrArmor(text: string): string | Uint8Array {
  if (text.includes("-----BEGIN")) return text;
  const base64 = text.replace(/\s+/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) {
    throw new Refusal(400, "key_unreadable", "This is no OpenPGP key: neither armoured (-----BEGIN PGP …) nor base64.");
  }
  return Buffer.from(base64, "base64");
}
