import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { ReplyMessage, StoredFile } from "@inlet/contracts";
import type { OutgoingMessage } from "@inlet/pipeline";
import { simpleParser } from "mailparser";
import { pino } from "pino";
import type { SMTPServerOptions } from "smtp-server";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openMailer } from "./mailer.ts";
import { openSmtpServer, refuse } from "./testing/smtp-server.ts";
import { sendMessage } from "./worker.ts";

let folder: string;
let blobs: Blobs;
let open: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-notifier-"));
  blobs = openBlobs(folder);
});
afterEach(async () => {
  for (const each of open.reverse()) await each.close();
  open = [];
  await rm(folder, { recursive: true });
});

async function openWay(options: SMTPServerOptions = {}) {
  const server = await openSmtpServer(options);
  const mailer = openMailer(server.url, 1);
  open.push(server, mailer);
  return { ...server, send: sendMessage({ mailer, blobs, from: { name: "Inlet", address: "inlet@hub.example" } }) };
}

/** Large enough to be read and sent in many pieces. */
const BYTES = randomBytes(3_000_001);

async function store(kind: StoredFile["kind"], name: string, bytes = BYTES): Promise<StoredFile> {
  const { key: blobKey, sizeBytes } = await blobs.put(`meadow/7/${kind}`, bytes);
  return { kind, name, blobKey, sizeBytes, sha256: createHash("sha256").update(bytes).digest("hex") };
}

function buildMessage(files: StoredFile[], answered: Partial<ReplyMessage["answered"]> = {}): OutgoingMessage {
  const payload: ReplyMessage = {
    event: "reply",
    ...{ client: "meadow", project: "spring", title: "Spring campaign", rehearsal: false },
    batch: {
      ...{ batchId: 7, table: "customers", fileName: "spring.csv", status: "completed", reason: null },
      ...{ records: 20, valid: 20, rejected: 0, imported: 20, links: 20, issueTotals: {} },
    },
    findings: [],
    files,
    placed: [],
    replyBytes: 10_000_000,
    answered: { subject: "November's data", messageId: "<1@meadow.example>", ...answered },
    at: "2026-11-21T09:03:00.000Z",
  };
  return {
    messageId: 1,
    key: "reply:7:1",
    recipient: "data@meadow.example",
    payload,
    createdAt: new Date("2026-11-21T09:03:00.123Z"),
    attempts: 1,
    signal: new AbortController().signal,
    logger: pino({ level: "silent" }),
  };
}

const attachmentsOf = async (bytes: Buffer) =>
  (await simpleParser(bytes)).attachments.map(({ filename, contentType, content }) => ({
    filename,
    contentType,
    content,
  }));

test("a reply arrives with its files to the byte, as an answer to the e-mail", async () => {
  const { received, send } = await openWay();
  const errors = Buffer.from([0, 13, 10, 46, 13, 10, 255]);
  await send(
    buildMessage(
      [await store("wrapped_result", "PURL_März.zip"), await store("wrapped_errors", "März.errors.csv.gpg", errors)],
      { to: "files@hub.example" },
    ),
  );
  expect(received).toMatchObject([{ to: ["data@meadow.example"] }]);
  const mail = await simpleParser(received[0]!.bytes);
  expect(mail.subject).toBe("Re: November's data");
  expect(mail.inReplyTo).toBe("<1@meadow.example>");
  expect(mail.from?.value).toMatchObject([{ address: "inlet@hub.example" }]);
  // Who presses Reply writes to where files are taken.
  expect(mail.replyTo?.value).toEqual([{ name: "", address: "files@hub.example" }]);
  expect(mail.references).toBe("<1@meadow.example>");
  expect(mail.headers.get("auto-submitted")).toBe("auto-replied");
  expect(mail.headers.get("x-auto-response-suppress")).toBe("All");
  const attached = await attachmentsOf(received[0]!.bytes);
  expect(attached.map(({ filename, contentType }) => [filename, contentType])).toEqual([
    ["PURL_März.zip", "application/zip"],
    ["März.errors.csv.gpg", "application/octet-stream"],
  ]);
  expect(attached[0]!.content.equals(BYTES)).toBe(true);
  expect(attached[1]!.content.equals(errors)).toBe(true);
});

