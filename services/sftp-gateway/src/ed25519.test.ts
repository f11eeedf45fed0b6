import ssh2 from "ssh2";
import { expect, test } from "vitest";
import { generateEd25519 } from "./ed25519.ts";

// One in 256 of ssh2's own cannot be read; that none of 3,000 is like that has a chance of 1 in 100,000.
test("every generated key can be read, and its public key belongs to it", () => {
  for (let drawn = 0; drawn < 3_000; drawn++) {
    const pair = generateEd25519("host");
    const key = ssh2.utils.parseKey(pair.private);
    if (key instanceof Error) throw key;
    expect(pair.public).toContain(key.getPublicSSH().toString("base64"));
  }
});
