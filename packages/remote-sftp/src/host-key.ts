import { createHash } from "node:crypto";

/** A server's host key as it came over the wire (RFC 4253, 6.6): a string with its type, then the key. */
export interface SeenHostKey {
  type: string;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  fingerprint: string;
}

export function readHostKey(key: Buffer): SeenHostKey {
  const typeBytes = key.length >= 4 ? key.readUInt32BE(0) : 0;
  return {
    type: key.toString("latin1", 4, 4 + typeBytes),
    fingerprint: `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`,
  };
}
