import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { crc32 } from "node:zlib";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import type { BatchDetail, ForgetBody, Forgetting, ProfileInput } from "@inlet/contracts";
import { recordLinkEvents } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Hub, openClient, openHub, waitFor } from "../fixtures/hub.ts";
import { killAt } from "../fixtures/killed-at.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { type GnuPg, openGnuPg } from "../interop/gnupg.ts";

/** The end of what is kept: recipients who are forgotten, and files that are kept no longer. */

let hub: Hub;
let api: ApiClient;
let gpg: GnuPg;

/** Who is forgotten. In Windows-1252 and in UTF-8 the name has different bytes. */
const NAME = "Zoë Sørensen";
const OTHER_NAME = "Yrsa Ågård";
const SECRETS = [NAME, "zoe@example.test", "Løkke Allé 7"];

const PROFILE: Partial<ProfileInput> = {
  notify: { recipients: ["ops@example.com"] },
  tables: [
    buildTable({
      mode: "upsert",
      key: ["id"],
      columns: [
        { name: "id", type: "integer", required: true },
        { name: "name" },
        { name: "email", type: "email" },
        { name: "address" },
      ],
      invalid: { policy: "skip", maxPercent: 80 },
    }),
  ],
};

beforeAll(async () => {
  hub = await openHub({
    services: ["watcher", "validator", "purl-generator", "importer", "courier", "api", "landing"],
    env: { FORGET_MS: "50", RETENTION_MS: "50", LINKS_MAX_AGE_MS: "400" },
  });
  const key = await waitFor(
    () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
    "the first admin key",
  );
  api = openApi({ url: hub.stack.apiUrl, key: key.trim() });
  gpg = await openGnuPg();
});
afterAll(async () => {
  await gpg?.close();
  await hub?.stop();
});

async function connect(client: string, overrides: Partial<ProfileInput> = {}) {
  const profile = buildProfile({ ...PROFILE, client, ...overrides });
  await openClient(hub, profile);
  return profile;
}

/** Uploads a file, and waits for the end of its batch and of what is delivered after it. */
async function send(client: string, name: string, bytes: Uint8Array): Promise<BatchDetail> {
  const body = new Blob([new Uint8Array(bytes)]);
  const { arrivalId } = await api.upload({
    client,
    project: "spring",
    name,
    sizeBytes: body.size,
    body: body.stream(),
  });
  return await waitFor(async () => {
    const { batchId } = await api.arrival(arrivalId);
    const found = batchId === null ? undefined : await api.batch(batchId);
    const isOver = found?.endedAt && found.steps.every(({ state }) => state === "done" || state === "failed");
    return isOver ? found : undefined;
  }, `the end of ${name}`);
}

const latin1 = (text: string) => Buffer.from(text, "latin1");

