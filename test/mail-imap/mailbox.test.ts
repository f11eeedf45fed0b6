import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Mailbox, ProfileInput } from "@inlet/contracts";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProfile } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";
import { type IntakeHub, type IntakeProject, openIntakeHub } from "../intake/hub.ts";
import { lookOften, watching } from "../intake/watching.ts";
import { type Dovecot, MAIL_PASSWORD, openDovecot } from "./dovecot.ts";
import { buildMail, PASSED, SENDER, TRUSTED_SERVER, ZIP_PASSWORD, zipOf } from "./messages.ts";

const SECONDS = { timeoutMs: 30_000, what: "the watcher" };
const MAX_BYTES = 300_000;
const dovecot = await openDovecot();

let hub: IntakeHub;
const { batchesOf, statusOf, failing, well, looks, lookNow } = watching(() => hub, "mailbox_looks");
let accounts = 0;

describe.skipIf(!dovecot)("a mailbox", () => {
  beforeAll(async () => {
    hub = await openIntakeHub(["watcher", "watcher"], {
      WATCH_MS: "200",
      MAILBOX_MS: "50",
      // A message each, so that a mailbox with several is looked at several times.
      MAILBOX_TURN_MS: "1",
      MAIL_MAX_BYTES: String(MAX_BYTES),
      NODE_EXTRA_CA_CERTS: dovecot!.certificateFile,
      LOG_LEVEL: "debug",
    });
    await lookOften(hub.database, "mailbox_looks");
  });
  afterAll(async () => {
    await hub?.stop();
    await dovecot?.remove();
  });

  test("a file is taken once, and its message marked and left there", async () => {
    const { project, box } = await mailProject();
    const file = await zipOf("id,name,amount\n1,a,2\n");
    await box.bring(buildMail({ file, fileName: "first.zip" }));
    const [batch] = await batchesOf(project, 1);
    expect(batch).toMatchObject({ file_name: "first.zip", source: "email", size_bytes: file.length });
    expect(batch!.sha256).toEqual(createHash("sha256").update(file).digest());
    const stored = join(hub.stack.dataFolder, "blobs", project.profile.client, String(batch!.id), "source");
    expect((await readFile(stored)).equals(file)).toBe(true);
    expect(await box.flagsOf(1, "$InletDone")).toEqual(["$InletDone", "\\Seen"]);

    await looks(project, 3);
    expect(await hub.batches(project.projectId)).toHaveLength(1);
    expect(await auditOf(project)).toMatchObject([{ outcome: "accepted", address: "127.0.0.1" }]);
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "second.zip" }));
    expect((await batchesOf(project, 2)).map(({ file_name }) => file_name)).toEqual(["first.zip", "second.zip"]);
  });

  test("what lies there already is taken in the order of its coming, with other people's flags or without", async () => {
    const { project, box } = await mailProject({ live: false });
    await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "a.zip" }), ["\\Seen"]);
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "removed.zip" }), ["\\Deleted"]);
    await box.bring(buildMail({ file: await zipOf("id\n3\n"), fileName: "b.zip" }), ["\\Flagged"]);
    await box.goLive();
    expect((await batchesOf(project, 2)).map(({ file_name }) => file_name)).toEqual(["a.zip", "b.zip"]);
    expect(await box.flagsOf(3, "$InletDone")).toEqual(["$InletDone", "\\Flagged", "\\Seen"]);
    await looks(project, 2);
    expect(await hub.batches(project.projectId)).toHaveLength(2);
    expect(await box.flagsOf(2)).toEqual(["\\Deleted"]);
  });

  test("a mailbox full of messages leaves its place to others after each turn, and goes on without waiting", async () => {
    const { project, box } = await mailProject({ mailbox: { pollSeconds: 3_600 }, live: false });
    const names = ["a.zip", "b.zip", "c.zip", "d.zip"];
    for (const fileName of names) await box.bring(buildMail({ file: await zipOf(fileName), fileName }));
    await box.goLive({ pollSeconds: 3_600 });
    expect((await batchesOf(project, 4)).map(({ file_name }) => file_name)).toEqual(names);
    const sessions = await waitFor(() => {
      const ended = dovecot!.lines().filter((line) => line.includes(`imap(${box.username})`));
      return ended.filter((line) => / body_count=1 /.test(line)).length === 4 && ended;
    }, SECONDS);
    expect(sessions.filter((line) => / body_count=[2-9] /.test(line))).toEqual([]);
    expect((await statusOf(project))!.nextLookAt.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
  });

  test("the same message delivered twice is one batch", async () => {
    const { project, box } = await mailProject();
    const mail = buildMail({ file: await zipOf("id\n1\n") });
    await box.bring(mail);
    await box.bring(mail);
    await box.flagsOf(2, "$InletDone");
    await looks(project, 1);
    expect(await hub.batches(project.projectId)).toHaveLength(1);
  });

  test("under another UIDVALIDITY all is looked at again, and nothing taken again", async () => {
    const { project, box } = await mailProject({ mailbox: { folder: "Files" } });
    await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "a.zip" }));
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "b.zip" }));
    await batchesOf(project, 2);
    await box.flagsOf(2, "$InletDone");
    const before = await uidsOf(project);
    await box.newUidValidity();
    // The first message under the new one has a UID that was done with under the old one.
    await box.bring(buildMail({ file: await zipOf("id\n3\n"), fileName: "c.zip" }));
    expect((await batchesOf(project, 3)).map(({ file_name }) => file_name)).toEqual(["a.zip", "b.zip", "c.zip"]);
    await waitFor(async () => (await uidsOf(project)).done_uid === 3, SECONDS);
    expect((await uidsOf(project)).uid_validity).not.toBe(before.uid_validity);
    await looks(project, 2);
    expect(await hub.batches(project.projectId)).toHaveLength(3);
  });

  test.each([
    [
      "a stranger whose own domain vouches for it",
      { from: "x@evil.example", results: `${TRUSTED_SERVER}; dmarc=pass header.from=evil.example` },
      "sender_not_listed",
    ],
    ["a known name that nobody vouches for", { results: null }, "not_authenticated"],
    [
      "a known name for which DMARC failed",
      { results: `${TRUSTED_SERVER}; dmarc=fail header.from=client.example` },
      "not_authenticated",
    ],
    [
      "a known name, vouched for by the sender itself",
      { results: `${TRUSTED_SERVER}; dmarc=none`, fields: [`Authentication-Results: ${PASSED}`] },
      "not_authenticated",
    ],
    [
      "a known name, vouched for by a server that nobody trusts",
      { results: "mx.evil.example; dmarc=pass header.from=client.example" },
      "not_authenticated",
    ],
    ["two From fields", { fields: ["From: x@evil.example"] }, "not_authenticated"],
    ["a header without end", { fields: [`X-Filler: ${"x".repeat(300_000)}`] }, "not_authenticated"],
  ])("%s gets nothing and no answer, and stays unread", async (_what, mail, code) => {
    const { project, box } = await mailProject();
    await box.bring(buildMail({ ...mail, file: await zipOf("id\n1\n") }));
    const [refusal] = await waitFor(async () => {
      const rows = await auditOf(project);
      return rows.length > 0 && rows;
    }, SECONDS);
    expect(refusal).toMatchObject({ outcome: "refused", detail: { code, answered: false } });
    // It holds up nobody, and is not looked at again.
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "good.zip" }));
    expect((await batchesOf(project, 1)).map(({ file_name }) => file_name)).toEqual(["good.zip"]);
    await looks(project, 2);
    expect(await auditOf(project)).toHaveLength(2);
    expect(await messagesTo(project)).toEqual([]);
    expect(await box.flagsOf(1)).toEqual([]);
  });

  test("of an e-mail that is too large nothing is taken, and its sender is told once", async () => {
    const { project, box } = await mailProject();
    await box.bring(buildMail({ file: randomBytes(MAX_BYTES) }));
    expect(await box.flagsOf(1, "$InletRefused")).toEqual(["$InletDone", "$InletRefused", "\\Seen"]);
    await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "small.zip" }));
    expect((await batchesOf(project, 1)).map(({ file_name }) => file_name)).toEqual(["small.zip"]);
    expect(await messagesTo(project)).toMatchObject([
      { recipient: SENDER, payload: { event: "mail_refused", reason: { code: "mail_too_large" } } },
    ]);
  });

  test("a stranger's large e-mail is not even fetched", async () => {
    const { project, box } = await mailProject();
    await box.bring(buildMail({ results: null, file: randomBytes(4_000_000) }));
    await waitFor(async () => (await auditOf(project)).length > 0, SECONDS);
    expect((await auditOf(project))[0]).toMatchObject({ detail: { code: "not_authenticated" } });
    expect(await messagesTo(project)).toEqual([]);
    await looks(project, 1);
    const { username } = project.profile.email!.mailbox!;
    const sessions = await waitFor(() => {
      const ended = dovecot!.lines().filter((line) => line.includes(`imap(${username})`));
      return ended.some((line) => /hdr_count=1 /.test(line)) && ended;
    }, SECONDS);
    expect(sessions.filter((line) => !/ body_count=0 /.test(line))).toEqual([]);
  });

  test.each(["implicit", "starttls"] as const)("TLS (%s), with a certificate that is trusted", async (tls) => {
    const port = tls === "implicit" ? dovecot!.tlsPort : dovecot!.port;
    const { project, box } = await mailProject({ mailbox: { host: "localhost", port, tls } });
    await box.bring(buildMail({ file: await zipOf("id\n1\n") }));
    await batchesOf(project, 1);
  });

  test.each(["implicit", "starttls"] as const)("TLS (%s): a certificate for another name is refused", async (tls) => {
    const port = tls === "implicit" ? dovecot!.tlsPort : dovecot!.port;
    const { project } = await mailProject({ mailbox: { host: "127.0.0.1", port, tls } });
    expect((await failing(project, "mailbox_certificate")).errorMessage).toContain("127.0.0.1");
  });

  test("TLS: a certificate signed by itself is refused, and TLS is not done without", async () => {
    const other: Dovecot = (await openDovecot())!;
    try {
      const { project } = await mailProject({ mailbox: { host: "localhost", port: other.tlsPort, tls: "implicit" } });
      expect((await failing(project, "mailbox_certificate")).errorMessage).toMatch(/self-signed.*NODE_EXTRA_CA_CERTS/);
      const { project: second } = await mailProject({
        mailbox: { host: "localhost", port: other.port, tls: "starttls" },
      });
      await failing(second, "mailbox_certificate");
    } finally {
      await other.remove();
    }
  });

  test("in the clear only where the operator allows it", async () => {
    const { project } = await mailProject({ mailbox: { host: "10.255.255.1" } });
    expect((await failing(project, "remote_clear_text")).errorMessage).toContain("REMOTE_ALLOW");
    const { project: second } = await mailProject({ mailbox: { host: "127.0.0.2" } });
    await failing(second, "remote_address_refused");
  });

  test("a password that is missing or refused, or a missing folder, is told about; mended, it goes on at once", async () => {
    const { project, box } = await mailProject({ secrets: {} });
    await failing(project, "secret_missing");
    await hub.storeSecret(project.clientId, "mailbox", Buffer.from("wrong"));
    expect((await failing(project, "mailbox_login_refused")).errorMessage).not.toContain("wrong");
    await hub.storeSecret(project.clientId, "mailbox", Buffer.from(`${MAIL_PASSWORD}\n`));
    await well(project);
    await box.goLive({ folder: "Elsewhere" });
    expect((await failing(project, "mailbox_folder_missing")).errorMessage).toContain("Elsewhere");
    await box.goLive();
    await box.bring(buildMail({ file: await zipOf("id\n1\n") }));
    await batchesOf(project, 1);
    await well(project);
    expect((await auditOf(project, "mailbox.failing")).map(({ outcome }) => outcome)).toEqual([
      "secret_missing",
      "mailbox_folder_missing",
    ]);
    expect(await auditOf(project, "mailbox.recovered")).toHaveLength(2);
  });

  test("a server that is away is asked less and less often, and goes on when it is back", async () => {
    const { project, box } = await mailProject();
    await well(project);
    await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "a.zip" }));
    await batchesOf(project, 1);
    await dovecot!.stop();
    const first = await failing(project, "mailbox_unreachable");
    expect(first.nextLookAt.getTime() - first.lookedAt!.getTime()).toBeGreaterThanOrEqual(2_000);
    await lookNow(project, first);
    const second = await waitFor(async () => {
      const status = await statusOf(project);
      return status !== undefined && status.failures > 1 && status;
    }, SECONDS);
    expect(second.nextLookAt.getTime() - second.lookedAt!.getTime()).toBeGreaterThanOrEqual(4_000);
    await dovecot!.start();
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "b.zip" }));
    await lookNow(project);
    expect(await batchesOf(project, 2)).toHaveLength(2);
    await well(project);
  });

  test.each(["mail.spooled", "mail.committed", "watcher.mail-accepted"])(
    "a watcher that is killed at %s takes each file once, and marks its message",
    async (point) => {
      const { project, box } = await mailProject({ live: false });
      await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "a.zip" }));
      await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "b.zip" }));
      await hub.stack.armFailpoint(point);
      await box.goLive();
      expect(await box.flagsOf(2, "$InletDone")).toContain("\\Seen");
      expect(existsSync(join(hub.stack.stateFolder, "failpoints", point))).toBe(false);
      expect(await box.flagsOf(1)).toEqual(["$InletDone", "\\Seen"]);
      await batchesOf(project, 2);
      await looks(project, 2);
      expect((await hub.batches(project.projectId)).map(({ file_name }) => file_name)).toEqual(["a.zip", "b.zip"]);
    },
  );

  test("a message that ends the watcher again and again is passed over, and told about", async () => {
    const { project, box } = await mailProject({ live: false });
    await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "a.zip" }));
    await box.goLive();
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await hub.stack.armFailpoint("mail.spooled");
      await waitFor(() => !existsSync(join(hub.stack.stateFolder, "failpoints/mail.spooled")), SECONDS);
    }
    await waitFor(async () => (await auditOf(project, "mail.given_up")).length === 1, SECONDS);
    await failing(project, "mail_given_up");
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "b.zip" }));
    expect((await batchesOf(project, 1)).map(({ file_name }) => file_name)).toEqual(["b.zip"]);
    expect(await box.flagsOf(1)).toEqual([]);
  });

  test("a message that its server does not give out holds up the others for a while, and not for ever", async () => {
    const { project, box } = await mailProject({ live: false });
    await box.bring(buildMail({ file: await zipOf("id\n1\n"), fileName: "a.zip" }));
    await dovecot!.withhold(box.username);
    await box.bring(buildMail({ file: await zipOf("id\n2\n"), fileName: "b.zip" }));
    await box.goLive();
    await failing(project, "mailbox_unreachable");
    await looks(project, 2);
    const { attempts, breaks } = await hub.database.query
      .selectFrom("mailbox_looks")
      .select(["attempts", "breaks"])
      .where("project_id", "=", project.projectId)
      .executeTakeFirstOrThrow();
    expect([attempts, breaks]).toEqual([0, expect.any(Number)]);
    expect(breaks).toBeGreaterThanOrEqual(2);
    expect(await hub.batches(project.projectId)).toEqual([]);

    await hub.database.pool.query("UPDATE mailbox_looks SET breaks = 50, next_look_at = now() WHERE project_id = $1", [
      project.projectId,
    ]);
    expect((await batchesOf(project, 1)).map(({ file_name }) => file_name)).toEqual(["b.zip"]);
    const [given] = await auditOf(project, "mail.given_up");
    expect(given).toMatchObject({ detail: { uid: 1, message: expect.stringContaining("in 50 attempts") } });
  });
});