test("an e-mail without a Message-ID of its own is answered all the same", async () => {
  const { received, send } = await openWay();
  await send(
    buildMessage([], { messageId: "<a@b>\r\nBcc: victim@example.com", subject: "x\r\nBcc: victim@example.com" }),
  );
  const mail = await simpleParser(received[0]!.bytes);
  expect(received[0]!.to).toEqual(["data@meadow.example"]);
  expect(mail.headers.has("bcc")).toBe(false);
  expect(mail.inReplyTo).toBeUndefined();
  expect(mail.subject).toBe("Re: x Bcc: victim@example.com");
});

test.each([null, undefined, "no address", "a@b.example, c@d.example", "a@b.example\r\nBcc: victim@example.com"])(
  "an answer to %j goes to where it came from",
  async (to) => {
    const { received, send } = await openWay();
    await send(buildMessage([], { to }));
    const mail = await simpleParser(received[0]!.bytes);
    expect(mail.headers.has("reply-to")).toBe(false);
    expect(mail.headers.has("bcc")).toBe(false);
  },
);

test("an address that cannot be answered is not looked for in the profile", async () => {
  const { send } = await openWay();
  await expect(send({ ...buildMessage([]), recipient: "data@meadow..example" })).rejects.toMatchObject({
    code: "recipient_invalid",
    message: expect.stringContaining("tell its sender"),
  });
});

test("a repeat is the same mail to the byte, with its files", async () => {
  const attempts: Buffer[] = [];
  const { send } = await openWay({
    onData: (stream, _session, done) => {
      buffer(stream).then((bytes) => {
        attempts.push(bytes);
        done(attempts.length === 1 ? refuse(451, "4.3.0 try again") : null);
      }, done);
    },
  });
  const message = buildMessage([await store("wrapped_result", "PURL_spring.zip")]);
  await expect(send(message)).rejects.toMatchObject({ name: "Unavailable" });
  await send({ ...message, attempts: 2 });
  expect(attempts).toHaveLength(2);
  expect(attempts[0]!.length).toBeGreaterThan(BYTES.length);
  expect(attempts[1]!.equals(attempts[0]!)).toBe(true);
});

test("a connection that is dropped between two mails costs no byte of the second one's files", async () => {
  let mails = 0;
  const sockets = new Set<Socket>();
  const way = await openWay({
    onMailFrom: (_address, _session, done) => {
      mails += 1;
      if (mails === 2) for (const socket of sockets) socket.destroy();
      done(null);
    },
    onConnect: (_session, done) => done(null),
  });
  way.smtp.server.on("connection", (socket) => sockets.add(socket));
  const message = buildMessage([await store("wrapped_result", "PURL_spring.zip")]);
  await way.send(message);
  await way.send(message).catch(async (error) => {
    // It goes again as a new attempt, not from the middle of what was read already.
    expect(error).toMatchObject({ name: "Unavailable" });
    await way.send(message);
  });
  expect(mails).toBeGreaterThan(2);
  expect(way.received).toHaveLength(2);
  for (const { bytes } of way.received) expect((await attachmentsOf(bytes))[0]!.content.equals(BYTES)).toBe(true);
});

test.each([
  ["is gone", "attachment_gone", () => blobs.remove("meadow/7/wrapped_result")],
  ["has other bytes", "attachment_damaged", () => blobs.put("meadow/7/wrapped_result", randomBytes(BYTES.length))],
  ["is shorter", "attachment_damaged", () => blobs.put("meadow/7/wrapped_result", BYTES.subarray(1))],
])("a file that %s makes a dead letter, and nothing goes out", async (_what, code, harm) => {
  const { received, send } = await openWay();
  const message = buildMessage([await store("wrapped_result", "PURL_spring.zip")]);
  await harm();
  await expect(send(message)).rejects.toMatchObject({ name: "InvariantBroken", code });
  expect(received).toHaveLength(0);
});

test("a reply that its recipient's server refuses for good is a dead letter", async () => {
  const { send } = await openWay({ onRcptTo: (_address, _session, done) => done(refuse(550, "5.1.1 no such user")) });
  const message = buildMessage([await store("wrapped_result", "PURL_spring.zip")]);
  await expect(send(message)).rejects.toMatchObject({ name: "InvalidInput", code: "recipient_refused" });
});
