import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { type Mapping, type Profile, type ProfileInput, profileSchema } from "@inlet/contracts";
import { type ClaimedStep, openDatabase } from "@inlet/database";
import { decodeRejected, type Hooks } from "@inlet/delimited";
import type { Decision, StepWork } from "@inlet/pipeline";
import { createLogger } from "@inlet/runtime";
import { BlobWriter, TextReader, ZipWriter } from "@zip.js/zip.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { validateBatch } from "./worker.ts";

/** Nothing here asks it anything: none of these files is a correction. */
const database = openDatabase("postgres://127.0.0.1:1/none", { applicationName: "test" });
let folder: string;
let nextBatchId = 1;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet validate "));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

type TableInput = Partial<ProfileInput["tables"][number]>;

interface Input {
  bytes: string | Uint8Array;
  fileName?: string;
  declared?: number;
  mapping?: Mapping;
  table?: TableInput;
  links?: ProfileInput["links"];
  signal?: AbortSignal;
  /** The text of the flag file that came with it. */
  flag?: string;
  hooks?: Hooks;
}

function buildProfile(table: TableInput = {}, links?: ProfileInput["links"]): Profile {
  return profileSchema.parse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/Uploads", downloads: "/Downloads" },
    ...(links && { links }),
    tables: [{ name: "rows", columns: [{ name: "id", type: "integer", required: true }, { name: "name" }], ...table }],
  });
}

/** Runs the stage on one file, as the shell would. */
async function validate({
  bytes,
  fileName = "rows.csv",
  declared,
  mapping,
  table,
  links,
  signal,
  flag,
  hooks = {},
}: Input) {
  const blobs = openBlobs(folder);
  const batchId = nextBatchId++;
  const source = await blobs.put(`acme/${batchId}/source`, Buffer.from(bytes));
  const flagBlob = flag === undefined ? undefined : await blobs.put(`acme/${batchId}/flag`, Buffer.from(flag));
  const profile = buildProfile(table, links);
  const step: ClaimedStep = {
    ...{
      stepId: 1,
      epoch: 1,
      kind: "validate",
      lane: "small",
      attempts: 1,
      losses: 0,
      batchId,
      status: "running",
      runId: 1,
      clientId: 1,
      client: "acme",
    },
    ...{
      projectId: 1,
      project: "spring",
      profileVersion: 1,
      tableName: "rows",
      accountId: null,
      source: "gateway",
      partOf: null,
      rehearsal: false,
    },
    ...{
      fileName,
      sizeBytes: source.sizeBytes,
      declared: declared ?? null,
      mapping: mapping ?? null,
      records: null,
      valid: null,
      rejected: null,
    },
    ...{
      links: null,
      withheld: null,
      linkKeyId: null,
      linksExpireAt: null,
      storyboardVersion: null,
      liveStoryboard: null,
      forcedReason: null,
      importedAt: null,
    },
    receivedAt: new Date("2026-11-20T09:00:00Z"),
    artifacts: {
      source: { ...source, name: fileName, blobKey: source.key, sha256: source.sha256.toString("hex") },
      ...(flagBlob && {
        flag: { ...flagBlob, name: "rows.flg", blobKey: flagBlob.key, sha256: flagBlob.sha256.toString("hex") },
      }),
    },
    results: {},
  };
  const work: StepWork = {
    step,
    profile,
    table: profile.tables[0]!,
    claimedAtMs: performance.now(),
    giveWay: () => undefined,
    signal: signal ?? new AbortController().signal,
    logger: createLogger("test", "fatal"),
  };
  const attempt = async (): Promise<Decision> => {
    const decision = await validateBatch({
      blobs,
      database,
      keyEncryptionKey: Buffer.alloc(32),
      references: () => async () => ({ missing: "no table" }),
      hooks,
    })(work);
    if ("transact" in decision) throw new Error("the check needs no transaction");
    return decision;
  };
  const contentOf = async (decision: Decision, kind: string) => {
    const artifact = decision.artifacts?.find((candidate) => candidate.kind === kind);
    if (artifact === undefined) return undefined;
    const content = await readFile(join(folder, artifact.blobKey));
    expect(createHash("sha256").update(content).digest()).toEqual(artifact.sha256);
    expect(content).toHaveLength(artifact.sizeBytes);
    return content;
  };
  return { attempt, contentOf, files: () => readdir(join(folder, `acme/${batchId}`)) };
}

async function zipOf(entries: Record<string, string>, password?: string): Promise<Uint8Array> {
  const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false, ...(password && { password }) });
  for (const [name, text] of Object.entries(entries)) await writer.add(name, new TextReader(text));
  return new Uint8Array(await (await writer.close()).arrayBuffer());
}

const kindsOf = (decision: Decision) => decision.artifacts?.map(({ kind }) => kind).sort();

