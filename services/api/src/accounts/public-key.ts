import { createHash, createPublicKey } from "node:crypto";

/** A public key as it is shown: never more than what `ssh-keygen -l` prints. */
export interface PublicKey {
  type: string;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  fingerprint: string;
  comment: string;
  /** Type, key and comment in one line, as it is stored. */
  line: string;
}

/** NIST P-256, P-384 and P-521 (RFC 5656, section 10.1), by SSH's names. */
const CURVES: Readonly<Record<string, { name: string; jwk: string; bytes: number }>> = {
  "ecdsa-sha2-nistp256": { name: "nistp256", jwk: "P-256", bytes: 32 },
  "ecdsa-sha2-nistp384": { name: "nistp384", jwk: "P-384", bytes: 48 },
  "ecdsa-sha2-nistp521": { name: "nistp521", jwk: "P-521", bytes: 66 },
};
const RSA_LEAST_BITS = 2048;
const RSA_MOST_BITS = 16_384;
const ED25519_BYTES = 32;

/**
 * Reads one line of an `authorized_keys` file, and checks the key itself: ed25519, ecdsa on a NIST curve, or RSA of 2048
 * bits and more. Options before the key are refused, because nothing would obey them.
 * @returns the key, or what is wrong with it in words for a person
 */
export function readPublicKey(text: string): PublicKey | { problem: string } {
  const line = text.trim();
  if (/PRIVATE KEY/.test(line)) {
    return {
      problem: "this is a private key: keep it to yourself and send its .pub file; a key that was sent is burnt",
    };
  }
  if (/^-----BEGIN|^---- BEGIN/.test(line)) {
    return { problem: "not in OpenSSH's format; `ssh-keygen -i -f FILE` turns it into it" };
  }
  if (/[\r\n]/.test(line)) return { problem: "one key is one line; send several as several entries" };
  const [type = "", base64 = "", ...rest] = line.split(/[ \t]+/);
  const wireFormat = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, "base64") : undefined;
  const problem =
    wireFormat === undefined
      ? "not a public key in OpenSSH's format (`ssh-ed25519 AAAA… comment`), or with options before it"
      : problemOf(type, wireFormat);
  if (problem !== undefined || wireFormat === undefined) return { problem: problem ?? "unreadable" };
  const comment = rest.join(" ").slice(0, 200);
  return {
    type,
    fingerprint: `SHA256:${createHash("sha256").update(wireFormat).digest("base64").replace(/=+$/, "")}`,
    comment,
    line: [type, base64, comment].filter((part) => part !== "").join(" "),
  };
}

function problemOf(type: string, wireFormat: Buffer): string | undefined {
  const parts = readStrings(wireFormat);
  if (parts === undefined || parts[0]?.toString("latin1") !== type) return "the key is cut off or damaged";
  if (type === "ssh-ed25519") return ed25519Problem(parts);
  if (type === "ssh-rsa") return rsaProblem(parts);
  const curve = CURVES[type];
  if (curve !== undefined) return ecdsaProblem(parts, curve);
  return `${type} is not accepted: use ed25519, ecdsa, or rsa with 2048 bits and more (\`ssh-keygen -t ed25519\`)`;
}

function ed25519Problem(parts: readonly Buffer[]): string | undefined {
  const point = parts[1];
  if (parts.length !== 2 || point?.length !== ED25519_BYTES) return "the key is cut off or damaged";
  return isKey({ kty: "OKP", crv: "Ed25519", x: point.toString("base64url") });
}

function ecdsaProblem(
  parts: readonly Buffer[],
  curve: { name: string; jwk: string; bytes: number },
): string | undefined {
  const [, name, point] = parts;
  // 0x04: an uncompressed point (SEC 1, section 2.3.3), the only form that OpenSSH writes.
  const whole = point?.length === 1 + 2 * curve.bytes && point[0] === 4;
  if (parts.length !== 3 || name?.toString("latin1") !== curve.name || !whole) return "the key is cut off or damaged";
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  return isKey({ kty: "EC", crv: curve.jwk, x: x.toString("base64url"), y: y.toString("base64url") });
}

function rsaProblem(parts: readonly Buffer[]): string | undefined {
  const [, exponent, modulus] = parts;
  if (parts.length !== 3 || !exponent?.length || !modulus?.length) return "the key is cut off or damaged";
  const bits = BigInt(`0x${modulus.toString("hex")}`).toString(2).length;
  if (bits < RSA_LEAST_BITS) return `an rsa key of ${bits} bits is too weak: 2048 and more, or better ed25519`;
  if (bits > RSA_MOST_BITS) return `an rsa key of ${bits} bits is more than the ${RSA_MOST_BITS} that are read`;
  return isKey({ kty: "RSA", n: modulus.toString("base64url"), e: exponent.toString("base64url") });
}

/** OpenSSL's own check: a point that lies on its curve, numbers that make a key. */
function isKey(jwk: object): string | undefined {
  try {
    createPublicKey({ key: jwk as never, format: "jwk" });
    return undefined;
  } catch {
    return "the key is damaged: its numbers are no such key";
  }
}

/** The length-prefixed strings of SSH's wire format (RFC 4251, section 5). Undefined: they do not fill the bytes. */
function readStrings(bytes: Buffer): Buffer[] | undefined {
  const parts: Buffer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    if (offset + 4 > bytes.length) return undefined;
    const end = offset + 4 + bytes.readUInt32BE(offset);
    if (end > bytes.length) return undefined;
    parts.push(bytes.subarray(offset + 4, end));
    offset = end;
  }
  return parts;
}
