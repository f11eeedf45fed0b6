import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import MailComposer from "nodemailer/lib/mail-composer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DEFAULT_MAIL_LIMITS, type MailLimits } from "./mail.ts";
import { discardMail, readMail } from "./read-mail.ts";

let dataFolder: string;
beforeAll(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), "inlet mail "));
});
afterAll(() => rm(dataFolder, { recursive: true, force: true }));

const read = (raw: Buffer | string | Iterable<Buffer>, limits: Partial<MailLimits> = {}) =>
  readMail(Readable.from(typeof raw === "string" || Buffer.isBuffer(raw) ? [Buffer.from(raw)] : raw), {
    ...DEFAULT_MAIL_LIMITS,
    dataFolder,
    ...limits,
  });
const compose = (mail: ConstructorParameters<typeof MailComposer>[0]): Promise<Buffer> =>
  new MailComposer({ from: "Data <Data@Client.example>", to: "files@hub.example", text: "Here it is.", ...mail })
    .compile()
    .build();
const spooled = () => readdir(join(dataFolder, "mail")).catch(() => []);
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest();

test("attachments are on disk byte for byte, whatever they were encoded in", async () => {
  const zip = Buffer.concat([Buffer.from("PK\x03\x04"), randomBytes(700_000)]);
  const text = Buffer.from("id,name\r\n1,Jürgen=\r\n.\r\n");
  const mail = await read(
    await compose({
      subject: "Daten für Frühling",
      attachments: [
        { filename: "data.zip", content: zip },
        { filename: "names.csv", content: text, contentTransferEncoding: "quoted-printable" },
      ],
    }),
  );
  expect(mail).toMatchObject({ from: "data@client.example", subject: "Daten für Frühling", fault: null });
  expect(mail.attachments.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([
    ["data.zip", zip.length],
    ["names.csv", text.length],
  ]);
  const [first, second] = mail.attachments;
  expect(await readFile(join(dataFolder, first!.location))).toEqual(zip);
  expect(await readFile(join(dataFolder, second!.location))).toEqual(text);
  expect(first!.sha256).toEqual(sha256(zip));
  expect(first!.head.subarray(0, 4).toString()).toBe("PK\x03\x04");
  await discardMail(mail, dataFolder);
  expect(await spooled()).toEqual([]);
});

test("a mail that comes byte by byte is the same", async () => {
  const raw = await compose({ messageId: "<1@client.example>", attachments: [{ filename: "a.zip", content: "PK" }] });
  const [whole, bytes] = [await read(raw), await read([...raw].map((byte) => Buffer.from([byte])))];
  const facts = ({ attachments, ...mail }: typeof whole) => ({ ...mail, sha: attachments.map(({ sha256 }) => sha256) });
  expect(facts(bytes)).toEqual(facts(whole));
  for (const mail of [whole, bytes]) await discardMail(mail, dataFolder);
});

test.each([
  ["Verkäufe März.zip", "Verkäufe März.zip"],
  ["../../etc/passwd.zip", "passwd.zip"],
  ["C:\\Users\\x\\data.zip", "data.zip"],
  [".hidden.zip", "hidden.zip"],
  ["a\u202egpj.zip", "agpj.zip"],
  [`${"ü".repeat(200)}.csv.zip`, `${"ü".repeat(123)}.csv.zip`],
])("the file name %j is read as %j", async (filename, name) => {
  const mail = await read(await compose({ attachments: [{ filename, content: "PK" }] }));
  expect(mail.attachments.map((attachment) => attachment.name)).toEqual([name]);
  await discardMail(mail, dataFolder);
});

test("what is no data file is not kept: texts, pictures, signatures, invitations", async () => {
  const mail = await read(
    await compose({
      html: "<img src=cid:logo>",
      attachments: [
        { filename: "logo.png", content: "x", cid: "logo" },
        { filename: "smime.p7s", content: "x", contentType: "application/pkcs7-signature" },
        { filename: "signature.asc", content: "x", contentType: "application/pgp-signature" },
      ],
      icalEvent: { content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR" },
    }),
  );
  expect(mail.attachments.map(({ name }) => name)).toEqual(["invite.ics"]);
  await discardMail(mail, dataFolder);
});

test("a forwarded mail is one attachment that holds no data; a mail may be nothing but its file", async () => {
  const inner = await compose({ attachments: [{ filename: "inner.zip", content: "PK" }] });
  const outer = await read(
    await compose({
      attachments: [{ raw: Buffer.concat([Buffer.from("Content-Type: message/rfc822\r\n\r\n"), inner]) }],
    }),
  );
  expect(outer.attachments).toEqual([]);
  const bare = await read(
    `From: a@b.example\r\nContent-Type: application/zip; name="x.zip"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from("PK\x03\x04").toString("base64")}\r\n`,
  );
  expect(bare.attachments.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([["x.zip", 4]]);
  await discardMail(bare, dataFolder);
});

test.each([
  ["mail_too_large", { maxBytes: 200_000 }],
  ["too_many_attachments", { maxAttachments: 2 }],
  ["mail_malformed", { maxHeaderBytes: 100 }],
])("past its limits a mail is a fault, %s, and leaves nothing", async (code, limits) => {
  const attachments = [1, 2, 3].map((n) => ({ filename: `${n}.zip`, content: randomBytes(100_000) }));
  const mail = await read(await compose({ messageId: "<big@client.example>", attachments }), limits);
  expect(mail).toMatchObject({ fault: { code }, attachments: [] });
  expect(await spooled()).toEqual([]);
});

test("a source that breaks leaves nothing, and says so", async () => {
  const raw = await compose({ attachments: [{ filename: "a.zip", content: randomBytes(300_000) }] });
  async function* broken() {
    yield raw.subarray(0, 200_000);
    throw new Error("connection lost");
  }
  await expect(readMail(broken(), { ...DEFAULT_MAIL_LIMITS, dataFolder })).rejects.toThrow("connection lost");
  expect(await spooled()).toEqual([]);
});

test("a message is known by its Message-ID, and without one by its bytes", async () => {
  const body = "From: a@b.example\r\n";
  const known = await read(`${body}Message-ID: <1@b.example>\r\n\r\nx`);
  const again = await read(`Received: by mx\r\n${body}Message-ID: <1@b.example>\r\n\r\nx`);
  const other = await read(`${body}Message-ID: <2@b.example>\r\n\r\nx`);
  expect(again.identity).toEqual(known.identity);
  expect(other.identity).not.toEqual(known.identity);
  const [bare, same, changed] = [await read(`${body}\r\nx`), await read(`${body}\r\nx`), await read(`${body}\r\ny`)];
  expect(bare).toMatchObject({ messageId: null });
  expect(same.identity).toEqual(bare.identity);
  expect(changed.identity).not.toEqual(bare.identity);
});

test.each([
  ["two From fields", "From: a@b.example\r\nFrom: c@d.example"],
  ["two addresses", "From: a@b.example, c@d.example"],
  ["a carriage return alone", "Subject: x\rFrom: c@d.example\r\nFrom: a@b.example"],
])("with %s nobody is its sender", async (_what, header) => {
  expect((await read(`${header}\r\n\r\nx`)).from).toBeNull();
});

test("a text of many megabytes takes no memory of its size", async () => {
  const line = Buffer.from(`${"words and words ".repeat(60)}\r\n`);
  let peakBytes = 0;
  function* long() {
    yield Buffer.from("From: a@b.example\r\nContent-Type: text/plain\r\n\r\n");
    for (let n = 0; n < 45_000; n += 1) {
      if (n % 5_000 === 0) peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers);
      yield line;
    }
  }
  const before = process.memoryUsage().arrayBuffers;
  const mail = await readMail(Readable.from(long()), { ...DEFAULT_MAIL_LIMITS, dataFolder });
  expect(mail.sizeBytes).toBeGreaterThan(40_000_000);
  expect(peakBytes - before).toBeLessThan(15_000_000);
});
