import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import { type ProfileInput, profileSchema, type StoryboardInput, storyboardSchema } from "@inlet/contracts";
import {
  applyProfile,
  claimSteps,
  type Database,
  ensureClient,
  insertBatches,
  insertLinkKey,
  insertStoryboard,
  linkKey,
  openDatabase,
  openRuns,
  putArtifacts,
  putPgpKey,
  putSecret,
  transaction,
} from "@inlet/database";
import { check, memorySource } from "@inlet/delimited";
import { generatePgpKey, readPgpKey, unwrap } from "@inlet/envelope";
import { pgpKeyContext } from "@inlet/pipeline";
import { issueToken, parseToken, verifyToken } from "@inlet/purl";
import { createLogger, seal, unseal } from "@inlet/runtime";
import { openTestStack } from "@inlet/stack";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { personaliseBatch } from "./worker.ts";

const LANDING_URL = "https://go.example.org";
const keyEncryptionKey = randomBytes(32);
const logger = createLogger("test", "fatal");

let stack: Awaited<ReturnType<typeof openTestStack>>;
let folder: string;
let blobs: Blobs;
let database: Database;
let client: string;
let clientNumber = 0;

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  folder = await mkdtemp(join(tmpdir(), "inlet-personalise-"));
  blobs = openBlobs(folder);
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(() => {
  client = `acme${++clientNumber}`;
});

interface BatchInput {
  bytes: Buffer | string;
  fileName?: string;
  plainName?: string;
  links?: ProfileInput["links"];
  delivery?: ProfileInput["delivery"];
  incoming?: ProfileInput["incoming"];
  /** Where it came from; else by the gateway. */
  source?: string;
  /** The storyboard that the check went by. */
  storyboard?: Partial<StoryboardInput>;
  /** What the batch's row says, where it shall differ from the file. */
  valid?: number;
}

