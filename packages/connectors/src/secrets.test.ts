import { expect, test } from "vitest";
import { openSecrets } from "./secrets.ts";

test("a secret is read once for many requests, and again after it could not be read", async () => {
  let reads = 0;
  const secrets = openSecrets(async () => {
    reads += 1;
    if (reads === 1) throw new Error("away");
    return "hush-hush";
  });
  await expect(secrets.get("key")).rejects.toThrow("away");
  expect(await Promise.all([secrets.get("key"), secrets.get("key")])).toEqual(["hush-hush", "hush-hush"]);
  expect(reads).toBe(2);
});

test("it is taken out of texts in each form that it may have there", async () => {
  const secret = 'pä"ss w+rd/1';
  const secrets = openSecrets(async () => secret);
  await secrets.get("key");
  secrets.remember("session-17");
  const forms = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    new URLSearchParams({ p: secret }).toString(),
    Buffer.from(secret).toString("base64"),
    "B1SESSION=session-17;",
  ];
  expect(forms.map(secrets.conceal)).toEqual(["…", '"…"', "…", "p=…", expect.stringMatching(/^…=*$/), "B1SESSION=…;"]);
});

test("short ones would blot out ordinary words", async () => {
  const secrets = openSecrets(async () => "no");
  await secrets.get("key");
  expect(secrets.conceal("no such item")).toBe("no such item");
});