interface MailProjectOptions {
  mailbox?: Partial<Mailbox>;
  secrets?: Record<string, Buffer>;
  /** False: the project does not look before `goLive`. */
  live?: boolean;
}

/** A project that reads a mailbox of its own, and the mailbox. */
async function mailProject({
  mailbox = {},
  secrets = { mailbox: Buffer.from(MAIL_PASSWORD) },
  live: isLive = true,
}: MailProjectOptions = {}) {
  accounts += 1;
  const username = `files${accounts}`;
  const read: Mailbox = {
    host: "127.0.0.1",
    port: dovecot!.port,
    tls: "none",
    username,
    secret: "mailbox",
    folder: "INBOX",
    pollSeconds: 1,
    trustedServer: TRUSTED_SERVER,
    ...mailbox,
  };
  const profileOf = (changed: Partial<Mailbox> = {}): Partial<ProfileInput> => ({
    email: { senders: [SENDER], mailbox: { ...read, ...changed } },
    incoming: { zip: { password: "zip", encryption: "require" } },
    duplicates: { name: "accept" },
  });
  const box = await openBox(username, read.folder);
  const project = await hub.project(isLive ? profileOf() : {}, {
    zip: Buffer.from(ZIP_PASSWORD),
    ...secrets,
  });
  const goLive = (changed: Partial<Mailbox> = {}) =>
    live(hub.database, buildProfile({ client: project.profile.client, ...profileOf(changed) }));
  return { project, box: { ...box, username, goLive } };
}

