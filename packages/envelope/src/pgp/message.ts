import { InvariantBroken } from "@inlet/contracts";
import { baseName } from "../base-name.ts";
import { isBomb, type UnwrapLimits } from "../limits.ts";
import { identify, MAGIC_BYTES } from "../magic.ts";
import { refusal } from "../refusal.ts";
import { ByteReader, restOf } from "./byte-reader.ts";
import { decompress } from "./decompress.ts";
import { nextPacket, type Packet, TAG, wholeBody } from "./packet-reader.ts";
import { damaged, layers } from "./refusals.ts";
import { announced, leading, type PendingSignature } from "./signature.ts";

/** What a decrypted message says besides its data. */
export interface MessageContents {
  name: string | null;
  signatures: PendingSignature[];
}

export interface ReadContentsOptions {
  limits: UnwrapLimits;
  /** Of the file that the message came in. */
  fileBytes: number;
}

/** A signature with certificates and notations is larger than one of 5 KB by far; this is what gpg takes, too. */
const MOST_SIGNATURE_BYTES = 64 * 1024;
const MOST_SIGNATURES = 16;
const MOST_SKIPPED_BYTES = 64 * 1024;

/**
 * Reads what was encrypted: one file, packed or not, with its signatures (RFC 9580, section 10.3). Streams the file, fills
 * `contents` on the way. The packets are read here and not by OpenPGP.js, because that holds every packet but the data whole
 * in memory, as large as its sender says.
 * @throws InvalidInput
 */
export async function* readContents(
  decrypted: ByteReader,
  contents: MessageContents,
  options: ReadContentsOptions,
): AsyncGenerator<Uint8Array, void> {
  yield* readMessage(decrypted, contents, { ...options, isPacked: false });
}

async function* readMessage(
  reader: ByteReader,
  contents: MessageContents,
  options: ReadContentsOptions & { isPacked: boolean },
): AsyncGenerator<Uint8Array, void> {
  const { signatures } = contents;
  let isRead = false;
  /** Announced before the data; they come after it in the opposite order. */
  const missing: PendingSignature[] = [];
  for (let packets = 0; ; packets += 1) {
    const packet = await nextPacket(reader);
    if (packet === undefined) break;
    if (packets > 4 * MOST_SIGNATURES) throw damaged("it holds more packets than a message has");
    switch (packet.tag) {
      case TAG.onePassSignature: {
        if (isRead || signatures.length >= MOST_SIGNATURES) throw damaged("its signatures are not in order");
        const pending = announced(await wholeBody(packet, MOST_SIGNATURE_BYTES));
        signatures.push(pending);
        missing.push(pending);
        break;
      }
      case TAG.signature: {
        const body = await wholeBody(packet, MOST_SIGNATURE_BYTES);
        if (!isRead) {
          if (missing.length > 0 || signatures.length >= MOST_SIGNATURES)
            throw damaged("its signatures are not in order");
          signatures.push(leading(body));
          break;
        }
        const pending = missing.pop();
        if (pending === undefined) throw damaged("it holds a signature that it did not announce");
        pending.body = body;
        break;
      }
      case TAG.compressed:
        if (isRead || signatures.length > 0 || options.isPacked) throw layers();
        isRead = true;
        yield* readPacked(packet, contents, options);
        break;
      case TAG.literal:
        if (isRead)
          throw refusal("pgp_several_files", "The OpenPGP message holds several files; send each as one message.");
        isRead = true;
        yield* readLiteral(packet, contents, options);
        break;
      case TAG.marker:
      case TAG.padding:
        await wholeBody(packet, MOST_SKIPPED_BYTES);
        break;
      case TAG.publicKeySession:
      case TAG.passwordSession:
      case TAG.encryptedBare:
      case TAG.encrypted:
      case TAG.encryptedAead:
        throw layers();
      default:
        throw damaged(`it holds a packet that does not belong there (kind ${packet.tag})`);
    }
  }
  if (!isRead) throw damaged("it holds no data");
}

async function* readPacked(
  packet: Packet,
  contents: MessageContents,
  options: ReadContentsOptions,
): AsyncGenerator<Uint8Array, void> {
  const body = new ByteReader(packet.body);
  const algorithm = await body.byte();
  const unpacked = new ByteReader(counted(decompress(algorithm, restOf(body)), options, PACKETS_AROUND_BYTES));
  try {
    yield* readMessage(unpacked, contents, { ...options, isPacked: true });
  } finally {
    await unpacked.close();
  }
  await body.drain();
}

/** Headers and signatures beside the data itself. */
const PACKETS_AROUND_BYTES = 2 * 1024 * 1024;

async function* readLiteral(
  packet: Packet,
  contents: MessageContents,
  options: ReadContentsOptions,
): AsyncGenerator<Uint8Array, void> {
  const body = new ByteReader(packet.body);
  // Binary or text, which makes no difference to the bytes; the name; a date, which is nobody's proof of anything.
  await body.byte();
  const name = (await body.bytes(await body.byte())).toString("utf8");
  contents.name = name === "" || name === "_CONSOLE" ? null : baseName(name);
  await body.bytes(4);
  let isFirst = true;
  for await (const chunk of counted(restOf(body), options, 0)) {
    if (isFirst) refuseNested(chunk, options.fileBytes);
    isFirst = false;
    for (const { hash } of contents.signatures) hash?.update(chunk);
    yield chunk;
  }
}

/** A file that is larger than the message may still hold one. */
function refuseNested(chunk: Uint8Array, fileBytes: number): void {
  const container = identify(chunk.subarray(0, MAGIC_BYTES), Math.max(fileBytes, chunk.length));
  if (container === "PGP message") throw layers();
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  { limits, fileBytes }: ReadContentsOptions,
  allowanceBytes: number,
): AsyncGenerator<Uint8Array, void> {
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes - allowanceBytes > limits.totalBytes) {
      throw refusal(
        "file_too_large",
        `The data file in the OpenPGP message is larger than ${limits.totalBytes} bytes; send it in parts.`,
      );
    }
    if (isBomb(bytes, fileBytes, limits)) {
      throw refusal(
        "pgp_bomb",
        "The data file is far larger than an OpenPGP message of this size should hold; encrypt it without compression (gpg -z 0).",
      );
    }
    yield chunk;
  }
}

/** A stream that ended without its end having been looked at would be a fault of ours. */
export function assertProved(isProved: boolean): void {
  if (isProved) return;
  throw new InvariantBroken({
    code: "pgp_end_unproved",
    message: "An OpenPGP message was read to its end without a proof of it.",
  });
}
