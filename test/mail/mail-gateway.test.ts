import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import { readFile, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { acceptMail, DEFAULT_MAIL_LIMITS, readMail, sweepMailFolder } from "@inlet/mail-intake";
import { createLogger } from "@inlet/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { Dialog } from "./dialog.ts";
import { MailHub, zip } from "./hub.ts";

let hub: MailHub;
beforeAll(async () => {
  hub = await MailHub.open();
});
afterAll(() => hub?.stop());
afterEach(() => hub.dns.behave("well"));

const attached = (filename = "data.zip", content = zip(filename)) => ({ attachments: [{ filename, content }] });
const newId = () => `<${randomBytes(8).toString("hex")}.test@mx.client.example>`;

describe("a file from a known, proved sender", () => {
  test("is an arrival, synced and committed, when it is answered with 250", async () => {
    const client = await hub.client();
    const content = zip(randomBytes(200_000).toString("hex"));
    const messageId = newId();
    const reply = await client.send({ ...attached("März.zip", content), messageId, subject: "Daten für März" });
    expect(reply).toMatchObject({ code: 250 });

    const [arrival, none] = await hub.arrivals(client.projectId);
    expect(none).toBeUndefined();
    expect(arrival).toMatchObject({
      source: "email",
      account_id: null,
      file_name: "März.zip",
      size_bytes: content.length,
      state: "arrived",
      sha256: createHash("sha256").update(content).digest(),
    });
    expect(await readFile(join(hub.stack.dataFolder, arrival!.location))).toEqual(content);
    expect(await hub.mails(client.projectId)).toMatchObject([
      {
        arrival_id: arrival!.id,
        attachment_name: "März.zip",
        via: "smtp",
        from_address: client.from,
        subject: "Daten für März",
        message_id: messageId,
        refusal_code: null,
      },
    ]);
    expect(await hub.audited(client.from)).toMatchObject({
      outcome: "accepted",
      address: "127.0.0.1",
      arrivalIds: [arrival!.id],
      files: [{ client: client.name, project: "spring", name: "März.zip" }],
      found: { dkim: [{ domain: client.domain.name, result: "pass", aligned: true }] },
    });
    expect(await hub.messages(client.projectId)).toEqual([]);
  });

  test("comes by the project's own address, whatever its case", async () => {
    const client = await hub.client({ address: "spring.data" });
    expect((await client.send(attached(), { to: ["Spring.Data@HUB.example"] })).code).toBe(250);
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });

  test("each of several attachments is an arrival of its own; what a mail server added is none", async () => {
    const client = await hub.client();
    const files = ["a.zip", "b.zip"].map((filename) => ({ filename, content: zip("the same bytes") }));
    await client.send({ attachments: [...files, { filename: "ATT00001.txt", content: "disclaimer" }] });
    expect((await hub.arrivals(client.projectId)).map(({ file_name }) => file_name)).toEqual(["a.zip", "b.zip"]);
  });

  test("one mail to two projects' addresses is a file of each", async () => {
    const one = await hub.client({ address: "one" });
    const two = await hub.client({ address: "two", senders: [one.from] });
    expect((await one.send(attached(), { to: ["one@hub.example", "two@hub.example"] })).code).toBe(250);
    const [first, second] = [...(await hub.arrivals(one.projectId)), ...(await hub.arrivals(two.projectId))];
    expect(first!.location).not.toBe(second!.location);
    for (const { location } of [first!, second!]) {
      expect(await readFile(join(hub.stack.dataFolder, location))).toEqual(zip("data.zip"));
    }
  });
});

describe("who it is from", () => {
  const turnedAway = { code: 550, text: "550 5.7.1 The message is not taken here." };

  test("nobody signs, the wrong key signs, another domain signs: turned away without a reason, which the audit has", async () => {
    const client = await hub.client();
    const other = hub.domain("esp.example");
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    for (const [dkim, found] of [
      [null, [{ result: "none" }]],
      [{ ...client.domain.dkim, privateKey: pem }, [{ domain: client.domain.name, result: "fail" }]],
      [{ ...client.domain.dkim, keySelector: "none" }, [{ domain: client.domain.name, result: "neutral" }]],
      [other.dkim, [{ domain: "esp.example", result: "pass", aligned: false }]],
    ] as const) {
      expect(await client.send(attached(), { dkim })).toEqual(turnedAway);
      expect(await hub.audited(client.from)).toMatchObject({
        outcome: "refused",
        code: "not_authenticated",
        answered: false,
        found: { dkim: found },
      });
    }
    expect(await hub.arrivals(client.projectId)).toEqual([]);
    expect(await hub.messages(client.projectId)).toEqual([]);
  });

  test("the organisation's subdomain signs: it counts, until the domain's policy is strict", async () => {
    const client = await hub.client();
    const signs = { dkim: hub.domain(`mail.${client.domain.name}`).dkim };
    expect((await client.send(attached(), signs)).code).toBe(250);
    hub.dns.publish(`_dmarc.${client.domain.name}`, "v=DMARC1; p=reject; adkim=s");
    expect(await client.send(attached("more.zip"), signs)).toEqual(turnedAway);
  });

  test("SPF counts with DMARC and the same domain in the envelope, and in no other way", async () => {
    const client = await hub.client();
    const { name } = client.domain;
    const unsigned = { dkim: null };
    hub.dns.publish(name, "v=spf1 ip4:127.0.0.1 -all");
    expect(await client.send(attached(), unsigned)).toEqual(turnedAway);
    hub.dns.publish(`_dmarc.${name}`, "v=DMARC1; p=none");
    expect((await client.send(attached(), unsigned)).code).toBe(250);
    hub.dns.publish("elsewhere.example", "v=spf1 ip4:127.0.0.1 -all");
    expect(await client.send(attached("b.zip"), { ...unsigned, envelopeFrom: "x@elsewhere.example" })).toEqual(
      turnedAway,
    );
    hub.dns.publish(name, "v=spf1 ip4:192.0.2.1 -all");
    expect(await client.send(attached("b.zip"), unsigned)).toEqual(turnedAway);
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });

  test("what was changed, or hung on, after the signing proves nothing", async () => {
    const client = await hub.client();
    const raw = await signed(client, { messageId: newId(), ...attached() });
    expect(await deliver(client.from, raw)).toMatch(/^250/);
    const changed = raw.replace("Here it is.", "Here it was.");
    expect(changed).not.toBe(raw);
    expect(await deliver(client.from, changed)).toMatch(/^550/);
    const twoFroms = `From: x@evil.example\r\n${raw}`;
    expect(await deliver(client.from, twoFroms)).toMatch(/^550/);
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });

  test("a signature that covers a part of the body alone proves nothing of what hangs behind it", async () => {
    const client = await hub.client();
    const body = "--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n";
    const header = `From: ${client.from}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n`;
    const evil = `--b\r\nContent-Type: application/zip; name=evil.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${zip("evil").toString("base64")}\r\n--b--\r\n`;
    const signature = await partialSignature(client.domain.dkim, `${header}\r\n${body}`);
    expect(await deliver(client.from, `${signature}${header}\r\n${body}${evil}`)).toMatch(/^550/);
    expect(await hub.audited(client.from)).toMatchObject({
      code: "not_authenticated",
      found: { dkim: [{ result: "pass", aligned: true, uncoveredBytes: expect.any(Number) }] },
    });
  });

  test("a proved stranger gets no answer, and nothing of it is kept or read", async () => {
    await hub.client({ address: "guarded" });
    const stranger = hub.domain("stranger.example");
    const before = await hub.spooled();
    for (const to of [["files@hub.example"], ["guarded@hub.example"]]) {
      const reply = await hub.send({ from: "me@stranger.example", ...attached() }, { dkim: stranger.dkim, to });
      expect(reply).toEqual(turnedAway);
      expect(await hub.audited("me@stranger.example")).toMatchObject({ code: "sender_not_listed", answered: false });
    }
    expect(await hub.spooled()).toEqual(before);
    const { rows } = await hub.database.pool.query("SELECT FROM messages WHERE recipient LIKE '%stranger%'");
    expect(rows).toEqual([]);
  });

  test("while DNS does not answer, the message is put off, and taken later", async () => {
    const client = await hub.client();
    hub.dns.behave("servfail");
    expect(await client.send({ ...attached(), messageId: newId() })).toMatchObject({ code: 451 });
    hub.dns.behave("well");
    expect(await client.send({ ...attached(), messageId: newId() })).toMatchObject({ code: 250 });
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });
});

describe("what nobody sent", () => {
  test.each([
    ["a note of absence", { headers: { "Auto-Submitted": "auto-replied" } }, {}, "Auto-Submitted: auto-replied"],
    ["a bounce", {}, { envelopeFrom: "" }, "null return path"],
    ["a mailing list", { headers: { "List-Id": "<data.client.example>" } }, {}, "list-id"],
    ["bulk mail", { headers: { Precedence: "bulk" } }, {}, "Precedence: bulk"],
    ["our own mail", { messageId: `<${"a1".repeat(20)}@hub.example>` }, {}, "our own mail"],
  ])("%s is turned away and never answered", async (_what, mail, how, why) => {
    const client = await hub.client();
    expect(await client.send({ ...attached(), ...mail }, how)).toMatchObject({ code: 550 });
    expect(await hub.audited(client.from)).toMatchObject({ outcome: "ignored", why });
    expect(await hub.arrivals(client.projectId)).toEqual([]);
    expect(await hub.messages(client.projectId)).toEqual([]);
  });
});

describe("a fault of a known sender's", () => {
  test("is answered by e-mail, once however often the message comes", async () => {
    const client = await hub.client();
    const mail = { messageId: newId(), subject: "Without", text: "I forgot it" };
    expect(await client.send(mail)).toMatchObject({ code: 250 });
    expect(await client.send(mail)).toMatchObject({ code: 250 });
    expect(await hub.messages(client.projectId)).toMatchObject([
      {
        recipient: client.from,
        run_id: null,
        batch_id: null,
        payload: {
          event: "mail_refused",
          client: client.name,
          project: "spring",
          reason: { code: "no_attachment" },
          answered: { subject: "Without", messageId: mail.messageId },
        },
      },
    ]);
    expect(await hub.mails(client.projectId)).toMatchObject([{ arrival_id: null, refusal_code: "no_attachment" }]);
    expect(await hub.audited(client.from)).toMatchObject({ outcome: "repeated" });
  });

  test("a file that is not encrypted is not kept", async () => {
    const client = await hub.client();
    const before = await hub.spooled();
    await client.send(attached("data.csv", Buffer.from("id,name\n1,Ada\n")));
    expect(await hub.messages(client.projectId)).toMatchObject([{ payload: { reason: { code: "not_encrypted" } } }]);
    expect(await hub.arrivals(client.projectId)).toEqual([]);
    expect(await hub.spooled()).toEqual(before);
  });

  test("too many attachments are a fault; of two projects neither is guessed", async () => {
    const one = await hub.client();
    await hub.client({ senders: [one.from] });
    await one.send(attached());
    const many = Array.from({ length: DEFAULT_MAIL_LIMITS.maxAttachments + 1 }, (_, n) => ({
      filename: `${n}.zip`,
      content: zip(`${n}`),
    }));
    await one.send({ attachments: many });
    const codes = (await hub.messages(one.projectId)).map(
      ({ payload }) => (payload as { reason: { code: string } }).reason.code,
    );
    expect(codes).toEqual(["project_unclear", "too_many_attachments"]);
    for (const { payload } of await hub.messages(one.projectId))
      expect(payload).toMatchObject({ projectUnclear: true });
    expect(await hub.arrivals(one.projectId)).toEqual([]);
  });

  test("in a rehearsal the answer says that it is one", async () => {
    const client = await hub.client({}, { title: "Spring" }, "rehearsal");
    await client.send();
    expect(await hub.messages(client.projectId)).toMatchObject([{ payload: { title: "Spring (rehearsal)" } }]);
  });
});

describe("exactly once", () => {
  test("a message that is delivered again is taken once", async () => {
    const client = await hub.client();
    const mail = { ...attached(), messageId: newId() };
    expect([(await client.send(mail)).code, (await client.send(mail)).code]).toEqual([250, 250]);
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
    expect(await hub.audited(client.from)).toMatchObject({ outcome: "repeated" });
    const another = { ...attached(), messageId: newId() };
    await client.send(another);
    expect((await hub.arrivals(client.projectId)).map(({ generation }) => generation)).toEqual([1, 2]);
  });

  test("without a Message-ID its bytes are what it is known by", async () => {
    const client = await hub.client();
    const raw = (await signed(client, attached())).replace(/^Message-ID:.*\r\n/m, "");
    const mail = { raw };
    expect([(await client.send(mail)).code, (await client.send(mail)).code]).toEqual([250, 250]);
    expect(await hub.mails(client.projectId)).toMatchObject([{ message_id: null }]);
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });

  test.each([
    ["a Message-ID that is not signed is changed", "from:to:subject:date", (raw: string) => withId(raw, newId())],
    [
      "one that is not signed is taken out",
      "from:to:subject:date",
      (raw: string) => raw.replace(/^Message-ID:.*\r\n/m, ""),
    ],
    [
      "a second one is put over one that is signed",
      "from:message-id",
      (raw: string) => `Message-ID: ${newId()}\r\n${raw}`,
    ],
  ])("also when whoever has it sends it again: %s", async (_what, headerFieldNames, change) => {
    const client = await hub.client();
    const dkim = { ...client.domain.dkim, headerFieldNames };
    const raw = await signed({ ...client, domain: { ...client.domain, dkim } }, { ...attached(), messageId: newId() });
    expect(await deliver(client.from, raw)).toMatch(/^250/);
    for (const _ of ["again", "and again"]) expect(await deliver(client.from, change(raw))).toMatch(/^250/);
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });

  test.each(["from:to:subject:date", "from:message-id"])(
    "also when it comes by a mailbox at the same time, its signature covering %s",
    async (headerFieldNames) => {
      const client = await hub.client();
      const dkim = { ...client.domain.dkim, headerFieldNames };
      const raw = await signed(
        { ...client, domain: { ...client.domain, dkim } },
        { ...attached(), messageId: newId() },
      );
      const publisher = { arrivals: async () => {}, messages: async () => {} };
      const { dataFolder } = hub.stack;
      const parts = { database: hub.database, publisher, dataFolder, logger: createLogger("test", "fatal") };
      const byMailbox = async () => {
        const sender = { address: client.from, by: "dkim" as const, domain: client.domain.name };
        const mail = await readMail(Readable.from([Buffer.from(raw)]), { ...DEFAULT_MAIL_LIMITS, dataFolder });
        const from = { envelopeFrom: null, recipients: [], mailboxProject: client.projectId, peer: null };
        return await acceptMail(parts, mail, { via: "imap", sender, ...from });
      };
      for (const [smtp] of await Promise.all(
        [1, 2, 3].map(() => Promise.all([deliver(client.from, raw), byMailbox()])),
      )) {
        expect(smtp).toMatch(/^250/);
      }
      expect(await hub.arrivals(client.projectId)).toHaveLength(1);
    },
  );

  test("by several connections at once, too, and nothing is left over", async () => {
    const client = await hub.client();
    const before = (await hub.spooled()).length;
    const mail = { ...attached(), messageId: newId() };
    const replies = await Promise.all(Array.from({ length: 6 }, () => client.send(mail)));
    expect(replies.map(({ code }) => code)).toEqual(Array(6).fill(250));
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
    expect((await hub.spooled()).length).toBe(before + 1);
  });

  test.each(["mail.spooled", "mail.committed"])(
    "when the gateway dies at %s, the sender repeats, and one is taken",
    async (point) => {
      const client = await hub.client();
      const mail = { ...attached(), messageId: newId() };
      await hub.stack.armFailpoint(point);
      expect((await client.send(mail)).code).not.toBe(250);
      await hub.waitFor("the mail to be taken", async () => (await client.send(mail)).code === 250);
      const [arrival, second] = await hub.arrivals(client.projectId);
      expect(second).toBeUndefined();
      expect(await readFile(join(hub.stack.dataFolder, arrival!.location))).toEqual(zip("data.zip"));
    },
  );

  test("while PostgreSQL is away messages are put off", async () => {
    const client = await hub.client();
    const dialog = await Dialog.openSecure(hub.port);
    await dialog.say(`MAIL FROM:<${client.from}>`);
    await dialog.say("RCPT TO:<files@hub.example>");
    const raw = await signed(client, { ...attached(), messageId: newId() });
    await hub.stack.process("postgres").stop();
    try {
      expect(await dialog.say("DATA")).toMatch(/^354/);
      expect(await dialog.say(`${raw}\r\n.`)).toMatch(/^451 4\.3\.0/);
      await dialog.say(`MAIL FROM:<${client.from}>`);
      expect(await dialog.say("RCPT TO:<unknown@hub.example>")).toMatch(/^451/);
    } finally {
      await hub.stack.process("postgres").start();
    }
    dialog.hangUp();
    await hub.waitFor("the mail to be taken", async () => (await deliver(client.from, raw)).startsWith("250"));
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });

  test("what a crash left is swept once it is old, and what has arrived stays", async () => {
    const client = await hub.client();
    await client.send(attached());
    const [arrival] = await hub.arrivals(client.projectId);
    const folder = join(hub.stack.dataFolder, "mail");
    await writeFile(join(folder, "left-over"), "x");
    await writeFile(join(folder, "under-way"), "x");
    const old = new Date(Date.now() - 60_000);
    await utimes(join(folder, "left-over"), old, old);
    await utimes(join(hub.stack.dataFolder, arrival!.location), old, old);
    await sweepMailFolder({ database: hub.database, dataFolder: hub.stack.dataFolder }, 30_000);
    const names = await hub.spooled();
    expect(names).toContain("under-way");
    expect(names).not.toContain("left-over");
    expect(names).toContain(arrival!.location.split("/")[1]);
  });
});

describe("the listener", () => {
  test("demands TLS, offers no login, and gives nothing away", async () => {
    const client = await hub.client();
    expect(await client.send(attached(), { plain: true })).toMatchObject({ code: 530 });
    const dialog = await Dialog.open(hub.port);
    const features = await dialog.say("EHLO mx.client.example");
    expect(features).toMatch(/STARTTLS/);
    expect(features).toMatch(new RegExp(`SIZE ${DEFAULT_MAIL_LIMITS.maxBytes}`));
    expect(features).not.toMatch(/AUTH|XCLIENT|SMTPUTF8/);
    for (const command of [
      "AUTH PLAIN AGEAYg==",
      "VRFY files",
      "EXPN files",
      "WIZ",
      "SHELL ls",
      "XCLIENT ADDR=192.0.2.1",
    ]) {
      expect(await dialog.say(command), command).toMatch(/^5\d\d/);
    }
    dialog.hangUp();
  });

  test("passes nothing on, and knows its addresses alone", async () => {
    await hub.client({ address: "known" });
    const dialog = await Dialog.openSecure(hub.port);
    await dialog.say("MAIL FROM:<x@evil.example>");
    for (const [to, answer] of [
      ["victim@elsewhere.example", /^550 5\.7\.1/],
      ["victim%elsewhere.example@hub.example", /^550 5\.1\.1/],
      ["files@sub.hub.example", /^550 5\.7\.1/],
      ["unknown@hub.example", /^550 5\.1\.1/],
      ["postmaster", /^5\d\d/],
      ["known@hub.example", /^250/],
      ["files@hub.example", /^250/],
    ] as const) {
      expect(await dialog.say(`RCPT TO:<${to}>`), to).toMatch(answer);
    }
    dialog.hangUp();
  });

  test("a message that is too large is refused at MAIL when it says so, else at its end; nothing is kept", async () => {
    const before = await hub.spooled();
    const client = await hub.client();
    const dialog = await Dialog.openSecure(hub.port);
    const tooMany = DEFAULT_MAIL_LIMITS.maxBytes + 1;
    expect(await dialog.say(`MAIL FROM:<${client.from}> SIZE=${tooMany}`)).toMatch(/^552/);
    await dialog.say(`MAIL FROM:<${client.from}>`);
    await dialog.say("RCPT TO:<files@hub.example>");
    await dialog.say("DATA");
    dialog.send(`From: ${client.from}\r\n\r\n`);
    const line = Buffer.from(`${"x".repeat(998)}\r\n`.repeat(1000));
    for (let sent = 0; sent < tooMany; sent += line.length) dialog.send(line);
    expect(await dialog.say(".")).toMatch(/^552/);
    expect(await dialog.say("NOOP")).toMatch(/^250/);
    dialog.hangUp();
    expect(await hub.spooled()).toEqual(before);
  });

  test("a sender that leaves in the middle leaves nothing", async () => {
    const client = await hub.client();
    const before = (await hub.spooled()).length;
    const raw = await signed(client, attached("data.zip", zip(randomBytes(300_000).toString("hex"))));
    const dialog = await Dialog.openSecure(hub.port);
    await dialog.say(`MAIL FROM:<${client.from}>`);
    await dialog.say("RCPT TO:<files@hub.example>");
    await dialog.say("DATA");
    dialog.send(raw.slice(0, 200_000));
    await hub.waitFor("its part on disk", async () => (await hub.spooled()).length > before);
    dialog.hangUp();
    await hub.waitFor("its part to go", async () => (await hub.spooled()).length === before);
    expect(await hub.arrivals(client.projectId)).toEqual([]);
  });

  test("a header without an end, or with too many signatures, costs nothing", async () => {
    const client = await hub.client();
    const endless = `From: ${client.from}\r\n${`X-Long: ${"x".repeat(900)}\r\n`.repeat(200)}`;
    expect(await deliver(client.from, `${endless}\r\nx`)).toMatch(/^552/);
    const signature = `DKIM-Signature: v=1; a=rsa-sha256; d=many.example; s=s1; h=from; bh=x; b=x\r\n`;
    expect(await deliver(client.from, `${signature.repeat(11)}From: ${client.from}\r\n\r\nx`)).toMatch(/^550/);
    expect(await hub.audited(client.from)).toMatchObject({ found: { error: "11 DKIM signatures" } });
  });

  test("a message under way when the gateway is told to stop is taken to its end", async () => {
    const client = await hub.client();
    const raw = await signed(client, { ...attached(), messageId: newId() });
    const dialog = await Dialog.openSecure(hub.port);
    await dialog.say(`MAIL FROM:<${client.from}>`);
    await dialog.say("RCPT TO:<files@hub.example>");
    await dialog.say("DATA");
    dialog.send(raw.slice(0, 500));
    const stopped = hub.stack.process("mail-gateway").stop();
    await hub.waitFor("the port to close", () =>
      Dialog.open(hub.port).then(
        (other) => {
          other.hangUp();
          return false;
        },
        () => true,
      ),
    );
    dialog.send(raw.slice(500));
    expect(await dialog.say("\r\n.")).toMatch(/^250/);
    dialog.hangUp();
    await stopped;
    await hub.stack.process("mail-gateway").start();
    expect(await hub.arrivals(client.projectId)).toHaveLength(1);
  });
});

const withId = (raw: string, messageId: string) => raw.replace(/^Message-ID:.*$/m, `Message-ID: ${messageId}`);

/** A mail as its client's server would send it. */
async function signed(client: Awaited<ReturnType<MailHub["client"]>>, mail: object): Promise<string> {
  const { createTransport } = await import("nodemailer");
  const composer = createTransport({
    streamTransport: true,
    buffer: true,
    newline: "windows",
    dkim: client.domain.dkim,
  });
  const { message } = await composer.sendMail({
    from: client.from,
    to: "files@hub.example",
    text: "Here it is.",
    ...mail,
  });
  return message.toString();
}

/** Hands over a message as it is. */
async function deliver(from: string, raw: string): Promise<string> {
  const dialog = await Dialog.openSecure(hub.port);
  await dialog.say(`MAIL FROM:<${from}>`);
  await dialog.say("RCPT TO:<files@hub.example>");
  const answer = await dialog.say("DATA");
  if (!answer.startsWith("354")) return answer;
  const said = await dialog.say(`${raw.replace(/^\./gm, "..")}\r\n.`);
  dialog.hangUp();
  return said;
}

/** A DKIM signature of a message as it is, with the length of its body: what comes behind that is not covered. */
async function partialSignature(
  { domainName, keySelector, privateKey }: { domainName: string; keySelector: string; privateKey: string },
  message: string,
): Promise<string> {
  const [header = "", body = ""] = message.split(/\r\n\r\n(.*)/s);
  const bodyHash = createHash("sha256").update(body).digest("base64");
  const from = /^From: (.*)$/m.exec(header)![1]!.trim();
  const unsigned = `v=1; a=rsa-sha256; c=relaxed/simple; d=${domainName}; s=${keySelector}; l=${body.length}; h=from; bh=${bodyHash}; b=`;
  const { sign } = await import("node:crypto");
  const signature = sign("rsa-sha256", Buffer.from(`from:${from}\r\ndkim-signature:${unsigned}`), privateKey);
  return `DKIM-Signature: ${unsigned}${signature.toString("base64")}\r\n`;
}