async function fileOf(batchId: number, kind: Parameters<ApiClient["artifact"]>[1]): Promise<Buffer> {
  const { body } = await api.artifact(batchId, kind);
  return Buffer.from(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

/** The pages of a batch's recipients, in the order of its result file. */
const pagesOf = async (batchId: number) =>
  (await fileOf(batchId, "result")).toString("latin1").match(new RegExp(`${hub.stack.landingUrl}/p/[\\w-]+`, "g")) ??
  [];

const statusOf = async (url: string) => (await fetch(url)).status;

/** Every file of the hub's own in which a text stands, in any encoding that it came in. */
async function filesWith(text: string): Promise<string[]> {
  const { dataFolder } = hub.stack;
  const needles = [Buffer.from(text, "utf8"), latin1(text)];
  const found: string[] = [];
  for (const entry of await readdir(dataFolder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // What was put into a client's own folder is the client's.
    if (!entry.isFile() || path.includes("/Downloads/")) continue;
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (needles.some((needle) => bytes.includes(needle))) found.push(relative(dataFolder, path));
  }
  return found;
}

/** Every table of PostgreSQL with a row in which a text stands. */
async function tablesWith(text: string): Promise<string[]> {
  const { pool } = hub.database;
  const { rows } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND (n.nspname = 'inlet' OR n.nspname LIKE 'client%') ORDER BY 1`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const { rows: hits } = await pool.query(
      `SELECT FROM ${name} t WHERE strpos(t::text, $1) > 0 OR strpos(t::text, $2) > 0 LIMIT 1`,
      [text, Buffer.from(text, "utf8").toString("hex")],
    );
    if (hits.length > 0) found.push(name);
  }
  return found;
}

async function forget(client: string, body: ForgetBody): Promise<Forgetting> {
  return await over(client, await api.forget(client, "spring", body));
}

const over = (client: string, { id }: Forgetting) =>
  waitFor(async () => {
    const now = await api.forgetting(client, "spring", id);
    return !["searching", "removing"].includes(now.state) && now;
  }, `the end of order ${id}`);

const rowsOf = async (client: string) =>
  (await hub.database.pool.query(`SELECT id FROM client_${client}.spring__rows ORDER BY id`)).rows.map(({ id }) => id);

test("whoever is forgotten stands in no file and no table any more, and everybody else's bytes and links are as they were", async () => {
  await connect("plain", { delivery: { to: "downloads", errors: true } });
  const spring = latin1(
    [
      "id;name;email;address",
      "1;Ada;ada@example.test;Oxford",
      `2;"${NAME}";zoe@example.test;"Løkke Allé 7\r\nno ""2"""`,
      "3;Bob;bob@example.test;Aarhus",
      `x;${NAME};no address;Løkke Allé 7`,
      "y;Eve;eve@example.test;Køge",
      "",
    ].join("\r\n"),
  );
  const autumn = Buffer.from(`id,name,email,address\n7,Ida,ida@example.test,Ærø\n2,${NAME},,Løkke Allé 7\n`);
  const first = await send("plain", "spring.csv", spring);
  const second = await send("plain", "autumn.csv", autumn);
  expect(first).toMatchObject({ status: "partial", counts: { valid: 3, rejected: 2, links: 3 } });
  expect(second).toMatchObject({ status: "completed", counts: { links: 2 } });
  const kinds = ["plain", "canonical", "index", "rejected", "result", "errors"] as const;
  const before = await Promise.all(kinds.map((kind) => fileOf(first.id, kind)));
  const pages = [...(await pagesOf(first.id)), ...(await pagesOf(second.id))];
  expect(await rowsOf("plain")).toEqual([1, 2, 3, 7]);
  expect(await Promise.all(pages.map(statusOf))).toEqual([200, 200, 200, 200, 200]);

  const preview = await forget("plain", { column: "name", value: NAME, preview: true });
  expect(preview).toMatchObject({ state: "found", batches: 2, records: 3, tableRows: 0, unsearched: [] });
  expect(await fileOf(first.id, "plain")).toEqual(spring);
  const killing = await killAt(hub, "forget.result");
  await api.confirmForgetting("plain", "spring", preview.id);
  await killing.over();
  expect(await over("plain", preview)).toMatchObject({ state: "done", batchesDone: 2, tableRows: 1, error: null });

  for (const secret of SECRETS) {
    expect(await filesWith(secret), secret).toEqual([]);
    expect(await tablesWith(secret), secret).toEqual([]);
  }
  expect(await rowsOf("plain")).toEqual([1, 3, 7]);
  const after = await Promise.all(kinds.map((kind) => fileOf(first.id, kind)));
  expect(after.map(({ length }) => length)).toEqual(before.map(({ length }) => length));
  expect(after[kinds.indexOf("plain")]!.toString("latin1").split("\r\n")).toEqual([
    ...spring.toString("latin1").split("\r\n").slice(0, 2),
    `x;"${"x".repeat(12)}";${"x".repeat(16)};"${"x".repeat(12)}`,
    `${"x".repeat(8)}"`,
    "3;Bob;bob@example.test;Aarhus",
    `x;${"x".repeat(12)};${"x".repeat(10)};${"x".repeat(12)}`,
    "y;Eve;eve@example.test;Køge",
    "",
  ]);
  const lines = (file: Buffer | undefined) => file!.toString("latin1").split(/(?<=\n)/);
  for (const kind of ["canonical", "result", "errors"] as const) {
    const [was, is] = [lines(before[kinds.indexOf(kind)]), lines(after[kinds.indexOf(kind)])];
    // The other lines, whoever stands in them.
    const others = was.filter((line) => !/Zo|no ""2/.test(line));
    expect(
      is.filter((line) => others.includes(line)),
      kind,
    ).toEqual(others);
    expect(is.length, kind).toBe(was.length);
  }
  // What the rows say of the files is true.
  const shown = await api.batch(first.id);
  expect(shown.artifacts.map(({ kind }) => kind).sort()).toEqual([...kinds].sort());
  for (const { kind, sha256, sizeBytes } of shown.artifacts) {
    const bytes = await fileOf(first.id, kind);
    const digest = Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toString("hex");
    expect([kind, digest, bytes.length]).toEqual([kind, sha256, sizeBytes]);
  }
  await waitFor(
    async () => (await statusOf(pages[1]!)) === 404 && (await statusOf(pages[4]!)) === 404,
    "closed links",
    5_000,
  );
  expect(await Promise.all([0, 2, 3].map((place) => statusOf(pages[place]!)))).toEqual([200, 200, 200]);

  await expect(api.rerun(first.id, { reason: "x", force: true })).rejects.toMatchObject({
    code: "recipient_forgotten",
  });
  const mended = await send("plain", "PURL_ERRORS_spring.csv", after[kinds.indexOf("errors")]!);
  expect(mended).toMatchObject({ status: "rejected", reason: { code: "correction_of_forgotten" } });
});

