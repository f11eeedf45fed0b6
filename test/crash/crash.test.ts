import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { ServiceName } from "@inlet/stack";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  batchesOf,
  endedBatch,
  filesIn,
  type Hub,
  type HubClient,
  mailsAbout,
  openClient,
  openHub,
  upload,
  waitFor,
} from "../fixtures/hub.ts";
import { killAt } from "../fixtures/killed-at.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";

const ROWS = 40;
const SERVICES: ServiceName[] = [
  "sftp-gateway",
  "watcher",
  "validator",
  "purl-generator",
  "importer",
  "importer",
  "courier",
  "notifier",
];

let hub: Hub;
let client: HubClient;
let number = 0;

beforeAll(async () => {
  // A killed gateway's uploads count as under way until somebody may take them over.
  const env = { SFTP_TAKE_OVER_SECONDS: "2", WATCH_MS: "250", RECONCILE_MS: "100", RECONCILE_STALE_MS: "400" };
  hub = await openHub({ services: SERVICES, env });
});
afterAll(() => hub?.stop());
// A message that is still under way would come to the next test's failpoint.
afterEach(async () => {
  await waitFor(async () => {
    const { rows } = await hub.database.pool.query("SELECT count(*)::int AS n FROM messages WHERE state <> 'sent'");
    return rows[0].n === 0;
  }, "all e-mails");
});
beforeEach(async () => {
  number += 1;
  client = await openClient(
    hub,
    buildProfile({
      client: `crash${number}`,
      title: `Crash no. ${number}.`,
      delivery: { to: "downloads", flag: true, errors: true },
      tables: [buildTable()],
    }),
  );
});

const fileOf = (first: number) =>
  Buffer.from(`id,name,amount\n${Array.from({ length: ROWS }, (_, n) => `${first + n},Name ${n},${n}.50\n`).join("")}`);

const importedRows = async () => {
  const relation = `client_${client.client}.spring__rows`;
  const { rows } = await hub.database.pool.query(
    `SELECT count(*)::int AS n, count(DISTINCT id)::int AS distinct_n FROM ${relation}`,
  );
  return rows[0] as { n: number; distinct_n: number };
};

/** One import, one result file with its flag, one e-mail: whatever happened on the way. */
async function expectOnce(fileName: string, { mails = 1 }: { mails?: number } = {}) {
  const batch = await endedBatch(hub, client, fileName);
  expect(batch).toMatchObject({ status: "completed", imported: ROWS, links: ROWS, reason_message: null });
  expect(await batchesOf(hub, client, fileName)).toHaveLength(1);
  expect(await importedRows()).toEqual({ n: ROWS, distinct_n: ROWS });

  const downloads = await filesIn(client.folder("/spring/Downloads"));
  expect(Object.keys(downloads).sort()).toEqual([`PURL_${fileName}`, `PURL_${fileName}.flg`]);
  const delivered = await hub.database.query
    .selectFrom("deliveries")
    .select("sha256")
    .where("batch_id", "=", batch.id)
    .where("artifact", "=", "result")
    .execute();
  expect(delivered.map(({ sha256 }) => sha256.toString("hex"))).toEqual([downloads[`PURL_${fileName}`]]);

  const sent = await waitFor(async () => {
    const open = await hub.database.query
      .selectFrom("messages")
      .select("id")
      .where("run_id", "=", batch.run_id)
      .where("state", "!=", "sent")
      .execute();
    const about = await mailsAbout(hub, client.profile.title!);
    return open.length === 0 && about.length > 0 ? about : undefined;
  }, "the e-mail");
  expect(sent).toHaveLength(mails);
  expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(1);
  return batch;
}

test.each([
  ["sftp-gateway", "gateway.before-arrival"],
  ["watcher", "watcher.claimed"],
  ["watcher", "watcher.before-commit"],
  ["watcher", "watcher.committed"],
  ["validator", "validate.claimed"],
  ["validator", "validate.before-commit"],
  ["validator", "validate.committed"],
  ["purl-generator", "personalise.claimed"],
  ["purl-generator", "personalise.pinned"],
  ["purl-generator", "personalise.before-commit"],
  ["purl-generator", "personalise.committed"],
  ["importer", "import.claimed"],
  ["importer", "import.prepared"],
  ["importer", "import.loaded"],
  ["importer", "import.before-commit"],
  ["importer", "import.committed"],
  ["courier", "deliver.claimed"],
  ["courier", "deliver.renamed"],
  ["courier", "deliver.before-commit"],
  ["courier", "deliver.committed"],
  ["notifier", "send.claimed"],
  ["notifier", "send.committed"],
] as const)("%s killed at %s: one import, one result, one e-mail", async (_service, point) => {
  const killing = await killAt(hub, point);
  await upload(client, "/spring/Uploads/once.csv", fileOf(1));
  await killing.over();
  await expectOnce("once.csv");
});

