import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import { type Mapping, type ProfileInput, profileSchema } from "@inlet/contracts";
import {
  applyProfile,
  type Database,
  liveProject,
  lockProjectIntake,
  openDatabase,
  putPgpKey,
  putSecret,
  transaction,
} from "@inlet/database";
import { generatePgpKey, readPgpKey, unwrap, type WrapAs, wrap } from "@inlet/envelope";
import { openPublisher, type Publisher, pgpKeyContext, receiveFiles, runStage } from "@inlet/pipeline";
import { createLogger, type Health, seal } from "@inlet/runtime";
import { openTestStack, waitFor } from "@inlet/stack";
import { BlobWriter, TextReader, ZipWriter } from "@zip.js/zip.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateBatch } from "./worker.ts";

/*
 * The check on files in OpenPGP messages and ZIPs: a real worker on real queues, with keys and passwords in PostgreSQL. No
 * other stage runs, so a good file stays where its check has left it.
 */

const keyEncryptionKey = randomBytes(32);
const logger = createLogger("test", "fatal");
const health = { addCheck() {} } as unknown as Health;
const PASSWORD = "a test's password: ü€";
const ROWS = "id,name\n1,Ada\n2,Bob\n";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let blobs: Blobs;
let database: Database;
let publisher: Publisher;
let worker: { close(): Promise<void> };
/** Key pairs: the hub's, the client's, and a stranger's. */
let ours: Keys;
let theirs: Keys;
let strange: Keys;
let number = 0;

type Keys = Awaited<ReturnType<typeof generatePgpKey>> & { fingerprint: string };

