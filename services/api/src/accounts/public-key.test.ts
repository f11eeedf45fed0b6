import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { readPublicKey } from "./public-key.ts";

/** SSH's wire format (RFC 4251, section 5). */
function wire(...parts: (string | Buffer)[]): string {
  const strings = parts.map((part) => {
    const bytes = Buffer.from(part as never);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  });
  return Buffer.concat(strings).toString("base64");
}

const base64url = (text: string | undefined) => Buffer.from(text!, "base64url");

function rsaLine(bits: number): string {
  const { n, e } = generateKeyPairSync("rsa", { modulusLength: bits }).publicKey.export({ format: "jwk" });
  return `ssh-rsa ${wire("ssh-rsa", base64url(e), Buffer.concat([Buffer.alloc(1), base64url(n)]))}`;
}

function ecLine(curve: "P-256" | "P-384" | "P-521", name: string): string {
  const { x, y } = generateKeyPairSync("ec", { namedCurve: curve }).publicKey.export({ format: "jwk" });
  const point = Buffer.concat([Buffer.from([4]), base64url(x), base64url(y)]);
  return `ecdsa-sha2-${name} ${wire(`ecdsa-sha2-${name}`, name, point)}`;
}

function ed25519Line(): string {
  const { x } = generateKeyPairSync("ed25519").publicKey.export({ format: "jwk" });
  return `ssh-ed25519 ${wire("ssh-ed25519", base64url(x))}`;
}

test.each([
  ["ed25519", ed25519Line()],
  ["nistp256", ecLine("P-256", "nistp256")],
  ["nistp384", ecLine("P-384", "nistp384")],
  ["nistp521", ecLine("P-521", "nistp521")],
  ["rsa 2048", rsaLine(2048)],
])("%s is a key, with or without a comment", (_, line) => {
  expect(readPublicKey(line)).toMatchObject({ comment: "", line });
  expect(readPublicKey(`  ${line}  backup of  ops\n`)).toMatchObject({
    comment: "backup of ops",
    line: `${line} backup of ops`,
  });
});

test("the fingerprint is that of ssh-keygen", () => {
  // Made and printed by OpenSSH 9.2: ssh-keygen -t ed25519; ssh-keygen -lf.
  const line = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKi9PFwA3UF9aZA2rQq1A1a3w+ZhtgG9xyzQ2WvWblBg test";
  expect(readPublicKey(line)).toMatchObject({ fingerprint: "SHA256:MncneFfGXSyaRw+2VdAkW4+r1ZCriQwl74ZrocEtPS8" });
});

test.each([
  ["a weak rsa key", rsaLine(1024), /1024 bits is too weak/],
  ["dsa", `ssh-dss ${wire("ssh-dss", "p", "q", "g", "y")}`, /not accepted/],
  ["a certificate", `ssh-ed25519-cert-v01@openssh.com ${wire("ssh-ed25519-cert-v01@openssh.com")}`, /not accepted/],
  ["a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA", /private key/],
  ["PEM", "-----BEGIN PUBLIC KEY-----\nMCow", /OpenSSH's format/],
  ["options", `command="ls" ${ed25519Line()}`, /options/],
  ["two keys in one", `${ed25519Line()}\n${ed25519Line()}`, /one key is one line/],
  ["a key cut off", ed25519Line().slice(0, -12), /cut off/],
  ["a type that is not the key's", ed25519Line().replace("ssh-ed25519", "ssh-rsa"), /cut off or damaged/],
  [
    "a point off the curve",
    `ecdsa-sha2-nistp256 ${wire("ecdsa-sha2-nistp256", "nistp256", Buffer.alloc(65, 4))}`,
    /damaged/,
  ],
  ["nothing", "", /not a public key/],
])("%s is refused in words", (_, line, words) => {
  expect(readPublicKey(line)).toEqual({ problem: expect.stringMatching(words) });
});
