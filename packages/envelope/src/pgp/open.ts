import { InvalidInput } from "@inlet/contracts";
import type { UnwrapLimits } from "../limits.ts";
import type { RandomAccess } from "../random-access.ts";
import { refusal } from "../refusal.ts";
import { dearmour } from "./armour.ts";
import { ByteReader } from "./byte-reader.ts";
import { type MessageHead, readHead } from "./head.ts";
import { decryptAead, decryptLibreAead, decryptWithCode, type SessionKey } from "./integrity.ts";
import { assertProved, type MessageContents, readContents } from "./message.ts";
import { readOurKeys, readTheirKeys } from "./our-keys.ts";
import { nextPacket, TAG } from "./packet-reader.ts";
import { damaged, unsupported } from "./refusals.ts";
import { findSessionKey, type OpenedHead } from "./session-key.ts";
import { type Verifying, verifySignatures } from "./signature.ts";

/** An OpenPGP message that is encrypted to one of our keys. */
export interface PgpMessage {
  /**
   * Streams what the message holds; memory stays bounded. It is proved at the END alone that nobody tampered with it and
   * that its signature holds: keep what was read in quarantine until then.
   * @throws InvalidInput
   */
  open(): AsyncIterable<Uint8Array>;
  /** The file name within, without any folder: never a path to write to. Null when there is none; to be asked after the end. */
  name(): string | null;
  /**
   * The fingerprint (of the primary key, hexadecimal, upper case) of the client's key that signed, to be asked after the
   * end. Null: not signed, or by a key that is not among `publicKeys`, which mode `accept` takes.
   */
  signedBy(): string | null;
  /** The fingerprint of the key of ours that it is encrypted to; it may be a retired one. */
  encryptedTo: string;
}

/** The keys that a message is opened and verified with. */
export interface PgpKeys {
  /** Ours, armoured and unlocked: the active one and those that were retired. */
  privateKeys: readonly string[];
  /** The client's, armoured: signatures are verified against them. */
  publicKeys: readonly string[];
  /** Whether a message without a signature by one of `publicKeys` is refused. One that does not hold always is. */
  signature: "accept" | "require";
}

interface OpenMessageOptions {
  isArmoured: boolean;
  keys: PgpKeys | undefined;
  limits: UnwrapLimits;
  signal?: AbortSignal | undefined;
}

/**
 * Opens an OpenPGP message as far as to know that it is for us.
 * @throws InvalidInput when it is not; Misconfigured when a key of ours or the client's cannot be used
 */
export async function openMessage(file: RandomAccess, options: OpenMessageOptions): Promise<PgpMessage> {
  const { keys, signal } = options;
  const reading = readMessageHead(file, options);
  const head = await reading.head.finally(reading.close);
  if (keys === undefined || keys.privateKeys.length === 0) {
    throw refusal(
      "pgp_keys_missing",
      "The file is an OpenPGP message, and there is no key here that could open it; exchange keys first, or send it unencrypted.",
    );
  }
  const ourKeys = await readOurKeys(keys.privateKeys);
  const opened = await findSessionKey(head, ourKeys);
  const ours = ourKeys.flatMap((key) => key.getKeys().map((part) => part.getFingerprint().toUpperCase()));
  const verifying = { theirs: await readTheirKeys(keys.publicKeys), ours };
  let ended: { name: string | null; signedBy: string | null } = { name: null, signedBy: null };
  return {
    encryptedTo: opened.encryptedTo,
    name: () => ended.name,
    signedBy: () => ended.signedBy,
    async *open() {
      signal?.throwIfAborted();
      ended = { name: null, signedBy: null };
      const contents: MessageContents = { name: null, signatures: [] };
      yield* decryptMessage(file, opened, contents, options);
      ended = { name: contents.name, signedBy: await judgeSignatures(contents, verifying, keys.signature) };
    },
  };
}

