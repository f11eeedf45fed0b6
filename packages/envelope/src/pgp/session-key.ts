import { InvalidInput } from "@inlet/contracts";
import { decryptSessionKeys, enums, type PrivateKey, readMessage } from "openpgp";
import { refusal } from "../refusal.ts";
import { HIDDEN, type MessageHead } from "./head.ts";
import type { SessionKey } from "./integrity.ts";
import { fingerprintOf } from "./key.ts";
import { packetBytes, TAG } from "./packet-reader.ts";
import { damaged, unsupported } from "./refusals.ts";

/** What opens a message, and which of our keys it was encrypted to. */
export interface OpenedHead {
  /** More than one only when whom the message is for is hidden. */
  sessionKeys: readonly SessionKey[];
  /** Fingerprint of our primary key. */
  encryptedTo: string;
}

/**
 * Finds the session key with our private keys, retired ones too.
 * @throws InvalidInput when the message is not encrypted to one of them
 */
export async function findSessionKey(head: MessageHead, ours: readonly PrivateKey[]): Promise<OpenedHead> {
  if (head.keyIds.length === 0 && head.hasPassword) {
    throw refusal(
      "pgp_password",
      `The OpenPGP message is encrypted with a password; encrypt it to our key ${await wanted(ours)} instead.`,
    );
  }
  const addressed = ours.filter((key) => head.keyIds.some((id) => id === HIDDEN || hasKeyId(key, id)));
  let failure: unknown;
  for (const key of addressed) {
    try {
      const sessionKeys = await decryptedBy(key, head);
      return { sessionKeys, encryptedTo: fingerprintOf(key) };
    } catch (error) {
      if (error instanceof InvalidInput) throw error;
      failure = error;
    }
  }
  const isNamed = addressed.some((key) => head.keyIds.some((id) => id !== HIDDEN && hasKeyId(key, id)));
  if (isNamed) throw damaged("the key in it does not decrypt", failure);
  throw await notForUs(head, ours);
}

const hasKeyId = (key: PrivateKey, id: string) =>
  key.getKeys().some((part) => part.getKeyID().toHex().toUpperCase() === id);

async function decryptedBy(key: PrivateKey, { sessionPackets }: MessageHead): Promise<readonly SessionKey[]> {
  // OpenPGP.js wants a whole message; what it looks at are the session keys before the data.
  const data = packetBytes(TAG.encrypted, Buffer.from([1, 0]));
  const message = await readMessage({ binaryMessage: new Uint8Array(Buffer.concat([sessionPackets, data])) });
  try {
    const found = await decryptSessionKeys({ message, decryptionKeys: key });
    return found.map(({ data, algorithm }) => ({
      data,
      cipher: algorithm ? enums.symmetric[algorithm as keyof typeof enums.symmetric] : null,
    }));
  } catch (cause) {
    if (/non-preferred symmetric/i.test((cause as Error).message)) {
      throw unsupported("a cipher that our key does not ask for");
    }
    throw cause;
  }
}

async function notForUs({ keyIds }: MessageHead, ours: readonly PrivateKey[]): Promise<InvalidInput> {
  const named = [...new Set(keyIds)].filter((id) => id !== HIDDEN);
  const whose =
    named.length === 0
      ? "for keys that it does not name"
      : `for the ${named.length === 1 ? "key" : "keys"} ${named.slice(0, 5).join(", ")}${named.length > 5 ? ", …" : ""}`;
  return refusal(
    "pgp_other_key",
    `The OpenPGP message is encrypted ${whose}, and not for us; encrypt it to our key ${await wanted(ours)}.`,
    { context: { encryptedFor: named, ours: ours.map(fingerprintOf) } },
  );
}

/** Those of ours that a client can encrypt to today; if there is none, all. */
async function wanted(ours: readonly PrivateKey[]): Promise<string> {
  const usable: PrivateKey[] = [];
  for (const key of ours) {
    const fits = await key.getEncryptionKey().then(
      () => true,
      () => false,
    );
    if (fits) usable.push(key);
  }
  return (usable.length > 0 ? usable : ours).map(fingerprintOf).join(" or ");
}
