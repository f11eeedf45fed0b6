import { execFileSync } from "node:child_process";
import { rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dialog } from "./dialog.ts";
import { MailHub } from "./hub.ts";

/** Between what is free and what has to stay so: more than the servers of this test write. */
const SPARE_BYTES = 500 * 2 ** 20;

let hub: MailHub;
beforeAll(async () => {
  const { bavail, bsize } = await statfs(tmpdir());
  hub = await MailHub.open({ MAIL_MIN_FREE_BYTES: String(Math.max(0, bavail * bsize - SPARE_BYTES)) });
});
afterAll(() => hub?.stop());

test("a message is put off when the room that was there at its beginning has gone by its end, and nothing is kept", async () => {
  const client = await hub.client();
  const taken = join(hub.stack.dataFolder, "taken");
  const dialog = await Dialog.openSecure(hub.port);
  const begin = async () => [
    await dialog.say(`MAIL FROM:<${client.from}>`),
    await dialog.say("RCPT TO:<files@hub.example>"),
    await dialog.say("DATA"),
  ];
  expect((await begin()).at(-1)).toMatch(/^354/);
  execFileSync("fallocate", ["-l", String(2 * SPARE_BYTES), taken]);
  try {
    expect(await dialog.say(`From: ${client.from}\r\n\r\nHere it is.\r\n.`)).toMatch(/^452 4\.3\.1/);
    expect(await hub.spooled()).toEqual([]);
    expect((await begin())[0]).toMatch(/^452 4\.3\.1/);
  } finally {
    await rm(taken);
  }
  await begin();
  expect(await dialog.say(`From: ${client.from}\r\n\r\nHere it is.\r\n.`)).toMatch(/^550/);
  dialog.hangUp();
});
