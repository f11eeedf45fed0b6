import { generateKeyPairSync } from "node:crypto";
import ssh2 from "ssh2";
import { describe, expect, test } from "vitest";
import { generateEd25519 } from "./ed25519.ts";
import { findOfferedKey, isSignedBy, parsePublicKey } from "./public-keys.ts";

const ed25519 = generateEd25519("laptop");
const ecdsa = ssh2.utils.generateKeyPairSync("ecdsa", { bits: 384 });
const rsa = ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 });
const shortRsa = ssh2.utils.generateKeyPairSync("rsa", { bits: 1024 });

const blob = Buffer.from("what both sides of this connection know");

/** What a client sends to log in with a private key. */
function offerOf(privateKey: string, hashAlgo?: string) {
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw parsed;
  const key = { algo: parsed.type, data: parsed.getPublicSSH() };
  return { key, signature: parsed.sign(blob, hashAlgo), blob, hashAlgo };
}

describe("a stored key", () => {
  test.each([
    ["ed25519", ed25519.public, "ssh-ed25519"],
    ["ECDSA", ecdsa.public, "ecdsa-sha2-nistp384"],
    ["RSA of 2048 bits", `${rsa.public}\n`, "ssh-rsa"],
    ["RSA of 1024 bits", shortRsa.public, undefined],
    ["a private key", ed25519.private, undefined],
    ["no key", "ssh-ed25519 AAAA", undefined],
    ["nothing", "", undefined],
    ["DSA", `ssh-dss ${Buffer.from("x").toString("base64")}`, undefined],
    [
      "a PEM of a short RSA",
      generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ type: "pkcs1", format: "pem" }),
      undefined,
    ],
  ])("%s", (_, line, type) => {
    expect(parsePublicKey(String(line))?.type).toBe(type);
  });
});

describe("an offered key", () => {
  const stored = [ed25519.public, "garbage", ecdsa.public, rsa.public, shortRsa.public];

  test.each([
    ["ed25519", ed25519.private, undefined],
    ["ECDSA", ecdsa.private, undefined],
    ["RSA with SHA-256", rsa.private, "sha256"],
    ["RSA with SHA-512", rsa.private, "sha512"],
  ])("%s is found among several, and its signature holds", (_, privateKey, hashAlgo) => {
    const offer = offerOf(privateKey, hashAlgo);
    const key = findOfferedKey(stored, offer);
    expect(key && isSignedBy(key, offer)).toBe(true);
  });

  test.each([
    ["RSA with SHA-1", offerOf(rsa.private)],
    ["RSA with MD5", offerOf(rsa.private, "md5")],
    ["a short RSA key", offerOf(shortRsa.private, "sha256")],
    ["a key that is not stored", offerOf(generateEd25519().private)],
    [
      "a stored key under another type",
      {
        ...offerOf(ed25519.private),
        key: { algo: "ssh-rsa", data: offerOf(ed25519.private).key.data },
        hashAlgo: "sha256",
      },
    ],
  ])("%s is not accepted", (_, offer) => {
    expect(findOfferedKey(stored, offer)).toBeUndefined();
  });

  test.each([
    ["another key's", offerOf(generateEd25519().private).signature],
    ["cut short", offerOf(ed25519.private).signature.subarray(1)],
    ["missing", undefined],
    ["empty", Buffer.alloc(0)],
  ])("a signature that is %s does not hold", (_, signature) => {
    const offer = { ...offerOf(ed25519.private), signature };
    const key = findOfferedKey(stored, offer);
    expect(key).toBeDefined();
    expect(key && isSignedBy(key, offer)).toBe(false);
  });

  test("a signature of another connection does not hold", () => {
    const offer = { ...offerOf(ed25519.private), blob: Buffer.from("another connection") };
    const key = findOfferedKey(stored, offer);
    expect(key && isSignedBy(key, offer)).toBe(false);
  });
});