/** A batch as the check leaves it, its step `personalise` ready. */
async function checkedBatch({
  bytes,
  fileName = "rows.csv",
  plainName = fileName,
  links = {},
  source = "gateway",
  valid,
  storyboard,
  ...overrides
}: BatchInput) {
  const profile = profileSchema.parse({
    client,
    project: "spring",
    folders: { uploads: "/Uploads", downloads: "/Downloads" },
    links,
    ...overrides,
    tables: [
      {
        name: "rows",
        files: ["*"],
        columns: [{ name: "id", type: "integer", required: true }, { name: "name" }],
        invalid: { policy: "skip", maxPercent: 90 },
      },
    ],
  });
  const plain = Buffer.from(bytes);
  const clientId = await ensureClient(database, client);
  const { projectId, version } = await transaction(database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  const key = `${fileName} ${Math.random()}`;
  const runId = (await openRuns(database, { projectId, keys: [key] })).get(key)!.id;
  const sha256 = createHash("sha256").update(plain).digest();
  const [batchId] = (await insertBatches(database, [
    {
      ...{ clientId, projectId, profileVersion: version, tableName: "rows", runId, arrivalId: null, accountId: null },
      ...{ source, fileName, sizeBytes: plain.length, sha256, declared: null },
    },
  ])) as [number];
  const document = storyboardSchema.parse({
    title: "A film",
    scenes: [{ name: "one", durationMs: 1_000 }],
    ...storyboard,
  });
  const published = { projectId, document, assets: [], note: null, createdBy: "test" };
  const storyboardVersion = storyboard ? (await insertStoryboard(database, published)).version : null;
  const rejected: Buffer[] = [];
  const canonical: Buffer[] = [];
  const sinks = {
    rejected: (chunk: Buffer) => void rejected.push(Buffer.from(chunk)),
    canonical: (chunk: Buffer) => void canonical.push(Buffer.from(chunk)),
  };
  const report = await check(memorySource(plain), { table: profile.tables[0]!, sinks });
  const stored = {
    plain: { name: plainName, ...(await blobs.put(`${client}/${batchId}/plain`, plain)) },
    rejected: { name: "rejected", ...(await blobs.put(`${client}/${batchId}/rejected`, Buffer.concat(rejected))) },
    canonical: { name: "canonical", ...(await blobs.put(`${client}/${batchId}/canonical`, Buffer.concat(canonical))) },
  };
  await putArtifacts(database, {
    batchId,
    artifacts: (["plain", "rejected", "canonical"] as const).map((kind) => ({
      ...stored[kind],
      kind,
      blobKey: stored[kind].key,
    })),
  });
  await database.query
    .updateTable("batches")
    .set({
      status: "running",
      storyboard_version: storyboardVersion,
      ...report.counts,
      valid: valid ?? report.counts.valid,
    })
    .where("id", "=", batchId)
    .execute();
  const step = { batch_id: batchId, client_id: clientId, lane: "small" as const };
  await database.query
    .insertInto("steps")
    .values({ ...step, kind: "validate", state: "done", result: JSON.stringify({ scan: report.scan }) as never })
    .execute();
  const { id: stepId } = await database.query
    .insertInto("steps")
    .values({ ...step, kind: "personalise", state: "ready" })
    .returning("id")
    .executeTakeFirstOrThrow();
  let epoch = 1;

  return {
    batchId,
    clientId,
    projectId,
    stepId,
    /** One attempt, as the shell would make it. */
    async personalise(signal = new AbortController().signal) {
      const claimedAtMs = performance.now();
      const [claimed] = await claimSteps(database, { refs: [{ stepId, epoch }], worker: "test", leaseMs: 60_000 });
      if (claimed === undefined) throw new Error("not due");
      const stage = personaliseBatch({ blobs, database, keyEncryptionKey, landingUrl: LANDING_URL });
      const decision = await stage({
        step: claimed,
        profile,
        table: profile.tables[0]!,
        claimedAtMs,
        signal,
        giveWay: () => undefined,
        logger,
      });
      if ("transact" in decision || decision.verdict !== "advance") throw new Error("did not advance");
      return decision;
    },
    /** The attempt is lost; the reconciler gives the step to the next worker. */
    async lose() {
      epoch += 1;
      await database.query.updateTable("steps").set({ state: "ready", epoch }).where("id", "=", stepId).execute();
    },
    async pinned() {
      const { link_key_id } = await database.query
        .selectFrom("batches")
        .select("link_key_id")
        .where("id", "=", batchId)
        .executeTakeFirstOrThrow();
      const { sealed } = (await linkKey(database, link_key_id!))!;
      return { id: link_key_id!, key: unseal(keyEncryptionKey, sealed, `link-key:${clientId}`) };
    },
    async result() {
      const reader = await blobs.open(`${client}/${batchId}/result`);
      return await reader.read(0, reader.sizeBytes).finally(() => reader.close());
    },
  };
}

const ZIP = { password: "zip_password", encryption: "require" } as const;

const newKeys = (name: string) => generatePgpKey({ userId: { name, email: `${name}@example.com` }, expiresInDays: 30 });

async function storeKey(
  { projectId, clientId }: { projectId: number; clientId: number },
  owner: "ours" | "theirs",
  { privateKey, publicKey }: Awaited<ReturnType<typeof newKeys>>,
) {
  const facts = await readPgpKey(publicKey);
  const sealed = owner === "ours" ? seal(keyEncryptionKey, Buffer.from(privateKey), pgpKeyContext(clientId)) : null;
  await putPgpKey(database, { ...facts, projectId, owner, publicKey, sealed, addedBy: "test" });
}

async function textOf(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** What is in a stored ZIP. */
async function unzipped(blobKey: string, zipPassword: string) {
  const reader = await blobs.open(blobKey);
  const zip = await unwrap(reader, { limits: { totalBytes: 1e6 }, zipPassword });
  if (zip.kind !== "zip") throw new Error("no ZIP");
  const files = await Promise.all(zip.files.map(async (file) => [file.name, await textOf(file.open())]));
  await reader.close();
  return { isEncrypted: zip.isEncrypted, files };
}

const cellsOf = (key: Buffer, batchId: number, recordNumber: number) => {
  const token = issueToken(key, { batchId, recordNumber });
  return [`${LANDING_URL}/t/${token}.png`, `${LANDING_URL}/p/${token}`] as const;
};

test("the client's own bytes come back with a thumbnail and a page for each record", async () => {
  const bytes = 'id;name\r\n1;"Müller; ""Bob"""\r\n\r\n2;Zoe';
  const batch = await checkedBatch({ bytes: Buffer.from(bytes, "latin1"), fileName: "acme_spring.CSV" });
  const decision = await batch.personalise();
  const { key, id } = await batch.pinned();
  const [first, second] = [1, 2].map((record) => cellsOf(key, batch.batchId, record).join(";"));
  const expected = `id;name;thumbnail_1;landingPage\r\n1;"Müller; ""Bob""";${first}\r\n\r\n2;Zoe;${second}`;
  expect((await batch.result()).toString("latin1")).toBe(expected);
  expect(decision).toMatchObject({ counts: { links: 2, withheld: 0 }, linkKeyId: id });
  expect(decision.artifacts).toEqual([
    {
      kind: "result",
      name: "PURL_acme_spring.CSV",
      blobKey: `${client}/${batch.batchId}/result`,
      sizeBytes: expected.length,
      sha256: createHash("sha256").update(Buffer.from(expected, "latin1")).digest(),
    },
  ]);
});

test("rejected records are left out, and the others keep their numbers in the client's file", async () => {
  const batch = await checkedBatch({ bytes: "id,name\n1,a\nx,b\n3,c\ny,d\n5,e\n" });
  const decision = await batch.personalise();
  const { key } = await batch.pinned();
  const rows = [1, 3, 5].map((n, i) => `${n},${"ace"[i]},${cellsOf(key, batch.batchId, n).join(",")}\n`);
  expect((await batch.result()).toString()).toBe(`id,name,thumbnail_1,landingPage\n${rows.join("")}`);
  expect(decision.counts).toEqual({ links: 3, withheld: 0 });
});

test("links lead to the project's own address, written in ASCII", async () => {
  const batch = await checkedBatch({ bytes: "id,name\n1,Zoe\n", links: { address: "https://Grüße.example" } });
  await batch.personalise();
  const own = "https://xn--gre-6ka8l.example";
  expect((await batch.result()).toString()).toMatch(
    new RegExp(`^id,name,thumbnail_1,landingPage\\n1,Zoe,${own}/t/[\\w-]{35}\\.png,${own}/p/[\\w-]{35}\\n$`),
  );
});

test("links expire as many days after the file came as the profile says", async () => {
  const batch = await checkedBatch({ bytes: "id,name\n1,a\n", links: { expiresAfterDays: 7 } });
  const { linksExpireAt } = await batch.personalise();
  const { received_at } = await database.query
    .selectFrom("batches")
    .select("received_at")
    .where("id", "=", batch.batchId)
    .executeTakeFirstOrThrow();
  expect(linksExpireAt!.getTime() - received_at.getTime()).toBe(7 * 24 * 3600 * 1000);
});

test("a ZIP's result has the name of the ZIP and the extension of the file inside", async () => {
  const zip = { fileName: "spring.zip", plainName: "rows.tsv", links: { prefix: "", suffix: "_links" } };
  const batch = await checkedBatch({ bytes: "id\tname\n1\ta\n", ...zip });
  expect((await batch.personalise()).artifacts![0]!.name).toBe("spring_links.tsv");
});

test("a result that goes out in a ZIP is stored so as well, with the client's password, at the attempt's own place", async () => {
  const wrap = { as: "zip", password: "zip_password", encryption: "zipcrypto" } as const;
  const batch = await checkedBatch({ bytes: "id,name\n1,a\n", delivery: { to: "downloads", wrap } });
  await expect(batch.personalise()).rejects.toMatchObject({ name: "Misconfigured", code: "secret_missing" });
  const sealed = seal(keyEncryptionKey, Buffer.from("geheim: ü"), `secret:${batch.clientId}`);
  await putSecret(database, { clientId: batch.clientId, name: "zip_password", sealed });
  await batch.lose();
  const { artifacts } = await batch.personalise();
  await batch.lose();
  const { artifacts: again } = await batch.personalise();
  const folderOf = `${client}/${batch.batchId}`;
  expect(artifacts).toMatchObject([
    { kind: "result", name: "PURL_rows.csv", blobKey: `${folderOf}/result` },
    { kind: "wrapped_result", name: "PURL_rows.zip", blobKey: `${folderOf}/wrapped-result-2` },
  ]);
  expect(again![1]!.blobKey).toBe(`${folderOf}/wrapped-result-3`);
  const { isEncrypted, files } = await unzipped(again![1]!.blobKey, "geheim: ü");
  expect([isEncrypted, files]).toEqual([true, [["PURL_rows.csv", (await batch.result()).toString()]]]);
  // What is given up is not kept.
  await expect(blobs.open(artifacts![1]!.blobKey)).rejects.toMatchObject({ code: "blob_missing" });
});

test("a result for a client with OpenPGP is encrypted to its keys and signed with the project's", async () => {
  const batch = await checkedBatch({
    ...{ bytes: "id,name\n1,a\n", fileName: "data_file.pgp", plainName: "data.csv" },
    delivery: { to: "downloads", wrap: { as: "pgp" } },
  });
  const [ours, theirs] = await Promise.all([newKeys("hub"), newKeys("client")]);
  await expect(batch.personalise()).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_client_key_missing" });
  await storeKey(batch, "theirs", theirs);
  await batch.lose();
  await expect(batch.personalise()).rejects.toMatchObject({ name: "Misconfigured", code: "pgp_key_missing" });
  await storeKey(batch, "ours", ours);
  await batch.lose();
  const { artifacts } = await batch.personalise();
  expect(artifacts![1]).toMatchObject({ kind: "wrapped_result", name: "PURL_data_file.gpg" });
  const reader = await blobs.open(artifacts![1]!.blobKey);
  const pgp = { privateKeys: [theirs.privateKey], publicKeys: [ours.publicKey], signature: "require" } as const;
  const message = await unwrap(reader, { limits: { totalBytes: 1e6 }, pgp });
  if (message.kind !== "pgp") throw new Error("no message");
  expect(await textOf(message.open())).toBe((await batch.result()).toString());
  expect(message.name()).toBe("PURL_data_file.csv");
  await reader.close();
});

test.each([
  ["with the password that it came with", { zip: ZIP }, {}, "PURL_rows.zip"],
  ["encrypted, where it had to be", { pgp: "require" }, {}, "PURL_rows.csv.gpg"],
  ["armoured, where results are", { pgp: "require" }, { wrap: { as: "pgp", armor: true } }, "PURL_rows.csv.asc"],
] as const)("the result of a file that came by e-mail goes back %s", async (_, incoming, delivery, name) => {
  const batch = await checkedBatch({
    ...{ bytes: "id,name\n1,a\n", source: "email", incoming },
    delivery: { to: "downloads", ...delivery },
  });
  const sealed = seal(keyEncryptionKey, Buffer.from("geheim"), `secret:${batch.clientId}`);
  await putSecret(database, { clientId: batch.clientId, name: "zip_password", sealed });
  await storeKey(batch, "ours", await newKeys("hub"));
  await storeKey(batch, "theirs", await newKeys("client"));
  expect((await batch.personalise()).artifacts![1]).toMatchObject({ kind: "wrapped_result", name });
});

test("a second attempt makes the same bytes, also when the client's key was rotated in between", async () => {
  const batch = await checkedBatch({ bytes: "id,name\n1,a\n2,b\n" });
  await batch.personalise();
  const [first, pinned] = [await batch.result(), await batch.pinned()];

  const sealed = seal(keyEncryptionKey, randomBytes(32), `link-key:${batch.clientId}`);
  const rotated = await insertLinkKey(database, { clientId: batch.clientId, sealed });
  await batch.lose();
  await batch.personalise();
  expect(await batch.result()).toEqual(first);
  expect(await batch.pinned()).toEqual(pinned);

  const next = await checkedBatch({ bytes: "id,name\n1,a\n" });
  await next.personalise();
  expect((await next.pinned()).id).toBe(rotated);
});

test("batches of a new client that come at once share one first key", async () => {
  const batches = await Promise.all([1, 2, 3, 4].map((n) => checkedBatch({ bytes: `id,name\n${n},a\n` })));
  await Promise.all(batches.map((batch) => batch.personalise()));
  const ids = await Promise.all(batches.map(async (batch) => (await batch.pinned()).id));
  expect(new Set(ids).size).toBe(1);
});

test("an attempt that has lost its step pins no key and writes nothing", async () => {
  const batch = await checkedBatch({ bytes: "id,name\n1,a\n" });
  const refs = [{ stepId: batch.stepId, epoch: 1 }];
  const claimedAtMs = performance.now();
  const step = (await claimSteps(database, { refs, worker: "late", leaseMs: 60_000 }))[0]!;
  await batch.lose();
  const stage = personaliseBatch({ blobs, database, keyEncryptionKey, landingUrl: LANDING_URL });
  const profile = profileSchema.parse({
    ...{ client, project: "spring", folders: { uploads: "/U", downloads: "/D" }, links: {} },
    tables: [{ name: "rows", columns: [{ name: "id" }] }],
  });
  const { signal } = new AbortController();
  const work = { step, profile, table: profile.tables[0]!, claimedAtMs, signal, giveWay: () => undefined, logger };
  await expect(stage(work)).rejects.toThrow(/no longer this worker's/);
  const row = await database.query
    .selectFrom("batches")
    .select("link_key_id")
    .where("id", "=", batch.batchId)
    .executeTakeFirstOrThrow();
  expect(row.link_key_id).toBeNull();
  await expect(batch.result()).rejects.toThrow(/missing/);
});

test("counts that differ are an error that names them, and no result is kept as one", async () => {
  const batch = await checkedBatch({ bytes: "id,name\n1,a\n2,b\n", valid: 3 });
  await expect(batch.personalise()).rejects.toThrow(/3 records were valid and 0 withheld, but 2 got a link/);
});

test("an aborted attempt stops at once and leaves no half-written file", async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => `${i},name\n`).join("");
  const batch = await checkedBatch({ bytes: `id,name\n${rows}` });
  await expect(batch.personalise(AbortSignal.abort(new Error("lease lost")))).rejects.toThrow("lease lost");
  expect((await readdir(join(folder, client, `${batch.batchId}`))).sort()).toEqual(["canonical", "plain", "rejected"]);
});

test("every link of 50,000 opens under the pinned key, and each is another one", async () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => `${i},name ${i}\n`).join("");
  const batch = await checkedBatch({ bytes: `id,name\n${rows}` });
  expect((await batch.personalise()).counts?.links).toBe(50_000);
  const { key } = await batch.pinned();
  const tokens = new Set<string>();
  const lines = (await batch.result()).toString().trimEnd().split("\n").slice(1);
  for (const [i, line] of lines.entries()) {
    const token = line.slice(line.lastIndexOf("/") + 1);
    const parsed = parseToken(token)!;
    if (parsed.recordNumber !== i + 1 || !verifyToken(key, parsed)) throw new Error(`record ${i + 1} does not open`);
    tokens.add(token);
  }
  expect(tokens.size).toBe(50_000);
});

test("a record that lacks what the storyboard requires gets no link, and the others do", async () => {
  const requirements = [
    { condition: { all: [{ field: "name", is: "filled" as const }] }, message: "the name is missing" },
  ];
  const cells = (i: number) => (i % 5 === 0 ? "" : `"name ${i}\nof two lines\tand a tab"`);
  const rows = Array.from({ length: 5_000 }, (_, i) => `${i + 1},${cells(i + 1)}\n`);
  const batch = await checkedBatch({ bytes: `id,name\n${rows.join("")}x,bad\n`, storyboard: { requirements } });
  const decision = await batch.personalise();
  expect(decision.counts).toEqual({ links: 4_000, withheld: 1_000 });
  const text = (await batch.result()).toString();
  expect(text).toContain("\n5,,,\n");
  expect(text).toContain("\n5000,,,\n");
  expect(text).toMatch(/\n4999,"name 4999\nof two lines\tand a tab",https:[^,\n]*,https:[^,\n]*\n5000,/);
  expect(text.match(/\/p\//g)).toHaveLength(4_000);
});
