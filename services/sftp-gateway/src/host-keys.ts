import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Misconfigured } from "@inlet/contracts";
import { madeOnce } from "@inlet/runtime";
import ssh2 from "ssh2";
import { generateEd25519 } from "./ed25519.ts";

/** A private host key, its type and its fingerprint as `ssh-keygen -lf` prints it. */
export interface HostKey {
  pem: string;
  /** Such as `ssh-ed25519`. */
  type: string;
  fingerprint: string;
}

/**
 * ed25519 for all clients of the last ten years, ECDSA for the others. No RSA: with an RSA key ssh2 1.17 always offers
 * `ssh-rsa`, which signs with SHA-1, whatever list of algorithms it is given (tried).
 */
const GENERATED = [
  { name: "ssh_host_ed25519_key", make: () => generateEd25519() },
  { name: "ssh_host_ecdsa_key", make: () => ssh2.utils.generateKeyPairSync("ecdsa", { bits: 256 }) },
] as const;

/**
 * The server's host keys: those named, else the ones in `folder`, which are made on first use and stay, because clients
 * pin them. Gateways that start together on one volume end up with the same keys.
 * @throws Misconfigured when a named file cannot be used
 */
export async function openHostKeys({
  files,
  folder,
}: {
  files: readonly string[];
  folder: string;
}): Promise<HostKey[]> {
  if (files.length > 0) return await Promise.all(files.map(readNamed));
  const keys: HostKey[] = [];
  for (const { name, make } of GENERATED) {
    const file = join(folder, name);
    keys.push(parse(await madeOnce(file, () => make().private), file));
  }
  return keys;
}

async function readNamed(file: string): Promise<HostKey> {
  const pem = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Misconfigured({ code: "host_key_missing", message: `The host key ${file} cannot be read.`, cause });
  });
  return parse(pem, file);
}

function parse(pem: string, file: string): HostKey {
  const key = ssh2.utils.parseKey(pem);
  if (key instanceof Error || !key.isPrivateKey()) {
    throw new Misconfigured({
      code: "host_key_invalid",
      message: `${file} holds no private host key without passphrase${key instanceof Error ? ` (${key.message})` : ""}.`,
    });
  }
  if (key.type === "ssh-rsa" || key.type === "ssh-dss") {
    throw new Misconfigured({
      code: "host_key_weak",
      message: `${file} is an ${key.type} key, which would be offered with SHA-1. Use an ed25519 or ECDSA key.`,
    });
  }
  const digest = createHash("sha256").update(key.getPublicSSH()).digest("base64").replace(/=+$/, "");
  return { pem, type: key.type, fingerprint: `SHA256:${digest}` };
}