describe("a good file", () => {
  it("goes on, with its canonical file, index, counts and plan", async () => {
    const { attempt, contentOf } = await validate({ bytes: "id;name\r\n1;a\r\n2;\r\n", declared: 2 });
    const decision = await attempt();
    expect(decision).toMatchObject({
      verdict: "advance",
      counts: { records: 2, valid: 2, rejected: 0 },
      issues: [],
      issueTotals: {},
      result: { scan: { dialect: { delimiter: ";", lineEnd: "\r\n" }, data: { offset: 9, line: 2 } } },
    });
    expect(kindsOf(decision)).toEqual(["canonical", "index", "plain"]);
    expect((await contentOf(decision, "canonical"))?.toString()).toBe("1\t1\ta\n2\t2\t\\N\n");
    expect(await contentOf(decision, "index")).toHaveLength(16);
  });

  it("makes the same bytes when it runs again", async () => {
    const { attempt, contentOf } = await validate({
      bytes: "id,name\n1,a\nx,b\n",
      table: { invalid: { policy: "skip" } },
    });
    const [first, second] = [await attempt(), await attempt()];
    expect(second).toEqual(first);
    expect((await contentOf(second, "canonical"))?.toString()).toBe("1\t1\ta\n");
  });
});

describe("a file with faults", () => {
  const bytes = 'id,name\n1,a\nx,b\n3,"open\n4,d\n';

  it("is rejected, with a reason that names the first fault, its issues and its error file", async () => {
    const { attempt, contentOf, files } = await validate({ bytes, fileName: "sales-2026-11-20.tsv" });
    const decision = await attempt();
    expect(decision).toMatchObject({
      verdict: "end",
      status: "rejected",
      reason: { code: "rows_invalid", message: expect.stringContaining("2 of 4 records have errors") },
      counts: { records: 4, valid: 2, rejected: 2 },
      issueTotals: { not_an_integer: 1, quote_unclosed: 1 },
    });
    expect(decision.issues).toMatchObject([
      { line: 3, record: 2, column: "id", value: "x" },
      { line: 4, record: 3, column: "name" },
    ]);
    expect(kindsOf(decision)).toEqual(["errors", "plain"]);
    expect(decision.artifacts?.find(({ kind }) => kind === "errors")?.name).toBe("sales-2026-11-20.errors.tsv");
    expect((await contentOf(decision, "errors"))?.toString()).toContain("x,b,3,2,id,not_an_integer");
    expect((await files()).sort()).toEqual(["errors", "source"]);
  });

  it("goes on without its faulty rows where the table allows that", async () => {
    const { attempt, contentOf } = await validate({ bytes, table: { invalid: { policy: "skip", maxRows: 2 } } });
    const decision = await attempt();
    expect(decision).toMatchObject({ verdict: "advance", counts: { records: 4, valid: 2, rejected: 2 } });
    expect(kindsOf(decision)).toEqual(["canonical", "errors", "index", "plain", "rejected"]);
    const rejected: number[] = [];
    for await (const record of decodeRejected([(await contentOf(decision, "rejected"))!])) rejected.push(record);
    expect(rejected).toEqual([2, 3]);
  });

  it("keeps the first thousand findings, and counts them all", async () => {
    const { attempt } = await validate({ bytes: `id,name\n${"x,y\n".repeat(2500)}` });
    const decision = await attempt();
    expect(decision.issues).toHaveLength(1000);
    expect(decision.issueTotals).toEqual({ not_an_integer: 2500 });
  });

  it.each([
    ["nothing", "", "file_empty"],
    ["a header alone", "id,name\n", "records_missing"],
    ["another header", "a,b\n1,2\n", "header_not_found"],
  ])("%s is rejected", async (_, text, code) => {
    const decision = await (await validate({ bytes: text })).attempt();
    expect(decision).toMatchObject({ verdict: "end", status: "rejected", reason: { code } });
  });

  it("goes by the columns that were chosen for it, and by no others", async () => {
    const columns = [
      { index: 0, label: "Nr", column: "id" },
      { index: 1, label: "id", column: null },
    ];
    const chosen = await validate({ bytes: "Nr,id,name\n1,x,a\n", mapping: { columns } });
    const decision = await chosen.attempt();
    expect(decision).toMatchObject({ verdict: "advance", counts: { records: 1, valid: 1 } });
    expect((await chosen.contentOf(decision, "canonical"))?.toString()).toBe("1\t1\ta\n");
    const other = await (await validate({ bytes: "id,Nr,name\n1,x,a\n", mapping: { columns } })).attempt();
    expect(other).toMatchObject({ verdict: "end", status: "rejected", reason: { code: "mapping_differs" } });
  });

  it("fails when it holds another number of records than was declared", async () => {
    const decision = await (await validate({ bytes: "id,name\n1,a\n", declared: 2 })).attempt();
    expect(decision).toMatchObject({
      verdict: "end",
      reason: { code: "control_differs", message: expect.stringMatching(/^2 records were expected, .*1 came/) },
      counts: { declared: 2, records: 1 },
    });
  });

  it("must not have the links' columns, unless the project has none", async () => {
    const bytes = "id,name,landingPage\n1,a,x\n";
    expect(await (await validate({ bytes, links: {} })).attempt()).toMatchObject({
      reason: { code: "header_reserved" },
    });
    expect(await (await validate({ bytes })).attempt()).toMatchObject({ verdict: "advance" });
  });

  it("may hold NUL bytes without their getting into PostgreSQL's way", async () => {
    const decision = await (await validate({ bytes: "id,name\n1,a\0b\n" })).attempt();
    expect(JSON.stringify(decision)).not.toContain("\\u0000");
    expect(decision.issues).toMatchObject([{ code: "nul_byte", column: "name" }]);
  });
});

