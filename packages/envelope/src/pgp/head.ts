import { refusal } from "../refusal.ts";
import type { ByteReader } from "./byte-reader.ts";
import { nextPacket, type Packet, packetBytes, TAG, wholeBody } from "./packet-reader.ts";
import { damaged, unsupported } from "./refusals.ts";

/** What stands before the encrypted data: whom it is for. */
export interface MessageHead {
  /** Of the keys that the session key is encrypted to: 16 hexadecimal digits, upper case. `HIDDEN` says nothing. */
  keyIds: readonly string[];
  /** The packets with the encrypted session keys, as they may stand in a file. */
  sessionPackets: Uint8Array;
  /** A password opens it, too. */
  hasPassword: boolean;
  /** The encrypted data, not yet read. */
  encrypted: Packet;
}

/** `gpg --throw-keyids`: whom it is for is not told. */
export const HIDDEN = "0".repeat(16);

/** Recipients and passwords, at most; gpg itself takes fewer. */
const MOST_SESSION_PACKETS = 256;
/** For one key, or for keys that are not named: each is tried, and an RSA key takes milliseconds for one. */
const MOST_FOR_ONE_KEY = 32;
/** The largest there is encrypts to a post-quantum key: 1.7 KB. */
const MOST_SESSION_BYTES = 8 * 1024;

/** Reads what stands before the encrypted data. @throws InvalidInput when nothing in the message is encrypted */
export async function readHead(reader: ByteReader): Promise<MessageHead> {
  const keyIds: string[] = [];
  const sessionPackets: Uint8Array[] = [];
  let hasPassword = false;
  for (let packets = 0; ; packets += 1) {
    if (packets > MOST_SESSION_PACKETS) throw damaged("it is encrypted to more keys than one can have");
    const packet = await nextPacket(reader);
    switch (packet?.tag) {
      case TAG.publicKeySession: {
        const body = await wholeBody(packet, MOST_SESSION_BYTES);
        const keyId = keyIdOf(body);
        keyIds.push(keyId);
        if (keyIds.filter((id) => id === keyId).length > MOST_FOR_ONE_KEY) {
          throw damaged("it is encrypted to more keys than one can have");
        }
        sessionPackets.push(packetBytes(packet.tag, body));
        break;
      }
      case TAG.passwordSession:
        await wholeBody(packet, MOST_SESSION_BYTES);
        hasPassword = true;
        break;
      case TAG.marker:
      case TAG.padding:
        await wholeBody(packet, MOST_SESSION_BYTES);
        break;
      case TAG.encrypted:
      case TAG.encryptedAead:
        return {
          keyIds,
          sessionPackets: new Uint8Array(Buffer.concat(sessionPackets)),
          hasPassword,
          encrypted: packet,
        };
      case TAG.encryptedBare:
        throw refusal(
          "pgp_no_integrity",
          "The OpenPGP message is encrypted without a proof that nobody changed it (no MDC); encrypt it with gpg 2 or newer.",
        );
      case TAG.onePassSignature:
      case TAG.signature:
      case TAG.compressed:
      case TAG.literal:
        throw notEncrypted();
      case undefined:
        throw damaged("it holds no encrypted data");
      default:
        throw damaged(`it holds a packet that does not belong there (kind ${packet?.tag})`);
    }
  }
}

export const notEncrypted = () =>
  refusal(
    "pgp_not_encrypted",
    "The file is signed with OpenPGP and not encrypted; encrypt it to our key as well (gpg --sign --encrypt).",
  );

/** RFC 9580, section 5.1. A key of version 4 has its id at its fingerprint's end, one of version 6 at its beginning. */
function keyIdOf(body: Buffer): string {
  const version = body[0];
  if (version === 3) return hex(body.subarray(1, 9));
  if (version !== 6) throw unsupported(`a session key of version ${version}`);
  const length = body[1] ?? 0;
  if (length === 0) return HIDDEN;
  const keyVersion = body[2];
  const fingerprint = body.subarray(3, 2 + length);
  return hex(keyVersion === 4 ? fingerprint.subarray(-8) : fingerprint.subarray(0, 8));
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex").toUpperCase();