test.each([
  ["validator", "validate.before-commit"],
  ["validator", "validate.committed"],
  ["courier", "deliver.claimed"],
  ["courier", "deliver.renamed"],
  ["courier", "deliver.before-commit"],
  ["courier", "deliver.committed"],
] as const)("%s killed at %s over a rejected file: one end, one error file, one e-mail", async (_service, point) => {
  const killing = await killAt(hub, point);
  await upload(client, "/spring/Uploads/bad.csv", Buffer.from("id,wrong\n1,x\n"));
  await killing.over();
  const batch = await endedBatch(hub, client, "bad.csv");
  expect(batch).toMatchObject({ status: "rejected", imported: null });
  const delivery = await waitFor(async () => {
    const step = await hub.database.query
      .selectFrom("steps")
      .select(["state", "error"])
      .where("batch_id", "=", batch.id)
      .where("kind", "=", "deliver")
      .executeTakeFirst();
    return step?.state === "done" ? step : undefined;
  }, "the error file's delivery");
  expect(delivery.error).toBeNull();
  expect(Object.keys(await filesIn(client.folder("/spring/Downloads")))).toEqual(["bad.errors.csv"]);
  expect(await endedBatch(hub, client, "bad.csv")).toEqual(batch);
  const reports = await hub.database.query
    .selectFrom("messages")
    .select("id")
    .where("run_id", "=", batch.run_id)
    .execute();
  expect(reports).toHaveLength(1);
});

test.each(["import.catalog-piece", "import.committed"])(
  "the importer killed at %s over a file of a catalog: each item changes once, or not at all",
  async (point) => {
    const columns = ["id", "name", "amount"].map((name) => ({ name }));
    const table = buildTable({ mode: "replace", key: ["id"], columns });
    client = await openClient(
      hub,
      buildProfile({ client: `crash${number}c`, links: undefined, tables: [table], catalogs: [{ table: "rows" }] }),
    );
    await upload(client, "/spring/Uploads/first.csv", fileOf(1));
    await endedBatch(hub, client, "first.csv");
    const killing = await killAt(hub, point);
    await upload(client, "/spring/Uploads/second.csv", fileOf(1 + ROWS / 2));
    await killing.over();
    expect(await endedBatch(hub, client, "second.csv")).toMatchObject({ status: "completed", imported: ROWS });
    expect(await importedRows()).toEqual({ n: ROWS, distinct_n: ROWS });
    const { rows } = await hub.database.pool.query(
      `SELECT version::int, operation, count(*)::int AS n FROM catalog_changes WHERE catalog_id =
         (SELECT id FROM catalogs WHERE project_id = $1) GROUP BY 1, 2 ORDER BY 1, 2`,
      [client.projectId],
    );
    // Half of the first file's items are gone, the other half have other names, and as many are new.
    expect(rows).toEqual([
      { version: 1, operation: "put", n: ROWS + ROWS / 2 },
      { version: 2, operation: "put", n: ROWS / 2 },
      { version: 2, operation: "remove", n: ROWS / 2 },
    ]);
  },
);

test("the gateway killed after the arrival's commit: the client may try again, and one of the two is a duplicate", async () => {
  const killing = await killAt(hub, "gateway.after-arrival");
  await upload(client, "/spring/Uploads/once.csv", fileOf(1));
  await killing.over();
  const batches = await waitFor(async () => {
    const all = await batchesOf(hub, client, "once.csv");
    return all.length > 0 && all.every(({ ended_at }) => ended_at) ? all : undefined;
  }, "all batches");
  expect(batches.filter(({ status }) => status === "completed")).toHaveLength(1);
  expect(batches.every(({ status }) => status === "completed" || status === "duplicate")).toBe(true);
  expect(await importedRows()).toEqual({ n: ROWS, distinct_n: ROWS });
});

test.each(["send.after-250", "send.before-commit"])(
  "the notifier killed at %s: in SMTP's own window the same e-mail comes twice, with one Message-ID",
  async (point) => {
    const killing = await killAt(hub, point);
    await upload(client, "/spring/Uploads/once.csv", fileOf(1));
    await killing.over();
    await expectOnce("once.csv", { mails: 2 });
  },
);

