import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { openBlobs } from "@inlet/blobs";
import type { MessagePayload } from "@inlet/contracts";
import { simpleParser } from "mailparser";
import { pino } from "pino";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, test } from "vitest";
import { composeMail, type MailSource } from "./mail.ts";
import { type Mailer, openMailer } from "./mailer.ts";
import { openSmtpServer, refuse } from "./testing/smtp-server.ts";
import { sendMessage } from "./worker.ts";

const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function openServer(options: SMTPServerOptions = {}) {
  const server = await openSmtpServer(options);
  open.push(server);
  return server;
}

function openTestMailer(url: string): Mailer {
  const mailer = openMailer(url, 2);
  open.push(mailer);
  return mailer;
}

const from = { name: "Inlet", address: "inlet@hub.example" };

function buildPayload(overrides: { run?: string; revision?: number; fileName?: string } = {}): MessagePayload {
  const { run = "2026-11-20", revision = 1, fileName = "store-2026-11-20.tsv" } = overrides;
  const counts = { records: 2, valid: 2, rejected: 0, imported: 2, links: null, issueTotals: {} };
  return {
    event: "completed",
    ...{ client: "harbour", project: "iris1012", title: "Iris 1012", run, revision, missing: [] },
    at: "2026-11-20T09:00:00.000Z",
    batches: [{ batchId: 3, table: "store", fileName, status: "completed", reason: null, ...counts }],
  };
}

function buildMessage(overrides: Partial<MailSource> = {}): MailSource {
  return {
    key: "run:1:1:ops@client.example",
    recipient: "ops@client.example",
    payload: buildPayload(),
    createdAt: new Date("2026-11-20T09:00:01.234Z"),
    ...overrides,
  };
}

const mailOf = (overrides: Partial<MailSource> = {}) => composeMail(buildMessage(overrides), from);

test("a run's mail arrives with its table, as text and as HTML", async () => {
  const { url, received } = await openServer();
  const { response } = await openTestMailer(url).send(mailOf());
  expect(response).toBe("250 2.0.0 queued as 4711");
  expect(received).toHaveLength(1);
  expect(received[0]).toMatchObject({ from: "inlet@hub.example", to: ["ops@client.example"] });
  const mail = await simpleParser(received[0]!.bytes);
  expect(mail.subject).toBe("SUCCESS: Iris 1012, 2026-11-20");
  expect(mail.from?.text).toBe('"Inlet" <inlet@hub.example>');
  expect(mail.text).toContain("Table Name  Status");
  expect(mail.html).toContain("Table Name</th>");
  expect(mail.date?.toISOString()).toBe("2026-11-20T09:00:01.000Z");
  expect(mail.headers.get("auto-submitted")).toBe("auto-generated");
});

test("a repeat is the same mail to the byte, also from another process's mailer", async () => {
  const { url, received } = await openServer();
  await openTestMailer(url).send(mailOf());
  await openTestMailer(url).send(mailOf());
  expect(received).toHaveLength(2);
  expect(received[0]!.bytes.length).toBeGreaterThan(1000);
  expect(received[1]!.bytes.equals(received[0]!.bytes)).toBe(true);
});

test("two recipients get a mail and a transaction each, under Message-IDs of their own", async () => {
  const { url, received } = await openServer();
  const mailer = openTestMailer(url);
  const recipients = ["a@client.example", "b@client.example"];
  await Promise.all(recipients.map((recipient) => mailer.send(mailOf({ key: `run:1:1:${recipient}`, recipient }))));
  expect(received.map(({ to }) => to).sort()).toEqual([["a@client.example"], ["b@client.example"]]);
  const mails = await Promise.all(received.map(({ bytes }) => simpleParser(bytes)));
  expect(new Set(mails.map(({ messageId }) => messageId)).size).toBe(2);
  for (const { messageId } of mails) expect(messageId).toMatch(/^<[0-9a-f]{40}@hub\.example>$/);
});