test("of an encrypted file what was sent and what went back is gone, and a record is forgotten wherever the file was received again", async () => {
  const wrapped = { pgp: "require" } as const;
  await connect("wrapped", { incoming: wrapped, delivery: { to: "downloads", errors: true, wrap: { as: "pgp" } } });
  const { fingerprint } = await api.generatePgpKey("wrapped", "spring");
  const { publicKey } = await api.publicPgpKey("wrapped", "spring", fingerprint);
  await gpg.importKey(publicKey);
  const theirs = await gpg.makeKey({ name: "client", algorithm: "ed25519" });
  await api.importPgpKey("wrapped", "spring", { owner: "theirs", key: theirs.publicKey });
  const text = `id|name|email|address\n1|Ada||\n2|${NAME}|zoe@example.test|Løkke Allé 7\nx|Bob||\n`;
  const { output } = await gpg.run(["--set-filename", "rows.txt", "--encrypt", "--recipient", fingerprint], text);
  const first = await send("wrapped", "rows.txt.pgp", output);
  expect(first).toMatchObject({ status: "partial" });
  const made = [
    "source",
    "plain",
    "canonical",
    "index",
    "rejected",
    "result",
    "errors",
    "wrapped_result",
    "wrapped_errors",
  ];
  expect(first.artifacts.map(({ kind }) => kind).sort()).toEqual(made.sort());
  const again = await api.rerun(first.id, { reason: "Try again" });
  await waitFor(async () => {
    const { endedAt, steps } = await api.batch(again.id);
    return endedAt !== null && steps.every(({ state }) => state === "done");
  }, "the end of the re-run");
  const pages = await pagesOf(again.id);
  const order = await forget("wrapped", { batch: first.id, record: 2 });
  expect(order).toMatchObject({ state: "done", batches: 2, batchesDone: 2, records: 2, tableRows: 1 });
  for (const secret of SECRETS) {
    expect(await filesWith(secret), secret).toEqual([]);
    expect(await tablesWith(secret), secret).toEqual([]);
  }
  for (const { id } of [first, again]) {
    const { artifacts, forgottenAt } = await api.batch(id);
    expect(artifacts.map(({ kind }) => kind).sort()).toEqual([
      "canonical",
      "errors",
      "index",
      "plain",
      "rejected",
      "result",
    ]);
    expect(forgottenAt).not.toBeNull();
    expect(await readdir(join(hub.stack.dataFolder, "blobs/wrapped", String(id)))).toHaveLength(6);
  }
  await waitFor(async () => (await statusOf(pages[1]!)) === 404, "a closed link", 5_000);
  expect(await statusOf(pages[0]!)).toBe(200);
  expect(await rowsOf("wrapped")).toEqual([1]);
  // What is left of the record is no key.
  const twice = await forget("wrapped", { batch: first.id, record: 2 });
  expect(twice).toMatchObject({ state: "done", batches: 2, batchesDone: 2, tableRows: 0, error: null });
  // What a landing page has told late.
  const told = (record: number) =>
    ({
      batchId: again.id,
      record,
      key: "late",
      kind: "page",
      visitor: "person",
      detail: null,
      at: new Date(),
    }) as const;
  await recordLinkEvents(hub.database, [told(1), told(2)]);
  const { rows: tallies } = await hub.database.pool.query(
    "SELECT record FROM link_tallies WHERE batch_id = $1 AND last_at >= $2 ORDER BY 1",
    [again.id, twice.createdAt],
  );
  expect(tallies).toEqual([{ record: 1 }]);
});

/** A ZIP of some files, stored as they are (APPNOTE 4.3: local headers, central directory, its end). */
function zipOf(files: readonly (readonly [name: string, text: string])[]): Buffer {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let at = 0;
  for (const [fileName, text] of files) {
    const [name, data] = [Buffer.from(fileName), Buffer.from(text)];
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt32LE(crc32(data), 10);
    facts.writeUInt32LE(data.length, 14);
    facts.writeUInt32LE(data.length, 18);
    facts.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(at, 10);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, name, data]);
    at += local.length;
    locals.push(local);
    centrals.push(Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), facts, place, name]));
  }
  const central = Buffer.concat(centrals);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...locals, central, Buffer.from("PK\x05\x06"), end]);
}

const THIRD_NAME = "Åse Bråten";