function readMessageHead(
  file: RandomAccess,
  { isArmoured, signal }: OpenMessageOptions,
): { reader: ByteReader; head: Promise<MessageHead>; close: () => Promise<void> } {
  const raw = new ByteReader(bytesOf(file, signal));
  const reader = isArmoured ? new ByteReader(dearmour(raw)) : raw;
  const close = async () => {
    await reader.close();
    await raw.close();
  };
  return { reader, head: readHead(reader), close };
}

const READ_BYTES = 64 * 1024;

/** The file from its beginning; the next piece is read while one is looked at. */
async function* bytesOf(file: RandomAccess, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array, void> {
  const read = (offset: number) => {
    const chunk = file.read(offset, READ_BYTES);
    chunk.catch(() => {});
    return chunk;
  };
  let offset = 0;
  let next = read(0);
  try {
    for (;;) {
      const chunk = await next;
      signal?.throwIfAborted();
      if (chunk.length === 0) return;
      offset += chunk.length;
      next = read(offset);
      yield chunk;
    }
  } finally {
    await next.catch(() => {});
  }
}

async function* decryptMessage(
  file: RandomAccess,
  { sessionKeys }: OpenedHead,
  contents: MessageContents,
  options: OpenMessageOptions,
): AsyncGenerator<Uint8Array, void> {
  const reading = readMessageHead(file, options);
  try {
    const { encrypted } = await reading.head;
    const [sessionKey] = sessionKeys;
    if (sessionKey === undefined) throw damaged("the key in it does not decrypt");
    let isProved = false;
    const decrypted = new ByteReader(
      noting(decryptBody(encrypted, sessionKey), () => {
        isProved = true;
      }),
    );
    try {
      yield* readContents(decrypted, contents, { limits: options.limits, fileBytes: file.sizeBytes });
      await decrypted.drain();
    } catch (error) {
      // What was changed on its way may look like anything: that it was changed is the better reason, if it was.
      if (error instanceof InvalidInput && MAY_BE_TAMPERED.has(error.code)) await decrypted.drain();
      throw error;
    } finally {
      await decrypted.close();
    }
    assertProved(isProved);
    await refuseSecondMessage(reading.reader);
  } finally {
    await reading.close();
  }
}

const MAY_BE_TAMPERED: ReadonlySet<string> = new Set([
  "pgp_damaged",
  "pgp_layers",
  "pgp_several_files",
  "pgp_unsupported",
]);

async function* noting(chunks: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncGenerator<Uint8Array, void> {
  yield* chunks;
  onEnd();
}

async function* decryptBody(
  { tag, body }: MessageHead["encrypted"],
  sessionKey: SessionKey,
): AsyncGenerator<Uint8Array, void> {
  const reader = new ByteReader(body);
  const rest = async function* () {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) yield chunk;
  };
  if (tag === TAG.encryptedAead) return yield* decryptLibreAead(rest(), sessionKey);
  const version = await reader.byte();
  if (version === 1) return yield* decryptWithCode(rest(), sessionKey);
  if (version === 2) return yield* decryptAead(rest(), sessionKey);
  throw unsupported(`an encrypted packet of version ${version}`);
}

async function refuseSecondMessage(reader: ByteReader): Promise<void> {
  for (let packet = await nextPacket(reader); packet !== undefined; packet = await nextPacket(reader)) {
    if (packet.tag !== TAG.marker && packet.tag !== TAG.padding) {
      throw damaged("something follows the end of the message");
    }
    for await (const _ of packet.body);
  }
}

async function judgeSignatures(
  { signatures }: MessageContents,
  verifying: Verifying,
  mode: PgpKeys["signature"],
): Promise<string | null> {
  const { signedBy, strangers } = await verifySignatures(signatures, verifying);
  if (mode === "accept" || signedBy !== null) return signedBy;
  const [stranger] = strangers;
  if (stranger !== undefined) {
    throw refusal(
      "pgp_signer_unknown",
      `The file is signed with the key ${strangers.join(", ")}, which we do not have; send us its public key, or sign with the one that we have.`,
      { context: { signers: strangers } },
    );
  }
  throw refusal(
    "pgp_unsigned",
    "The OpenPGP message is not signed; sign it with your key as well (gpg --sign --encrypt).",
  );
}