test("the reports of one run are one conversation; another run is another one", async () => {
  const { url, received } = await openServer();
  const mailer = openTestMailer(url);
  await mailer.send(mailOf());
  await mailer.send(mailOf({ key: "run:1:2:ops@client.example", payload: buildPayload({ revision: 2 }) }));
  const other = buildPayload();
  if (other.event === "completed") other.batches[0]!.batchId = 9;
  await mailer.send(mailOf({ key: "run:2:1:ops@client.example", payload: other }));
  const [first, second, third] = await Promise.all(received.map(({ bytes }) => simpleParser(bytes)));
  expect(second?.references).toEqual(first?.references);
  expect(second?.inReplyTo).toBe(second?.references);
  expect(first?.inReplyTo).toBeUndefined();
  expect(second?.messageId).not.toBe(first?.messageId);
  expect(third?.references).not.toEqual(first?.references);
});

test("a server that says 451 is asked again later, and the same mail goes through then", async () => {
  let busy = true;
  const { url, received } = await openServer({
    onRcptTo: (_address, _session, done) => done(busy ? refuse(451, "4.7.1 greylisted, try again") : null),
  });
  const mailer = openTestMailer(url);
  await expect(mailer.send(mailOf())).rejects.toMatchObject({
    name: "Unavailable",
    code: "smtp_unavailable",
    message: expect.stringContaining("451 4.7.1 greylisted, try again"),
  });
  busy = false;
  await mailer.send(mailOf());
  expect(received).toHaveLength(1);
});

test.each([
  [
    "a recipient who does not exist",
    "onRcptTo",
    refuse(550, "5.1.1 no such user"),
    "InvalidInput",
    "recipient_refused",
  ],
  ["a domain that takes no mail", "onRcptTo", refuse(556, "5.1.10 null MX"), "InvalidInput", "recipient_refused"],
  ["a full mailbox", "onRcptTo", refuse(552, "5.2.2 mailbox full"), "Unavailable", "smtp_unavailable"],
  ["a sender who is not known there", "onMailFrom", refuse(550, "5.7.1 who are you"), "Unavailable", "sender_refused"],
  ["a server that asks for a login", "onMailFrom", refuse(530, "5.7.0 log in"), "Unavailable", "smtp_login_refused"],
  ["a server that closes", "onMailFrom", refuse(421, "4.3.2 shutting down"), "Unavailable", "smtp_unavailable"],
  ["a server that takes nobody", "onConnect", refuse(554, "no service here"), "Unavailable", "smtp_unavailable"],
] as const)("%s: %s %o makes %s %s", async (_what, hook, answer, name, code) => {
  const reject = (...args: unknown[]) => (args.at(-1) as (error: Error) => void)(answer);
  const { url } = await openServer({ [hook]: reject });
  await expect(openTestMailer(url).send(mailOf())).rejects.toMatchObject({ name, code });
});

test("a mail that is refused for what it is makes a dead letter, and the next one goes through", async () => {
  let suspicious = true;
  const { url, received } = await openServer({
    onData: (stream, _session, done) => {
      buffer(stream).then((bytes) => {
        if (suspicious) return done(refuse(554, "5.7.1 looks like spam"));
        received.push({ from: "", to: [], bytes, encrypted: false });
        done(null, "ok");
      }, done);
    },
  });
  const mailer = openTestMailer(url);
  await expect(mailer.send(mailOf())).rejects.toMatchObject({
    name: "InvalidInput",
    code: "mail_refused",
    message: "The mail to ops@client.example was refused: 554 5.7.1 looks like spam.",
  });
  suspicious = false;
  await mailer.send(mailOf());
  expect(received).toHaveLength(1);
});

test("a mail larger than the server takes is refused for good", async () => {
  const { url } = await openServer({
    size: 500,
    onData: (stream, _session, done) => {
      buffer(stream).then(() => done(stream.sizeExceeded ? refuse(552, "5.3.4 too large") : null), done);
    },
  });
  await expect(openTestMailer(url).send(mailOf())).rejects.toMatchObject({
    name: "InvalidInput",
    code: "mail_refused",
  });
});