test("the validator killed as it takes a ZIP of several files apart: each file is a batch once, in one run", async () => {
  const killing = await killAt(hub, "validate.unpacked");
  const zip = zipOf({ "one.csv": fileOf(1), "two.csv": fileOf(1 + ROWS) });
  await upload(client, "/spring/Uploads/several.zip", zip);
  await killing.over();
  const whole = await endedBatch(hub, client, "several.zip");
  expect(whole).toMatchObject({ status: "unpacked", imported: null });
  for (const name of ["one.csv", "two.csv"]) {
    const part = await endedBatch(hub, client, name);
    expect(part).toMatchObject({ status: "completed", imported: ROWS, part_of: whole.id, run_id: whole.run_id });
    expect(await batchesOf(hub, client, name)).toHaveLength(1);
  }
  expect(await importedRows()).toEqual({ n: 2 * ROWS, distinct_n: 2 * ROWS });
  await waitFor(async () => (await mailsAbout(hub, client.profile.title!)).length > 0, "the one report");
  expect(await mailsAbout(hub, client.profile.title!)).toHaveLength(1);
});

test("a worker that is frozen inside its import and comes back after its lease changes nothing", async () => {
  await hub.stack.armFailpoint("import.loaded", "stop");
  await upload(client, "/spring/Uploads/once.csv", fileOf(1));
  const batch = await expectOnce("once.csv");
  const importers = hub.stack.processes().filter(({ name }) => name.startsWith("importer"));
  const frozen = await Promise.all(
    importers.map(async (each) => ((await stateOf(each.pid!)) === "T" ? each : undefined)),
  );
  const [stopped] = frozen.filter((each) => each !== undefined);
  expect(stopped).toBeDefined();
  stopped!.signal("SIGCONT");
  await waitFor(
    async () => hub.stack.recentLines(stopped!.name).some((line) => /no longer ours/.test(line)),
    "the frozen worker's own word",
  );
  expect(await importedRows()).toEqual({ n: ROWS, distinct_n: ROWS });
  const steps = await hub.database.query
    .selectFrom("steps")
    .select(["epoch", "state"])
    .where("batch_id", "=", batch.id)
    .where("kind", "=", "import")
    .execute();
  expect(steps).toEqual([{ epoch: 2, state: "done" }]);
});

test("FLUSHALL, again and again in the middle of 30 files, loses nothing and doubles nothing", async () => {
  const redis = new Redis(hub.stack.redisUrl);
  const names = Array.from({ length: 30 }, (_, n) => `flood_${n}.csv`);
  const flushing = setInterval(() => void redis.flushall(), 150);
  try {
    for (const [n, name] of names.entries()) await upload(client, `/spring/Uploads/${name}`, fileOf(1 + n * ROWS));
    await waitFor(
      async () => {
        const { rows } = await hub.database.pool.query(
          "SELECT count(*) FILTER (WHERE status = 'completed')::int AS n FROM batches WHERE project_id = $1",
          [client.projectId],
        );
        return rows[0].n >= 15;
      },
      "half of the files",
      120_000,
    );
  } finally {
    clearInterval(flushing);
    redis.disconnect();
  }
  const batches = await Promise.all(names.map((name) => endedBatch(hub, client, name, 120_000)));
  expect(batches.map(({ status }) => status)).toEqual(names.map(() => "completed"));
  expect(await importedRows()).toEqual({ n: 30 * ROWS, distinct_n: 30 * ROWS });
  const downloads = Object.keys(await filesIn(client.folder("/spring/Downloads")));
  expect(downloads).toHaveLength(60);
  await waitFor(async () => (await mailsAbout(hub, client.profile.title!)).length === 30, "30 e-mails");
}, 180_000);

/** A ZIP of files, stored as they are. */
function zipOf(files: Record<string, Buffer>): Buffer {
  const entries: Buffer[] = [];
  const list: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(bytes), 10);
    facts.writeUInt32LE(bytes.length, 14);
    facts.writeUInt32LE(bytes.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([Buffer.from("PK\x03\x04"), facts, Buffer.from(name), bytes]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    list.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), facts, place, Buffer.from(name)]));
    entries.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(list);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...entries, directory, end]);
}

/** The state letter of a process, as `ps` shows it. */
async function stateOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1]![0]!;
}