/** A mailbox as its owner has it. Each step is a session of its own: the server may have been away. */
async function openBox(username: string, folder: string) {
  const session = async <T>(work: (client: Awaited<ReturnType<Dovecot["login"]>>) => Promise<T>): Promise<T> => {
    const client = await dovecot!.login(username);
    try {
      return await work(client);
    } finally {
      await client.logout();
    }
  };
  const flagsNow = (uid: number) =>
    session(async (client) => {
      await client.mailboxOpen(folder, { readOnly: true });
      const message = await client.fetchOne(String(uid), { flags: true }, { uid: true });
      return message ? [...message.flags!].filter((flag) => flag !== "\\Recent").sort() : [];
    });
  if (folder !== "INBOX") await session((client) => client.mailboxCreate(folder));
  return {
    /** Delivers a message. */
    bring: (mail: Buffer, flags: string[] = []) => session((client) => client.append(folder, mail, flags)),
    /** A message's flags, as soon as it has a certain one. */
    flagsOf: (uid: number, wanted?: string) =>
      waitFor(async () => {
        const flags = await flagsNow(uid);
        return (wanted === undefined || flags.includes(wanted)) && flags;
      }, SECONDS),
    /** The same messages in a new folder of the same name. */
    newUidValidity: () =>
      session(async (client) => {
        await client.mailboxRename(folder, `${folder}-old`);
        await client.mailboxCreate(folder);
        await client.mailboxOpen(`${folder}-old`);
        await client.messageCopy("1:*", folder);
      }),
  };
}

const uidsOf = ({ projectId }: IntakeProject) =>
  hub.database.query
    .selectFrom("mailbox_looks")
    .select(["uid_validity", "done_uid"])
    .where("project_id", "=", projectId)
    .executeTakeFirstOrThrow();

const messagesTo = ({ projectId }: IntakeProject) =>
  hub.database.query
    .selectFrom("messages")
    .select(["recipient", "payload"])
    .where("project_id", "=", projectId)
    .where("recipient", "!=", "ops@example.com")
    .execute();

/** The audit's rows about a project, or (`mail`) about the messages in its mailbox. */
async function auditOf({ profile, projectId }: IntakeProject, action = "mail") {
  const rows = await hub.database.query
    .selectFrom("audit")
    .selectAll()
    .where("action", "=", action)
    .orderBy("id")
    .execute();
  if (action !== "mail") return rows.filter(({ detail }) => detail.client === profile.client);
  return rows.filter(({ detail }) => (detail.found as { projectId?: number } | undefined)?.projectId === projectId);
}
