import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { generateEd25519 } from "./ed25519.ts";
import { openHostKeys } from "./host-keys.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet host keys "));
});
afterAll(() => rm(folder, { recursive: true }));

test("gateways that start at once end up with the same keys, which stay, readable by their owner alone", async () => {
  const home = join(folder, "made");
  const first = await Promise.all([1, 2, 3].map(() => openHostKeys({ files: [], folder: home })));
  const again = await openHostKeys({ files: [], folder: home });
  for (const keys of first) expect(keys).toEqual(again);
  const names = await readdir(home);
  expect(names.sort()).toEqual(["ssh_host_ecdsa_key", "ssh_host_ed25519_key"]);
  for (const name of names) expect((await stat(join(home, name))).mode & 0o777).toBe(0o600);
});

test("a named key is used as it is, and nothing is made", async () => {
  const file = join(folder, "named");
  const pair = generateEd25519();
  await writeFile(file, pair.private, { mode: 0o600 });
  const keys = await openHostKeys({ files: [file], folder: join(folder, "unused") });
  const digest = createHash("sha256")
    .update(Buffer.from(pair.public.split(" ")[1] ?? "", "base64"))
    .digest("base64");
  expect(keys).toEqual([{ type: "ssh-ed25519", pem: pair.private, fingerprint: `SHA256:${digest.slice(0, 43)}` }]);
  expect(await readdir(folder)).not.toContain("unused");
});

test.each([
  ["is missing", undefined, /cannot be read/],
  ["holds no key", "nothing", /no private host key/],
  ["holds a public key", generateEd25519().public, /no private host key/],
  ["would sign with SHA-1", ssh2.utils.generateKeyPairSync("rsa", { bits: 2048 }).private, /SHA-1/],
])("a host key file that %s is refused", async (name, content, reason) => {
  const file = join(folder, name);
  if (content !== undefined) await writeFile(file, content);
  await expect(openHostKeys({ files: [file], folder })).rejects.toThrow(reason);
});