test("a server that is away makes a mail wait, and the same mailer sends it when the server is back", async () => {
  const away = await openServer();
  const port = Number(new URL(away.url).port);
  const mailer = openTestMailer(away.url);
  await mailer.send(mailOf());
  await away.close();
  await expect(mailer.send(mailOf())).rejects.toMatchObject({ name: "Unavailable", code: "smtp_unavailable" });
  const received: Buffer[] = [];
  const back = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    closeTimeout: 200,
    onData: (stream, _session, done) =>
      void buffer(stream).then((bytes) => done(null, `${received.push(bytes)}`), done),
  });
  back.listen(port, "127.0.0.1");
  await once(back.server, "listening");
  open.push({ close: () => new Promise<void>((resolve) => back.close(resolve)) });
  await mailer.send(mailOf());
  expect(received).toHaveLength(1);
});

test("a wrong password is no reason to lose mails", async () => {
  const { url } = await openServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: (_auth, _session, done) => done(refuse(535, "5.7.8 bad credentials")),
  });
  const mailer = openTestMailer(url.replace("//", "//me:wrong@"));
  const failure = await mailer.send(mailOf()).catch((error: Error) => error);
  expect(failure).toMatchObject({ name: "Unavailable", code: "smtp_login_refused" });
  expect(`${failure}`).not.toContain("wrong");
});

test("where the server offers TLS it is used, whatever the certificate; required TLS wants one that holds", async () => {
  const { url, received } = await openServer({ disabledCommands: ["AUTH"] });
  await openTestMailer(url).send(mailOf());
  expect(received).toMatchObject([{ encrypted: true }]);
  await expect(openTestMailer(`${url}?tls=required`).send(mailOf())).rejects.toMatchObject({
    name: "Unavailable",
    code: "smtp_tls_failed",
  });
  expect(received).toHaveLength(1);
});

test("required TLS sends nothing to a server without it", async () => {
  const { url, received } = await openServer();
  await expect(openTestMailer(`${url}?tls=required`).send(mailOf())).rejects.toMatchObject({ name: "Unavailable" });
  expect(received).toHaveLength(0);
});

test("a hostile name makes neither a header nor a line of its own", async () => {
  const { url, received } = await openServer();
  const name = `a\r\nBcc: victim@example.com\r\n\r\n.\r\nMAIL FROM:<x@y>\u202e<b>.csv`;
  await openTestMailer(url).send(mailOf({ payload: buildPayload({ run: name, fileName: name }) }));
  expect(received).toMatchObject([{ to: ["ops@client.example"] }]);
  const mail = await simpleParser(received[0]!.bytes);
  expect(mail.headers.has("bcc")).toBe(false);
  expect(mail.subject).toBe("SUCCESS: Iris 1012, a Bcc: victim@example.com . MAIL FROM:<x@y>\ufffd<b>.csv");
});

test.each([
  "ops@client.example\r\nBcc: x@example.com",
  "ops@client.example, x@example.com",
  "<ops@client.example>",
  "nobody",
  "",
])("%j is no recipient", (recipient) => {
  expect(() => mailOf({ recipient })).toThrow(/no e-mail address/);
});

test("a notifier that stops does not begin another mail, and the message is not lost", async () => {
  const { url, received } = await openServer();
  const send = sendMessage({ mailer: openTestMailer(url), blobs: openBlobs("/nowhere"), from });
  const outgoing = { ...buildMessage(), messageId: 1, attempts: 1, logger: pino({ level: "silent" }) };
  await expect(send({ ...outgoing, signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "Unavailable" });
  expect(received).toHaveLength(0);
  expect(await send({ ...outgoing, signal: new AbortController().signal })).toEqual({
    response: "250 2.0.0 queued as 4711",
  });
});
