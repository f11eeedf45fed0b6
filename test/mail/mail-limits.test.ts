import { afterAll, beforeAll, expect, test } from "vitest";
import { Dialog } from "./dialog.ts";
import { MailHub, zip } from "./hub.ts";

let hub: MailHub;
beforeAll(async () => {
  hub = await MailHub.open({
    MAIL_MAX_CONNECTIONS_PER_ADDRESS: "3",
    MAIL_MAX_MESSAGES_PER_MINUTE: "4",
    MAIL_MAX_RECIPIENTS: "2",
    MAIL_DATA_TIMEOUT_SECONDS: "1.5",
    MAIL_IDLE_TIMEOUT_SECONDS: "30",
    MAIL_REQUIRE_TLS: "false",
  });
});
afterAll(() => hub?.stop());

test("one address has so many connections; when one ends, another may come", async () => {
  const open = await Promise.all([1, 2, 3].map(() => Dialog.open(hub.port)));
  const fourth = await Dialog.open(hub.port);
  expect(await fourth.say("NOOP")).toBe("");
  open[0]!.hangUp();
  await hub.waitFor("room for another", async () => {
    const next = await Dialog.open(hub.port);
    const isOpen = (await next.say("NOOP")).startsWith("250");
    next.hangUp();
    return isOpen;
  });
  for (const dialog of open) dialog.hangUp();
});

test("a message has so many recipients, so much time, and an address so many messages", async () => {
  const client = await hub.client({ address: "one" });
  await hub.client({ address: "two" });
  const dialog = await hub.waitFor("room for a connection", async () => {
    const next = await Dialog.open(hub.port);
    return (await next.say("EHLO mx.client.example")).startsWith("250") && next;
  });
  expect(await dialog.say(`MAIL FROM:<${client.from}>`)).toMatch(/^250/);
  for (const [to, answer] of [
    ["one", /^250/],
    ["two", /^250/],
    ["files", /^452/],
  ] as const) {
    expect(await dialog.say(`RCPT TO:<${to}@hub.example>`)).toMatch(answer);
  }
  await dialog.say("DATA");
  dialog.send(`From: ${client.from}\r\nSubject: slowly\r\n`);
  expect(await dialog.answer()).toMatch(/^421 4\.4\.2/);
  await hub.waitFor("nothing to be left", async () => (await hub.spooled()).length === 0);

  const replies: number[] = [];
  for (const n of [1, 2, 3, 4]) {
    const mail = { attachments: [{ filename: `${n}.zip`, content: zip(`${n}`) }] };
    replies.push((await client.send(mail, { plain: true, to: ["one@hub.example"] })).code);
  }
  expect(replies).toEqual([250, 250, 250, 450]);
});
