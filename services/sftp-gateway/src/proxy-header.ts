/** What a load balancer says of the connection that it passes on. */
export interface ProxyHeader {
  /** The client's address; undefined when the balancer speaks for itself (its health checks). */
  address: string | undefined;
  /** Bytes of the header; what follows is the client's. */
  length: number;
}

/** The specification's bound for version 1, with its line end; a version 2 header with all its extras is far below 2 KB. */
const MAX_V1_BYTES = 107;
const MAX_V2_BYTES = 2048;
const V2_SIGNATURE = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
const V2_FIXED_BYTES = 16;
const LOCAL = 0x20;
const PROXY = 0x21;
const TCP4 = 0x11;
const TCP6 = 0x21;

/**
 * Reads the header of the PROXY protocol, versions 1 and 2 (haproxy.org, proxy-protocol.txt, sections 2.1 and 2.2).
 * "more": the header is not complete yet. undefined: this is none.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader | "more" | undefined {
  const signature = V2_SIGNATURE.subarray(0, bytes.length);
  if (bytes.subarray(0, V2_SIGNATURE.length).equals(signature)) {
    return bytes.length < V2_FIXED_BYTES ? "more" : readVersion2(bytes);
  }
  return readVersion1(bytes);
}

function readVersion1(bytes: Buffer): ProxyHeader | "more" | undefined {
  const text = bytes.toString("latin1", 0, MAX_V1_BYTES);
  if (!"PROXY ".startsWith(text.slice(0, 6)) && !text.startsWith("PROXY ")) return undefined;
  const end = text.indexOf("\r\n");
  if (end === -1) return bytes.length < MAX_V1_BYTES ? "more" : undefined;
  const length = end + 2;
  const [, family, source] = text.slice(0, end).split(" ");
  if (family === "UNKNOWN") return { address: undefined, length };
  if ((family !== "TCP4" && family !== "TCP6") || source === undefined) return undefined;
  return { address: source, length };
}

function readVersion2(bytes: Buffer): ProxyHeader | "more" | undefined {
  const command = bytes[12];
  const family = bytes[13];
  const length = V2_FIXED_BYTES + bytes.readUInt16BE(14);
  if (length > MAX_V2_BYTES) return undefined;
  if (bytes.length < length) return "more";
  if (command === LOCAL) return { address: undefined, length };
  if (command !== PROXY) return undefined;
  const body = bytes.subarray(V2_FIXED_BYTES, length);
  if (family === TCP4 && body.length >= 12) return { address: body.subarray(0, 4).join("."), length };
  if (family === TCP6 && body.length >= 36) {
    const groups = Array.from({ length: 8 }, (_, index) => body.readUInt16BE(index * 2).toString(16));
    return { address: groups.join(":"), length };
  }
  return undefined;
}