async function keysOf(name: string): Promise<Keys> {
  const keys = await generatePgpKey({ userId: { name, email: `${name}@example.com` }, expiresInDays: 30 });
  return { ...keys, fingerprint: (await readPgpKey(keys.publicKey)).fingerprint };
}

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  folder = await mkdtemp(join(tmpdir(), "inlet-wrapped-"));
  blobs = openBlobs(folder);
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
  publisher = openPublisher(stack.redisUrl, logger);
  [ours, theirs, strange] = await Promise.all([keysOf("hub"), keysOf("client"), keysOf("stranger")]);
  const stage = validateBatch({
    ...{ blobs, database, keyEncryptionKey, hooks: {} },
    references: () => async () => ({ missing: "no table" }),
  });
  const options = { database, redisUrl: stack.redisUrl, logger, health, concurrency: 4, leaseMs: 20_000 };
  worker = await runStage("validate", stage, options);
});
afterAll(async () => {
  await worker?.close();
  await publisher?.close();
  await database?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Setting extends Partial<ProfileInput> {
  /** Which keys the project has. */
  keys?: "both" | "ours" | "none";
  /** What is stored as the secret `zip_password`. */
  password?: string;
}

interface ReceiveOptions {
  declared?: number | null;
  mapping?: Mapping;
  table?: string;
  /** What the flag file says that came with it. */
  flag?: string;
  /** What an attempt before has left behind that vanished. */
  leftOver?: readonly string[];
}

const TABLES: ProfileInput["tables"] = [
  {
    name: "store",
    files: ["store*.csv"],
    columns: [{ name: "id", type: "integer", required: true }, { name: "name" }],
  },
  {
    name: "style",
    files: ["style*.csv"],
    columns: [{ name: "id", type: "integer", required: true }, { name: "name" }],
  },
];

/** A project of a client of its own. */
async function openProject({ keys = "both", password, ...overrides }: Setting = {}) {
  number += 1;
  const profile = profileSchema.parse({
    client: `acme${number}`,
    project: "spring",
    folders: { uploads: "/Uploads", downloads: "/Downloads" },
    tables: TABLES,
    ...overrides,
  });
  const { projectId } = await transaction(database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  const project = (await liveProject(database, projectId))!;
  const { clientId, client } = project;
  if (keys !== "none") await storeKey(project, "ours", ours);
  if (keys === "both") await storeKey(project, "theirs", theirs);
  if (password !== undefined) {
    const sealed = seal(keyEncryptionKey, Buffer.from(password), `secret:${clientId}`);
    await putSecret(database, { clientId, name: "zip_password", sealed });
  }

  async function receive(
    fileName: string,
    bytes: Uint8Array,
    { declared = null, mapping, table = "store", flag, leftOver }: ReceiveOptions = {},
  ) {
    const sha256 = createHash("sha256").update(bytes).digest();
    const reception = await transaction(database, async (tx) => {
      await lockProjectIntake(tx, projectId);
      return await receiveFiles(tx, project, [
        {
          ...{ arrivalId: null, accountId: null, source: "gateway", declared, refusal: null },
          ...{ fileName, sizeBytes: bytes.length, sha256, runKey: `file:${fileName}` },
          tableName: table === "none" ? null : table,
          mapping: mapping ?? null,
          async storeSource(batchId) {
            const { key: blobKey } = await blobs.put(`${client}/${batchId}/source`, bytes);
            return { kind: "source", blobKey, name: fileName, sizeBytes: bytes.length, sha256 };
          },
          ...(flag !== undefined && {
            async storeFlag(batchId: number) {
              const { key: blobKey, ...stored } = await blobs.put(`${client}/${batchId}/flag`, Buffer.from(flag));
              return { ...stored, kind: "flag", blobKey, name: `${fileName}.flg` } as const;
            },
          }),
        },
      ]);
    });
    const { batchId } = reception.batches[0]!;
    for (const name of leftOver ?? []) await blobs.put(`${client}/${batchId}/${name}`, Buffer.from("left"));
    const epoch = leftOver === undefined ? 1 : 2;
    await database.query.updateTable("steps").set({ epoch }).where("batch_id", "=", batchId).execute();
    await publisher.steps(reception.steps.map((step) => ({ ...step, epoch })));
    return batchId;
  }

  return {
    ...{ profile, projectId, clientId, client, receive },
    batches: () =>
      database.query.selectFrom("batches").selectAll().where("project_id", "=", projectId).orderBy("id").execute(),
    /** Sends a file and waits until its check is over. */
    async check(fileName: string, bytes: Uint8Array, options?: ReceiveOptions) {
      return await checked(await receive(fileName, bytes, options));
    },
    files: async (batchId: number) => (await readdir(join(folder, client, String(batchId)))).sort(),
  };
}

async function storeKey(
  { projectId, clientId }: { projectId: number; clientId: number },
  owner: "ours" | "theirs",
  keys: Keys,
) {
  const facts = await readPgpKey(keys.publicKey);
  const sealed =
    owner === "ours" ? seal(keyEncryptionKey, Buffer.from(keys.privateKey), pgpKeyContext(clientId)) : null;
  const { publicKey } = keys;
  await putPgpKey(database, { ...facts, projectId, owner, publicKey, sealed, addedBy: "test" });
}

/** A batch once its check has ended, with its files. */
async function checked(batchId: number) {
  const { state, result } = await waitFor(
    async () => {
      const step = await database.query
        .selectFrom("steps")
        .select(["state", "result"])
        .where("batch_id", "=", batchId)
        .where("kind", "=", "validate")
        .executeTakeFirst();
      return step?.state === "done" || step?.state === "failed" ? step : undefined;
    },
    { what: `the check of batch ${batchId}`, timeoutMs: 30_000, everyMs: 20 },
  );
  const batch = await database.query
    .selectFrom("batches")
    .selectAll()
    .where("id", "=", batchId)
    .executeTakeFirstOrThrow();
  const stored = await database.query.selectFrom("artifacts").selectAll().where("batch_id", "=", batchId).execute();
  const artifacts = Object.fromEntries(stored.map((artifact) => [artifact.kind, artifact]));
  return {
    ...{ batchId, state, result, batch, artifacts },
    content: (kind: string) => readFile(join(folder, artifacts[kind]!.blob_key)),
  };
}

async function wrapped(text: string | Buffer, as = pgp(), name = "rows.csv"): Promise<Buffer> {
  const bytes = Buffer.from(text as string);
  const source = async function* () {
    yield bytes;
  };
  return await collected(wrap(source(), { name, sizeBytes: bytes.length, modifiedAt: new Date(), as }));
}

async function collected(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const pgp = ({ to = ours, by = theirs as Keys | null, armor = false } = {}): WrapAs => ({
  ...{ as: "pgp", recipients: [to.publicKey], signWith: by?.privateKey, armor },
});

async function zipOf(entries: Record<string, string>, password?: string): Promise<Buffer> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, ...(password && { password }) });
  for (const [name, text] of Object.entries(entries)) await writer.add(name, new TextReader(text));
  return Buffer.from(await (await writer.close()).arrayBuffer());
}

const zip = { password: "zip_password", encryption: "require" } as const;

describe("an OpenPGP message", () => {
  it.each([
    ["binary", false],
    ["armoured", true],
  ])("that is %s is opened, its signer known", async (_, armor) => {
    const project = await openProject({ incoming: { pgp: "require", signature: "require" } });
    const { batch, artifacts, result, content, batchId } = await project.check(
      "store.pgp",
      await wrapped(ROWS, pgp({ armor })),
    );
    expect(batch).toMatchObject({ status: "running", valid: 2, table_name: "store" });
    expect(result).toMatchObject({
      wrapping: { pgp: true, signedBy: theirs.fingerprint, zip: false, zipEncrypted: false },
    });
    expect((await content("plain")).toString()).toBe(ROWS);
    expect(artifacts.plain!.name).toBe("rows.csv");
    expect(await project.files(batchId)).toEqual(["canonical", "index", "plain", "source"]);
  });

  it("may hold a ZIP, of which nothing else stays", async () => {
    const project = await openProject({ incoming: { pgp: "require", zip }, password: PASSWORD });
    const inner = await zipOf({ "in/rows.csv": ROWS }, PASSWORD);
    const { batch, result, content, batchId } = await project.check("store.zip.gpg", await wrapped(inner));
    expect(batch).toMatchObject({ status: "running", valid: 2 });
    expect(result).toMatchObject({ wrapping: { pgp: true, zip: true, zipEncrypted: true } });
    expect((await content("plain")).toString()).toBe(ROWS);
    expect(await project.files(batchId)).toEqual(["canonical", "index", "plain", "source"]);
  });

  it.each([
    ["not signed", "pgp_unsigned", () => wrapped(ROWS, pgp({ by: null }))],
    ["signed by a stranger", "pgp_signer_unknown", () => wrapped(ROWS, pgp({ by: strange }))],
    ["for another key", "pgp_other_key", () => wrapped(ROWS, pgp({ to: strange }))],
    ["tampered with", /^pgp_(tampered|damaged)$/, async () => tampered(await wrapped(ROWS))],
    ["cut off", /^pgp_/, async () => (await wrapped(ROWS)).subarray(0, -30)],
    ["in another one", "pgp_layers", async () => wrapped(await wrapped(ROWS))],
    ["that holds a PDF", "container_unsupported", () => wrapped("%PDF-1.7")],
    ["that holds a ZIP with a ZIP in it", "zip_nested", async () => wrapped(await zipOf({ "a.csv": "PK\x03\x04" }))],
  ])("%s is refused, and nothing of it stays", async (_, code, make) => {
    const project = await openProject({ incoming: { pgp: "require", signature: "require" } });
    const { batch, artifacts, batchId } = await project.check("store.pgp", await make());
    expect(batch).toMatchObject({ status: "rejected", reason_code: expect.stringMatching(code) });
    expect(Object.keys(artifacts)).toEqual(["source"]);
    const left = (await project.files(batchId)).filter((name) => name !== "source");
    // What was proved sound may stay where a good file would; it is no file of the batch.
    expect(left).toEqual([]);
  });

  it("is asked for, with our key's fingerprint, where a file must be encrypted", async () => {
    const project = await openProject({ incoming: { pgp: "require" } });
    const { batch } = await project.check("store.csv", Buffer.from(ROWS));
    expect(batch).toMatchObject({ status: "rejected", reason_code: "pgp_missing" });
    expect(batch.reason_message).toContain(`to key ${ours.fingerprint}`);
  });

  it("waits for the platform team while the project has no key", async () => {
    const none = await openProject({ keys: "none" });
    expect((await none.check("store.pgp", await wrapped(ROWS))).batch).toMatchObject({
      ...{ status: "failed", reason_code: "pgp_key_missing" },
    });
    const half = await openProject({ keys: "ours", incoming: { pgp: "require", signature: "require" } });
    expect((await half.check("store.pgp", await wrapped(ROWS))).batch).toMatchObject({
      ...{ status: "failed", reason_code: "pgp_client_key_missing" },
    });
  });
});

function tampered(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  const at = changed.length - 60;
  changed[at] = changed[at]! ^ 1;
  return changed;
}

describe("a ZIP with a password", () => {
  it("opens with the client's secret, whose last line break is none of it", async () => {
    const project = await openProject({ incoming: { zip }, password: `${PASSWORD}\n` });
    const { batch, result, content } = await project.check("store.zip", await zipOf({ "rows.csv": ROWS }, PASSWORD));
    expect(batch).toMatchObject({ status: "running", valid: 2 });
    expect(result).toMatchObject({ wrapping: { pgp: false, signedBy: null, zip: true, zipEncrypted: true } });
    expect((await content("plain")).toString()).toBe(ROWS);
  });

  it.each([
    ["with another password", "zip_password_wrong", () => zipOf({ "rows.csv": ROWS }, "another")],
    ["without one, where it must have one", "zip_encryption_missing", () => zipOf({ "rows.csv": ROWS })],
    ["no ZIP at all, where it must be one", "zip_encryption_missing", async () => Buffer.from(ROWS)],
    ["an OpenPGP message with the file itself", "zip_encryption_missing", () => wrapped(ROWS)],
  ])("%s is refused", async (_, code, make) => {
    const project = await openProject({ incoming: { zip }, password: PASSWORD });
    const { batch, artifacts } = await project.check("store.zip", await make());
    expect(batch).toMatchObject({ status: "rejected", reason_code: code });
    expect(Object.keys(artifacts)).toEqual(["source"]);
  });

  it("waits for the platform team while the secret is missing; a ZIP without a password does not", async () => {
    const project = await openProject({ incoming: { zip: { password: "zip_password" } } });
    expect((await project.check("store.zip", await zipOf({ "rows.csv": ROWS }, PASSWORD))).batch).toMatchObject({
      ...{ status: "failed", reason_code: "secret_missing" },
    });
    expect((await project.check("store_1.zip", await zipOf({ "rows.csv": ROWS }))).batch.status).toBe("running");
  });
});

describe("a container under a name that belongs to no table", () => {
  it.each([
    ["ZIP", "spring-2026.zip", () => zipOf({ "in/style_1.csv": ROWS })],
    ["message", "spring-2026.pgp", () => wrapped(ROWS, pgp(), "style_1.csv")],
  ])("is of the table that the name of the one file in the %s tells", async (_, fileName, make) => {
    const project = await openProject({ delivery: { to: "downloads", errors: true } });
    const { batch } = await project.check(fileName, await make(), { table: "none" });
    expect(batch).toMatchObject({ status: "running", table_name: "style", valid: 2 });
  });

  it("has an error file that is called after the file in it, so that it can come back", async () => {
    const project = await openProject();
    const { batch, artifacts } = await project.check(
      "spring-2026.zip",
      await zipOf({ "style_1.csv": "id,name\nx,y\n" }),
      {
        table: "none",
      },
    );
    expect(batch).toMatchObject({ status: "rejected", table_name: "style", reason_code: "rows_invalid" });
    expect(artifacts.errors!.name).toBe("style_1.errors.csv");
  });

  it.each([
    ["a ZIP with a file of no table", "spring.zip", () => zipOf({ "stiel.csv": ROWS }), /In spring\.zip: .*stiel\.csv/],
    ["a plain file", "spring.pgp", async () => Buffer.from(ROWS), /^No table .* takes a file named spring\.pgp/],
  ])("%s is refused, with the names that would do", async (_, fileName, make, reason) => {
    const project = await openProject();
    const { batch } = await project.check(fileName, await make(), { table: "none" });
    expect(batch).toMatchObject({ status: "rejected", table_name: null, reason_code: "unknown_file_name" });
    expect(batch.reason_message).toMatch(reason);
    expect(batch.reason_message).toContain("store*.csv");
  });
});

describe("a ZIP of several files", () => {
  const files = { "in/store.csv": ROWS, "in/style.csv": "id,name\n3,Cy\n", "__MACOSX/in/._store.csv": "x" };

  it("becomes a batch for each, in its own run, imported in its place", async () => {
    const project = await openProject();
    const outer = await project.receive("spring.zip", await zipOf({ ...files, "read me.txt": "hello" }), {
      table: "none",
    });
    const after = await project.receive("store_later.csv", Buffer.from("id,name\n9,Zoe\n"));
    await checked(after);
    const { batch, result } = await checked(outer);
    const all = await project.batches();
    const parts = all.filter(({ part_of }) => part_of === outer);
    expect(batch).toMatchObject({ status: "unpacked", reason_code: "unpacked", table_name: null });
    expect(batch.reason_message).toBe(
      `The ZIP held 3 data files; each is a batch of its own: ${parts.map(({ id }) => id).join(", ")}.`,
    );
    expect(result).toMatchObject({ wrapping: { zip: true } });
    expect(parts.map(({ file_name, table_name }) => [file_name, table_name])).toEqual([
      ["store.csv", "store"],
      ["style.csv", "style"],
      ["read me.txt", null],
    ]);
    expect(new Set(all.filter(({ id }) => id !== after).map(({ run_id }) => run_id)).size).toBe(1);
    expect(parts[2]).toMatchObject({ status: "rejected", reason_code: "unknown_file_name" });
    const [store, style] = [await checked(parts[0]!.id), await checked(parts[1]!.id)];
    expect([store.batch.valid, style.batch.valid]).toEqual([2, 1]);
    expect((await store.content("plain")).toString()).toBe(ROWS);

    // It came before what arrived while it was unpacked, although its number is higher.
    const imports = () =>
      database.query.selectFrom("steps").select(["batch_id", "state"]).where("kind", "=", "import").execute();
    const stateOf = async (id: number) => (await imports()).find(({ batch_id }) => batch_id === id)?.state;
    await waitFor(async () => (await stateOf(store.batchId)) === "ready", {
      ...{ what: "the import of the part", timeoutMs: 30_000, everyMs: 20 },
    });
    expect(await stateOf(after)).toBe("waiting");
  });

  it("has its flag file with each of them, for the totals that their tables want", async () => {
    const controls = (name: string) => [
      { total: "records" as const, from: { place: "flag" as const, pattern: `${name}: ([0-9]+)` } },
    ];
    const project = await openProject({
      tables: TABLES.map((table) => ({ ...table, controls: controls(table.name) })),
    });
    const outer = await project.check("spring.zip", await zipOf(files), {
      ...{ table: "none", flag: "store: 2\nstyle: 7\n" },
    });
    expect(outer.batch.status).toBe("unpacked");
    const [, store, style] = await project.batches();
    expect((await checked(store!.id)).batch).toMatchObject({ status: "running", valid: 2 });
    expect((await checked(style!.id)).batch).toMatchObject({ status: "rejected", reason_code: "control_differs" });
  });

  it("needs no encryption of its parts where the ZIP had it", async () => {
    const project = await openProject({ incoming: { pgp: "require", zip }, password: PASSWORD });
    const sent = await wrapped(await zipOf({ "store.csv": ROWS, "style.csv": ROWS }, PASSWORD));
    const { batch, batchId } = await project.check("spring.zip.pgp", sent, { table: "none" });
    expect(batch.status).toBe("unpacked");
    expect(await project.files(batchId)).toEqual(["part-1", "part-2", "source"]);
    for (const { id } of (await project.batches()).slice(1)) expect((await checked(id)).batch.status).toBe("running");
  });

  it("may have files that are called like those of another ZIP; by content they may be duplicates", async () => {
    const project = await openProject({ duplicates: { content: "reject" } });
    await project.check("monday.zip", await zipOf(files), { table: "none" });
    const again = { "store.csv": ROWS, "style.csv": "id,name\n4,Dee\n" };
    await project.check("tuesday.zip", await zipOf(again), { table: "none" });
    const [, , , , store, style] = await project.batches();
    expect(store).toMatchObject({ file_name: "store.csv", status: "duplicate", reason_code: "duplicate_content" });
    expect(style!.status).not.toBe("duplicate");
    const plain = await project.receive("style.csv", Buffer.from("id,name\n5,Eve\n"));
    expect((await checked(plain)).batch.status).toBe("running");
  });

  it.each([
    ["two of one name", () => zipOf({ "a/store.csv": ROWS, "b/STORE.csv": ROWS }), {}, "zip_duplicate_name"],
    ["a container among them", () => zipOf({ "store.csv": ROWS, "style.csv": "PK\x03\x04" }), {}, "zip_nested"],
    ["a declared number of records", () => zipOf(files), { declared: 3 }, "declared_count_ambiguous"],
    ["columns chosen by hand", () => zipOf(files), { mapping: { columns: [] } }, "mapping_differs"],
  ])("is refused whole with %s", async (_, make, options, code) => {
    const project = await openProject();
    const { batch } = await project.check("spring.zip", await make(), { table: "none", ...options });
    expect(batch).toMatchObject({ status: "rejected", reason_code: code });
    expect(await project.batches()).toHaveLength(1);
    expect(await project.files(batch.id)).toEqual(["source"]);
  });
});

describe("what an attempt leaves behind that vanished", () => {
  it("goes with the next one: what it decrypted, and what it wrapped", async () => {
    const wrap = { as: "pgp" } as const;
    const project = await openProject({ delivery: { to: "downloads", errors: true, wrap } });
    const sent = await wrapped(await zipOf({ "store.csv": "id,name\n1,Ada\nx,y\n" }));
    const { batchId } = await project.check("store.zip.pgp", sent, {
      leftOver: ["decrypted-1", "wrapped-errors-1"],
    });
    expect((await project.files(batchId)).filter((name) => /[0-9]$/.test(name))).toEqual(["wrapped-errors-2"]);
  });
});

describe("the error file", () => {
  it("is wrapped as well where it goes to the client, each attempt's under a name of its own", async () => {
    const wrap = { as: "zip", password: "zip_password" } as const;
    const project = await openProject({ delivery: { to: "downloads", errors: true, wrap }, password: PASSWORD });
    const { batch, artifacts, batchId, content } = await project.check("store.csv", Buffer.from("id,name\nx,y\n"));
    expect(batch.status).toBe("rejected");
    expect(artifacts.wrapped_errors).toMatchObject({
      ...{ name: "store.errors.zip", blob_key: `${project.client}/${batchId}/wrapped-errors-1` },
    });
    const reader = await blobs.open(artifacts.wrapped_errors!.blob_key);
    const opened = await unwrap(reader, { limits: { totalBytes: 1e6 }, zipPassword: PASSWORD });
    if (opened.kind !== "zip") throw new Error("no ZIP");
    expect(opened).toMatchObject({ isEncrypted: true, files: [{ name: "store.errors.csv" }] });
    expect(await collected(opened.files[0]!.open())).toEqual(await content("errors"));
    await reader.close();
  });

  it("is not wrapped where nobody gets it", async () => {
    const project = await openProject({ delivery: { to: "downloads", wrap: { as: "pgp" } } });
    const { artifacts } = await project.check("store.csv", Buffer.from("id,name\nx,y\n"));
    expect(Object.keys(artifacts).sort()).toEqual(["errors", "plain", "source"]);
  });

  it("keeps the batch from going on while there is no key to encrypt to", async () => {
    const project = await openProject({
      keys: "ours",
      delivery: { to: "downloads", errors: true, wrap: { as: "pgp" } },
    });
    const { batch } = await project.check("store.csv", Buffer.from("id,name\nx,y\n"));
    expect(batch).toMatchObject({ status: "failed", reason_code: "pgp_client_key_missing" });
  });
});
