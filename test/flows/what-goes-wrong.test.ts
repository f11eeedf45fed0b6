import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import type { ProfileInput } from "@inlet/contracts";
import { openPublisher, retryBatch } from "@inlet/pipeline";
import { createLogger } from "@inlet/runtime";
import SftpClient from "ssh2-sftp-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  batchesOf,
  connectSftp,
  endedBatch,
  filesIn,
  type Hub,
  type HubClient,
  mailsAbout,
  openClient,
  openHub,
  readMail,
  upload,
  waitFor,
} from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";

const run = promisify(execFile);
const GOOD = Buffer.from("id,name,amount\n1,Ada,1.50\n2,Bob,2.00\n");

let hub: Hub;
let client: HubClient;
let number = 0;

beforeAll(async () => {
  hub = await openHub({
    services: ["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier", "notifier"],
    env: { RETRY_MS: "100" },
  });
});
afterAll(() => hub?.stop());
beforeEach(() => {
  number += 1;
});

const connect = async (overrides: Partial<ProfileInput> = {}) => {
  client = await openClient(
    hub,
    buildProfile({ client: `wrong${number}`, title: `Wrong no. ${number}.`, tables: [buildTable()], ...overrides }),
  );
};
const send = (fileName: string, bytes: Buffer) => upload(client, `/spring/Uploads/${fileName}`, bytes);
const issuesOf = (batchId: number) =>
  hub.database.query.selectFrom("issues").selectAll().where("batch_id", "=", batchId).orderBy("ordinal").execute();
const tableExists = async () => {
  const { rows } = await hub.database.pool.query("SELECT to_regclass($1) AS name", [
    `client_${client.client}.spring__rows`,
  ]);
  return rows[0].name !== null;
};
const mails = (count: number) =>
  waitFor(async () => {
    const about = await mailsAbout(hub, client.profile.title!);
    return about.length >= count ? about : undefined;
  }, `${count} e-mails`);

test.each([
  ["an empty file", Buffer.alloc(0), /empty/i],
  [
    "a file with nothing but its header",
    Buffer.from("id,name,amount\n"),
    /(no|without) (data|records|rows)|only (a|its) header|header/i,
  ],
])("%s is rejected with its reason; one e-mail; nothing imported", async (_, bytes, reason) => {
  await connect();
  await send("a.csv", bytes);
  const batch = await endedBatch(hub, client, "a.csv");
  expect(batch).toMatchObject({ status: "rejected", imported: null });
  expect(batch.reason_message).toMatch(reason);
  expect(await tableExists()).toBe(false);
  const [mail] = await mails(1);
  expect(mail!.subject).toMatch(/FAILED/);
  expect((await readMail(hub, mail!.id)).text).toMatch(reason);
  expect(await filesIn(client.folder("/spring/Downloads"))).toEqual({});
  expect(await filesIn(client.folder("/spring/Uploads"))).toEqual({});
});

test("a name that belongs to no table is rejected, and its reason names the patterns", async () => {
  await connect({ tables: [buildTable({ name: "store", files: ["{table}-{date}.tsv"] })] });
  await send("shop-2026-11-20.tsv", GOOD);
  const batch = await endedBatch(hub, client, "shop-2026-11-20.tsv");
  expect(batch).toMatchObject({ status: "rejected", table_name: null });
  expect(batch.reason_message).toMatch(/store-.*\.tsv/);
  expect((await mails(1))[0]!.subject).toMatch(/FAILED/);
});

test("a monitored file with another number of records than its name says is stopped, and told of to those who want nothing else", async () => {
  const counted = { total: "records", from: { place: "name", pattern: "_(\\d+)\\." } } as const;
  await connect({
    tables: [buildTable({ controls: [counted] })],
    notify: { recipients: ["data@client.example"], on: [] },
    monitoring: { recipients: ["it@client.example"] },
  });
  await send("a_2.csv", GOOD);
  const good = await endedBatch(hub, client, "a_2.csv");
  expect(good).toMatchObject({ status: "completed", declared: 2, records: 2, imported: 2 });
  await send("b_3.csv", GOOD);
  const stopped = await endedBatch(hub, client, "b_3.csv");
  expect(stopped).toMatchObject({ status: "rejected", declared: 3, records: 2, imported: null });
  const told = await mails(2);
  expect(told.map(({ to }) => to).sort()).toEqual(["data@client.example", "it@client.example"]);
  for (const { id } of told) expect((await readMail(hub, id)).text).toMatch(/3 records were expected,.*\s2\s+came/s);
});

test("the same name again is a visible duplicate; after a rejected file it is welcome", async () => {
  await connect();
  await send("a.csv", Buffer.from("id,name,amount\nnot a number,Ada,1\n"));
  expect((await endedBatch(hub, client, "a.csv")).status).toBe("rejected");
  await send("a.csv", GOOD);
  const status = (n: number) =>
    waitFor(async () => {
      const all = await batchesOf(hub, client, "a.csv");
      return all.length === n && all[n - 1]!.ended_at ? all[n - 1]! : undefined;
    }, `batch ${n}`);
  expect((await status(2)).status).toBe("completed");
  await send("a.csv", GOOD);
  const third = await status(3);
  expect(third).toMatchObject({ status: "duplicate", imported: null });
  expect(third.reason_message).toMatch(/accepted before/);
  await mails(3);
  const { rows } = await hub.database.pool.query(`SELECT count(*)::int AS n FROM client_${client.client}.spring__rows`);
  expect(rows[0].n).toBe(2);
});