test("items of a catalog go with their history, and the ZIP that several files came in goes whole", async () => {
  const [rows, stores] = [PROFILE.tables![0]!, PROFILE.tables![0]!];
  await connect("packed", {
    tables: [
      { ...rows, files: ["rows*.csv"] },
      { ...stores, name: "stores", files: ["stores*.csv"], mode: "replace", key: [] },
    ],
    catalogs: [{ table: "rows" }],
  });
  const header = "id,name,email,address\n";
  const before = await send("packed", "rows.csv", Buffer.from(`${header}1,${THIRD_NAME},,Oslo\n2,Bob,,\n`));
  const whole = await send(
    "packed",
    "several.zip",
    zipOf([
      ["rows-2.csv", `${header}1,${THIRD_NAME},,Bergen\n3,Eve,,\n`],
      ["stores.csv", `${header}7,Ada,,\n8,${THIRD_NAME},,\n`],
    ]),
  );
  expect(whole).toMatchObject({ status: "unpacked" });
  const { parts } = whole;
  await waitFor(
    async () => (await Promise.all(parts.map((id) => api.batch(id)))).every(({ status }) => status === "completed"),
    "the end of the parts",
  );
  expect((await tablesWith(THIRD_NAME)).sort()).toEqual([
    "client_packed.spring__rows__c",
    `client_packed.spring__stores__g${Math.max(...parts)}`,
    "inlet.catalog_changes",
  ]);
  const order = await forget("packed", { column: "name", value: THIRD_NAME });
  expect(order).toMatchObject({ state: "done", batches: 4, records: 3, tableRows: 2, unsearched: [], error: null });
  expect(await filesWith(THIRD_NAME)).toEqual([]);
  expect(await tablesWith(THIRD_NAME)).toEqual([]);
  expect(await tablesWith("Bergen")).toEqual([]);
  expect(await rowsOf("packed")).toEqual([2, 3]);
  const { rows: changes } = await hub.database.pool.query(
    "SELECT operation, origin, cause, values FROM catalog_changes WHERE key = '1'",
  );
  expect(changes).toEqual([
    { operation: "remove", origin: "api", cause: `forgetting ${order.id}`, values: { id: "1" } },
  ]);
  await expect(api.rerun(whole.id, {})).rejects.toMatchObject({ status: 409 });
  expect((await api.batch(before.id)).forgottenAt).not.toBeNull();
});

test("files that are kept no longer are deleted with their links, and what was counted stays", async () => {
  const profile = await connect("short", { links: { expiresAfterDays: 1 }, retention: { batchDays: 2 } });
  const batch = await send("short", "spring.csv", Buffer.from(`id,name,email,address\n1,Ada,,\nx,${OTHER_NAME},,\n`));
  const young = await send("short", "autumn.csv", Buffer.from("id,name,email,address\n2,Bob,,\n"));
  const rejected = await send("short", "winter.csv", Buffer.from(`id,name,email,address\nx,${OTHER_NAME},,\n`));
  expect(rejected.reason!.message).toMatch(/^None of the 1 records is valid\..* The first: line 2/);
  const [page] = await pagesOf(batch.id);
  expect(batch.filesKeptUntil).toBe(new Date(Date.parse(batch.endedAt!) + 2 * 86_400_000).toISOString());
  const killing = await killAt(hub, "retention.deleted");
  await hub.database.pool.query("UPDATE batches SET ended_at = ended_at - interval '3 days' WHERE id = ANY($1)", [
    [batch.id, rejected.id],
  ]);
  await killing.over();
  const folders = join(hub.stack.dataFolder, "blobs", profile.client);
  await waitFor(async () => (await readdir(folders)).join() === String(young.id), "the folder's end");
  expect(await filesWith(OTHER_NAME)).toEqual([]);
  expect(await tablesWith(OTHER_NAME)).toEqual([]);
  expect((await api.batch(rejected.id)).reason!.message).toMatch(/^None of the 1 records is valid\.[^:]*$/);
  expect(await tablesWith("The first: ")).toEqual([]);
  const shown = await api.batch(batch.id);
  expect(shown).toMatchObject({
    status: "partial",
    counts: batch.counts,
    artifacts: [],
    issueTotals: batch.issueTotals,
  });
  expect(shown.timeline.map(({ event }) => event)).toContain("files_deleted");
  // As a landing page could that had not heard of it yet.
  await hub.database.pool.query(
    "INSERT INTO renderings (batch_id, record_number, film_sha256, film) VALUES ($1, 1, sha256('a film'), '{}')",
    [batch.id],
  );
  await waitFor(async () => {
    const { rows } = await hub.database.pool.query("SELECT FROM renderings WHERE batch_id = $1", [batch.id]);
    return rows.length === 0;
  }, "the end of a late video");
  await expect(api.artifact(batch.id, "result")).rejects.toMatchObject({ code: "files_deleted" });
  await waitFor(async () => (await statusOf(page!)) === 404, "a closed link", 5_000);
});