describe("a file in a ZIP", () => {
  it("is unwrapped into a plain file of its own", async () => {
    const text = "id,name\n1,a\n";
    const { attempt, contentOf, files } = await validate({
      bytes: await zipOf({ "in/rows.csv": text, "__MACOSX/in/._rows.csv": "x" }),
      fileName: "spring.zip",
    });
    const decision = await attempt();
    expect(decision).toMatchObject({ verdict: "advance", counts: { valid: 1 } });
    expect((await contentOf(decision, "plain"))?.toString()).toBe(text);
    expect(decision.artifacts?.find(({ kind }) => kind === "plain")?.name).toBe("rows.csv");
    expect((await files()).sort()).toEqual(["canonical", "index", "plain", "source"]);
  });

  it.each([
    ["zip_password_missing", () => zipOf({ "a.csv": "id\n" }, "secret")],
    ["zip_damaged", async () => (await zipOf({ "a.csv": "id\n" })).slice(0, 50)],
    ["container_unsupported", async () => Buffer.from("%PDF-1.7")],
  ])("%s is the file's fault", async (code, make) => {
    const { attempt, files } = await validate({ bytes: await make(), fileName: "a.zip" });
    await expect(attempt()).rejects.toMatchObject({ name: "InvalidInput", code, retryable: false });
    expect(await files()).toEqual(["source"]);
  });
});

describe("what is known of a file beside its bytes", () => {
  const bytes = "id,name\n1,a\n2,b\n";
  const hash = createHash("sha256").update(bytes).digest("hex");
  const controls: TableInput["controls"] = [
    { total: "sha256", from: { place: "flag" } },
    { total: "records", from: { place: "name", pattern: "-(\\d+)\\.csv$" } },
  ];

  it.each([
    ["rows-2.csv", hash, undefined],
    ["rows-3.csv", hash, "control_differs"],
    ["rows.csv", hash, "control_missing"],
    ["rows-2.csv", "0".repeat(64), "control_differs"],
    ["rows-2.csv", undefined, "control_missing"],
  ])("is held against it: %s with the flag %s → %s", async (fileName, flag, code) => {
    const { attempt } = await validate({ bytes, fileName, table: { controls }, ...(flag && { flag }) });
    const decision = await attempt();
    expect(decision).toMatchObject(code === undefined ? { verdict: "advance" } : { verdict: "end", reason: { code } });
  });
});

describe("the platform's own rules", () => {
  const table: TableInput = { rules: [{ rule: "hook", name: "own" }], invalid: { policy: "skip" } };
  const bytes = "id,name\n1,a\n2,b\n";

  it("judge every record", async () => {
    const hooks: Hooks = { own: ({ name }) => (name === "b" ? { column: "name", message: "No b." } : undefined) };
    const decision = await (await validate({ bytes, table, hooks })).attempt();
    expect(decision).toMatchObject({
      verdict: "advance",
      counts: { valid: 1, rejected: 1 },
      issueTotals: { hook_own: 1 },
    });
  });

  it("fail the step, once and for all, when they throw or are not there", async () => {
    const hooks: Hooks = {
      own() {
        throw new Error("boom");
      },
    };
    const { attempt, files } = await validate({ bytes, table, hooks });
    await expect(attempt()).rejects.toMatchObject({
      ...{ name: "Misconfigured", code: "hook_failed", retryable: false },
      message: expect.stringContaining("The hook own threw Error: boom at record 1 (line 2)"),
    });
    expect(await files()).toEqual(["source"]);
    const unknown = await validate({ bytes, table });
    await expect(unknown.attempt()).rejects.toMatchObject({ code: "hook_unknown", retryable: false });
  });
});

it("stops when its step is taken away, and leaves no half-made file", async () => {
  const abort = new AbortController();
  const { attempt, files } = await validate({ bytes: `id,name\n${"1,a\n".repeat(500_000)}`, signal: abort.signal });
  const attempted = attempt();
  abort.abort(new Error("lease lost"));
  await expect(attempted).rejects.toThrow("lease lost");
  expect(await files()).toEqual(["source"]);
});