test("where the profile says so, the same name is a new batch, and neither result is lost", async () => {
  await connect({ duplicates: { name: "accept" } });
  await send("a.csv", GOOD);
  await endedBatch(hub, client, "a.csv");
  await send("a.csv", Buffer.from("id,name,amount\n3,Cy,3\n"));
  await waitFor(async () => {
    const all = await batchesOf(hub, client, "a.csv");
    return all.length === 2 && all.every(({ status }) => status === "completed");
  }, "two batches");
  expect(Object.keys(await filesIn(client.folder("/spring/Downloads")))).toHaveLength(2);
});

test("rows may be skipped: the batch is partial, and every count agrees", async () => {
  await connect({ tables: [buildTable({ invalid: { policy: "skip", maxRows: 1 } })] });
  await send("a.csv", Buffer.from("id,name,amount\n1,Ada,1\nx,Bob,2\n3,Cy,3\n"));
  const batch = await endedBatch(hub, client, "a.csv");
  expect(batch).toMatchObject({
    status: "partial",
    records: 3,
    valid: 2,
    rejected: 1,
    staged: 2,
    imported: 2,
    links: 2,
  });
  expect(await issuesOf(batch.id)).toMatchObject([{ line: 3, record: 2, column_name: "id", value: "x" }]);
  expect((await mails(1))[0]!.subject).toMatch(/PARTIAL/);
});

test.each([
  ["a NUL", Buffer.from("id,name,amount\n1,Ada,1\n2,B\0b,2\n"), { line: 3 }],
  [
    "bytes that are in no encoding",
    Buffer.concat([Buffer.from("id,name,amount\n1,Ada,1\n2,B"), Buffer.from([0x81, 0xff]), Buffer.from("b,2\n")]),
    { line: 3 },
  ],
])("%s is an issue with its line and offset, not a crash", async (_, bytes, where) => {
  await connect();
  await send("a.csv", bytes);
  const batch = await endedBatch(hub, client, "a.csv");
  expect(batch).toMatchObject({ status: "rejected", imported: null });
  const [issue] = await issuesOf(batch.id);
  expect(issue).toMatchObject(where);
  expect(issue!.byte_offset).toBeGreaterThanOrEqual(bytes.lastIndexOf("2,B"));
  expect(issue!.byte_offset).toBeLessThan(bytes.length);
});

test("a line of 200 MB is an issue, in bounded memory", async () => {
  await connect();
  const sftp = new SftpClient();
  await connectSftp(sftp, client);
  const chunk = Buffer.alloc(1 << 20, "x");
  function* line() {
    yield Buffer.from("id,name,amount\n1,");
    for (let n = 0; n < 200; n += 1) yield chunk;
    yield Buffer.from(",2\n");
  }
  await sftp.put(Readable.from(line()), "/spring/Uploads/long.csv");
  await sftp.end();
  const batch = await endedBatch(hub, client, "long.csv");
  expect(batch).toMatchObject({ status: "rejected", imported: null });
  const [issue] = await issuesOf(batch.id);
  expect(issue).toMatchObject({ line: 2 });
  const { pid } = hub.stack.process("validator");
  expect(await peakMemoryMb(pid!)).toBeLessThan(300);
}, 120_000);

async function peakMemoryMb(pid: number): Promise<number> {
  return Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
}

/** An outage has no event to wait for: it lasts as long as it lasts. */
const outage = (lengthMs: number) => new Promise((resolve) => setTimeout(resolve, lengthMs));

test.each(["postgres", "redis", "mailbox"])(
  "while %s is away work waits, and it goes on by itself",
  async (server) => {
    await connect();
    await send("before.csv", GOOD);
    await endedBatch(hub, client, "before.csv");
    const names = ["a.csv", "b.csv", "c.csv"];
    if (server !== "postgres") {
      await hub.stack.process(server).stop();
      await Promise.all(names.map((name, n) => send(name, Buffer.from(`id,name,amount\n${10 + n},X,1\n`))));
    } else {
      // An upload is acknowledged only once its arrival is committed: it is begun before, and ends after the outage.
      await hub.stack.process(server).stop();
    }
    const sending = server === "postgres" ? Promise.all(names.map((name) => send(name, GOOD))) : undefined;
    // Long enough for claims, heartbeats and retries to fail more than once.
    await outage(2_000);
    await hub.stack.process(server).start();
    await sending;
    for (const name of names)
      expect(await endedBatch(hub, client, name, 120_000)).toMatchObject({ status: "completed" });
    await mails(4);
  },
  180_000,
);

test("a full disk fails the step with its reason, keeps what was acknowledged, and a retry goes on", async () => {
  await connect();
  // A small disk of its own under the client's blobs; that takes root, as CI is.
  expect(process.getuid?.(), "this test mounts a small disk and needs root").toBe(0);
  const disk = join(hub.stack.dataFolder, "blobs", client.client);
  await mkdir(disk, { recursive: true });
  await run("mount", ["-t", "tmpfs", "-o", "size=256k,mode=777", "tmpfs", disk]);
  try {
    const bytes = Buffer.from(
      `id,name,amount\n${Array.from({ length: 10_000 }, (_, n) => `${n},N ${n},1\n`).join("")}`,
    );
    await send("full.csv", bytes.subarray(0, bytes.lastIndexOf("\n", 150_000) + 1));
    const batch = await endedBatch(hub, client, "full.csv", 120_000);
    expect(batch).toMatchObject({ status: "failed", reason_code: "disk_full", imported: null });
    await run("mount", ["-o", "remount,size=64m", disk]);
    const publisher = openPublisher(hub.stack.redisUrl, createLogger("test", "fatal"));
    await retryBatch(hub.database, publisher, { batchId: batch.id, actor: "operator" });
    expect(await endedBatch(hub, client, "full.csv")).toMatchObject({ status: "completed" });
    await publisher.close();
  } finally {
    await run("umount", ["-l", disk]);
  }
}, 180_000);
