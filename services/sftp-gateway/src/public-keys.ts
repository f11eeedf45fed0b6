import { createPublicKey } from "node:crypto";
import ssh2, { type ParsedKey } from "ssh2";

/** NIST SP 800-131A: shorter RSA keys are not to be used. */
const MIN_RSA_BITS = 2048;
const TYPES: ReadonlySet<string> = new Set([
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "ssh-rsa",
]);

/** A client's offer of a key, with its signature once it gives one. */
export interface KeyOffer {
  key: { algo: string; data: Buffer };
  signature?: Buffer | undefined;
  blob?: Buffer | undefined;
  /** sha256 or sha512 for RSA. Absent: a signature of the key type's own kind, which for RSA is SHA-1. */
  hashAlgo?: string | undefined;
}

/** A stored public key line as a key; undefined when it cannot be used. */
export function parsePublicKey(line: string): ParsedKey | undefined {
  const key = ssh2.utils.parseKey(line.trim());
  if (key instanceof Error || key.isPrivateKey() || !TYPES.has(key.type)) return undefined;
  if (key.type === "ssh-rsa") {
    const bits = createPublicKey(key.getPublicPEM()).asymmetricKeyDetails?.modulusLength ?? 0;
    if (bits < MIN_RSA_BITS) return undefined;
  }
  return key;
}

/** The stored key that a client offers; undefined when there is none, or when it would sign with SHA-1. */
export function findOfferedKey(stored: readonly string[], { key, hashAlgo }: KeyOffer): ParsedKey | undefined {
  if (key.algo === "ssh-rsa" && hashAlgo !== "sha256" && hashAlgo !== "sha512") return undefined;
  return stored
    .map(parsePublicKey)
    .find((candidate) => candidate?.type === key.algo && candidate.getPublicSSH().equals(key.data));
}

/** Whether the offer's signature is that key's own over this connection's exchange. */
export function isSignedBy(key: ParsedKey, { signature, blob, hashAlgo }: KeyOffer): boolean {
  if (signature === undefined || blob === undefined) return false;
  // ssh2 returns an Error, not false, for what is no signature at all.
  return key.verify(blob, signature, hashAlgo) === true;
}
