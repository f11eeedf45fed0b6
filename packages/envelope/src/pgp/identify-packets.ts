/** What the first OpenPGP packet of a file says that it is. */
export type PgpKind =
  | "PGP message"
  /** Signed or packed and not encrypted. */
  | "PGP signed text"
  | "PGP public key"
  | "PGP private key"
  | "PGP signature";

/** A packet's header, RFC 9580, section 4.2. */
interface PacketHeader {
  tag: number;
  headerBytes: number;
  /** Undefined when the packet comes in parts, or goes on to the end of the file. */
  bodyBytes: number | undefined;
}

/**
 * Tells binary OpenPGP data by its first packet. Text may begin with any byte from 0x80 on (Windows-1252 letters, UTF-8), so
 * the header alone proves nothing: the version, the algorithms and the length behind it have to be such as exist.
 */
export function identifyPackets(head: Uint8Array, sizeBytes: number): PgpKind | undefined {
  const header = readHeader(head);
  if (header === undefined) return undefined;
  const { tag, headerBytes, bodyBytes } = header;
  const end = bodyBytes === undefined ? undefined : headerBytes + bodyBytes;
  if (end !== undefined && end > sizeBytes) return undefined;
  const body = head.subarray(headerBytes, end);
  // A marker says nothing, but it is always the same three letters.
  if (tag === 10) return end === headerBytes + 3 && latin1(body) === "PGP" ? "PGP message" : undefined;
  return KINDS[tag]?.(body, {
    isLast: end === undefined || end === sizeBytes,
    isWhole: end !== undefined,
    restBytes: sizeBytes - headerBytes,
  });
}

function readHeader(head: Uint8Array): PacketHeader | undefined {
  const first = head[0];
  if (first === undefined || (first & 0x80) === 0 || head.length < 8) return undefined;
  return (first & 0x40) === 0 ? readOldHeader(head, first) : readNewHeader(head, first & 0x3f);
}

function readOldHeader(head: Uint8Array, first: number): PacketHeader {
  const tag = (first >> 2) & 0x0f;
  const lengthType = first & 3;
  if (lengthType === 3) return { tag, headerBytes: 1, bodyBytes: undefined };
  const lengthBytes = 1 << lengthType;
  return { tag, headerBytes: 1 + lengthBytes, bodyBytes: Buffer.from(head).readUIntBE(1, lengthBytes) };
}

function readNewHeader(head: Uint8Array, tag: number): PacketHeader {
  const length = head[1]!;
  if (length < 192) return { tag, headerBytes: 2, bodyBytes: length };
  if (length < 224) return { tag, headerBytes: 3, bodyBytes: ((length - 192) << 8) + head[2]! + 192 };
  if (length < 255) return { tag, headerBytes: 2, bodyBytes: undefined };
  return { tag, headerBytes: 6, bodyBytes: Buffer.from(head).readUInt32BE(2) };
}

/** Public-key algorithms, RFC 9580, section 9.1, and the ML-KEM and ML-DSA of the drafts after it. */
const isPublicKeyAlgorithm = (id: number | undefined) =>
  id !== undefined && ((id >= 1 && id <= 3) || (id >= 16 && id <= 22) || (id >= 25 && id <= 36));
/** Section 9.3. */
const isCipher = (id: number | undefined) => id !== undefined && id >= 1 && id <= 13;
/** Section 9.5. */
const isHash = (id: number | undefined) => id !== undefined && id >= 1 && id <= 14;
/** Section 5.2.1. */
const SIGNATURE_TYPES = new Set([0, 1, 2, 0x10, 0x11, 0x12, 0x13, 0x18, 0x19, 0x1f, 0x20, 0x28, 0x30, 0x40, 0x50]);

interface Whereabouts {
  /** The packet goes on to the end of the file, as far as its header says. */
  isLast: boolean;
  /** Its length is known. */
  isWhole: boolean;
  /** From its body to the end of the file. */
  restBytes: number;
}

const KINDS: Readonly<Record<number, (body: Uint8Array, where: Whereabouts) => PgpKind | undefined>> = {
  1: (body, { isWhole }) => {
    if (!isWhole) return undefined;
    if (body[0] === 3) return isPublicKeyAlgorithm(body[9]) ? "PGP message" : undefined;
    return body[0] === 6 ? "PGP message" : undefined;
  },
  2: (body, { isWhole }) => {
    if (!isWhole) return undefined;
    if (body[0] === 3) return body[1] === 5 && SIGNATURE_TYPES.has(body[2]!) ? "PGP signature" : undefined;
    if (body[0] !== 4 && body[0] !== 6) return undefined;
    const isOne = SIGNATURE_TYPES.has(body[1]!) && isPublicKeyAlgorithm(body[2]) && isHash(body[3]);
    return isOne ? "PGP signature" : undefined;
  },
  3: (body, { isWhole }) => {
    if (!isWhole) return undefined;
    if (body[0] === 4) return isCipher(body[1]) && [0, 1, 3, 4].includes(body[2]!) ? "PGP message" : undefined;
    return body[0] === 5 || body[0] === 6 ? "PGP message" : undefined;
  },
  4: (body, { isWhole }) => {
    if (!isWhole || (body[0] !== 3 && body[0] !== 6)) return undefined;
    const isOne = SIGNATURE_TYPES.has(body[1]!) && isHash(body[2]) && isPublicKeyAlgorithm(body[3]);
    return isOne ? "PGP signed text" : undefined;
  },
  5: (body, where) => (isKey(body, where) ? "PGP private key" : undefined),
  6: (body, where) => (isKey(body, where) ? "PGP public key" : undefined),
  8: (body, { isLast, restBytes }) => (isLast && isPacked(body, restBytes) ? "PGP signed text" : undefined),
  11: (body, { isLast, isWhole }) => {
    // Everything in it may be letters: only a length that fits to the byte tells it from text.
    if (!isLast || !isWhole || !/^[btul1m]/.test(latin1(body.subarray(0, 1)))) return undefined;
    return "PGP signed text";
  },
  18: (body) => (body[0] === 1 || body[0] === 2 ? "PGP message" : undefined),
};

/** How each compression begins; the number before it alone may be half a letter of UTF-16. */
function isPacked(body: Uint8Array, restBytes: number): boolean {
  const [algorithm, first = 0, second = 0, third = 0] = body;
  if (algorithm === 0) return identifyPackets(body.subarray(1), restBytes - 1) !== undefined;
  // The kind of the first block: 3 does not exist.
  if (algorithm === 1) return (first & 0x06) !== 0x06;
  if (algorithm === 2) return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
  return algorithm === 3 && latin1(Uint8Array.of(first, second, third)) === "BZh";
}

/** Version, creation time, algorithm: RFC 9580, section 5.5.2. */
function isKey(body: Uint8Array, { isWhole }: Whereabouts): boolean {
  return isWhole && [2, 3, 4, 5, 6].includes(body[0]!) && isPublicKeyAlgorithm(body[body[0]! <= 3 ? 7 : 5]);
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
