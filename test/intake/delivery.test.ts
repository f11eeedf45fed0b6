import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { ProfileInput } from "@inlet/contracts";
import { beginRehearsal, makeProjectLive } from "@inlet/database";
import { advance, reject, retryBatch, runStage, type StepWork, wrapFor } from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { killAt } from "../fixtures/killed-at.ts";
import { lastingLeases } from "../fixtures/leases.ts";
import { standsStill, wake } from "../fixtures/stands-still.ts";
import { type IntakeHub, type IntakeProject, openIntakeHub } from "./hub.ts";
import { type OpenSsh, openSshServer } from "./openssh.ts";

const SECONDS = { timeoutMs: 30_000, what: "the courier" };
const ssh = await openSshServer();

let hub: IntakeHub;
let blobs: Blobs;
let workers: { close(): Promise<void> }[];
/** What the stages before make as the result of a file, by its name. */
const results = new Map<string, Buffer>();
/** What the check makes as the error file of a file, by its name, and how it ends. */
const errorFiles = new Map<string, { bytes: Buffer; isRejected: boolean }>();
/** As the stages do, both of a file: as it is, and as it is wrapped, where the profile wants that. */
async function store(
  { step, profile }: Pick<StepWork, "step" | "profile">,
  kind: "result" | "errors",
  name: string,
  bytes: Buffer,
) {
  const put = async (as: typeof kind | `wrapped_${typeof kind}`, called: string, content: Buffer) => {
    const { key: blobKey, ...stored } = await blobs.put(`${step.client}/${step.batchId}/${as}`, content);
    return { ...stored, blobKey, kind: as, name: called };
  };
  const plain = await put(kind, name, bytes);
  if (wrapFor(step.source, profile).as === "plain") return [plain];
  return [plain, await put(`wrapped_${kind}`, `${name}.gpg`, Buffer.concat([Buffer.from("wrapped "), bytes]))];
}

beforeAll(async () => {
  hub = await openIntakeHub(["watcher", "courier", "courier"], {
    WATCH_MS: "200",
    RECONCILE_MS: "100",
    // A courier that is frozen may have been handed another job.
    RECONCILE_STALE_MS: "500",
    LEASE_MS: "2000",
    RETRY_MS: "50",
  });
  blobs = openBlobs(join(hub.stack.dataFolder, "blobs"));
  const options = {
    database: hub.database,
    redisUrl: hub.stack.redisUrl,
    logger: createLogger("test", "fatal"),
    health: { addCheck() {} } as unknown as Health,
    concurrency: 4,
    leaseMs: 20_000,
  };
  workers = [
    await runStage(
      "validate",
      async (work) => {
        const { fileName } = work.step;
        const found = errorFiles.get(fileName);
        if (found === undefined) return advance();
        const artifacts = await store(work, "errors", fileName.replace(/\.csv$/, ".errors.csv"), found.bytes);
        if (!found.isRejected) return advance({ artifacts, counts: { records: 2, valid: 1, rejected: 1 } });
        return reject({ code: "header_missing", message: "A column is missing." }, { artifacts });
      },
      options,
    ),
    await runStage(
      "personalise",
      async (work) => {
        const { fileName } = work.step;
        return advance({ artifacts: await store(work, "result", `PURL_${fileName}`, results.get(fileName)!) });
      },
      options,
    ),
    await runStage("import", async () => advance({ imported: true }), options),
  ];
});
afterAll(async () => {
  await Promise.all((workers ?? []).map((worker) => worker.close()));
  await hub?.stop();
  await ssh?.remove();
});

const downloads = ({ jail }: IntakeProject) => join(hub.stack.dataFolder, "accounts", jail, "spring/Downloads");
const namesIn = async (folder: string) => (await readdir(folder)).sort();
const flagged: Partial<ProfileInput> = { delivery: { to: "downloads", flag: true } };
const accepting: Partial<ProfileInput> = { duplicates: { name: "accept" } };

/** Sends a file through; resolves to its batch when that has ended. */
async function send(project: IntakeProject, fileName: string, result: string | Buffer, options = {}) {
  results.set(fileName, Buffer.from(result));
  return await ended(await project.upload(fileName, `id\n${Math.random()}\n`, { published: true, ...options }));
}
const ended = (arrivalId: number) =>
  waitFor(async () => {
    const row = await hub.database.query
      .selectFrom("batches")
      .selectAll()
      .where("arrival_id", "=", arrivalId)
      .executeTakeFirst();
    return row?.ended_at ? row : undefined;
  }, SECONDS);
const deliveriesOf = (batchId: number) =>
  hub.database.query.selectFrom("deliveries").selectAll().where("batch_id", "=", batchId).orderBy("id").execute();
/** Sends a file through of which the check finds errors. */
async function sendFaulty(
  project: IntakeProject,
  fileName: string,
  { isRejected = false, errors = "the errors", ...options }: FaultyOptions = {},
) {
  errorFiles.set(fileName, { bytes: Buffer.from(errors), isRejected });
  try {
    return await send(project, fileName, "the result", options);
  } finally {
    errorFiles.delete(fileName);
  }
}
interface FaultyOptions {
  isRejected?: boolean;
  errors?: string;
  withoutAccount?: boolean;
  source?: "email";
}
const asMail = { withoutAccount: true, source: "email" } as const;
/** The delivery of a batch, once it is in one of these states. */
const delivery = (batchId: number, ...states: string[]) =>
  waitFor(async () => {
    const step = await hub.database.query
      .selectFrom("steps")
      .selectAll()
      .where("batch_id", "=", batchId)
      .where("kind", "=", "deliver")
      .executeTakeFirst();
    return step && states.includes(step.state) ? step : undefined;
  }, SECONDS);
const batchOf = (batchId: number) =>
  hub.database.query.selectFrom("batches").selectAll().where("id", "=", batchId).executeTakeFirstOrThrow();
const reportsOf = async (runId: number) =>
  await hub.database.query.selectFrom("messages").select("id").where("run_id", "=", runId).execute();
const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest();

test("a result lies in Downloads of the account that sent the file, and in the books", async () => {
  const project = await hub.project();
  await addAccount(project, "colleague", { jail: "colleague" });
  const batch = await send(project, "a.csv", "the result");
  expect(batch.status).toBe("completed");
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("the result");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv"]);
  expect(await deliveriesOf(batch.id)).toMatchObject([
    {
      artifact: "result",
      destination: `downloads:${project.profile.client}`,
      path: "/spring/Downloads/PURL_a.csv",
      size_bytes: 10,
      sha256: sha256("the result"),
    },
  ]);
  expect(existsSync(join(hub.stack.dataFolder, "accounts/colleague"))).toBe(false);
});

test("what the client does to its file does not touch ours", async () => {
  const project = await hub.project();
  const { id } = await send(project, "a.csv", "the result");
  await writeFile(join(downloads(project), "PURL_a.csv"), "overwritten", { flag: "r+" });
  const stored = await blobs.open(`${project.profile.client}/${id}/result`);
  expect((await stored.read(0, 100)).toString()).toBe("the result");
  await stored.close();
});

test("a result of a file that no account sent goes to every enabled account that sees the project", async () => {
  const project = await hub.project();
  await addAccount(project, "sees", { jail: "sees", projects: ["spring"] });
  await addAccount(project, "other_project", { jail: "other", projects: ["autumn"] });
  await addAccount(project, "disabled", { jail: "disabled", enabled: false });
  const batch = await send(project, "a.csv", "r", { withoutAccount: true });
  expect((await deliveriesOf(batch.id)).map((row) => row.destination)).toEqual([
    `downloads:${project.profile.client}`,
    "downloads:sees",
  ]);
  expect(await readFile(join(hub.stack.dataFolder, "accounts/sees/spring/Downloads/PURL_a.csv"), "utf8")).toBe("r");
});

test("an account that has taken its result does not find it again because another one's failed", async () => {
  const project = await hub.project(flagged);
  await addAccount(project, "blocked", { jail: "blocked" });
  const blocked = join(hub.stack.dataFolder, "accounts/blocked");
  await mkdir(blocked, { recursive: true });
  await writeFile(join(blocked, "spring"), "a file where the folder belongs");
  results.set("a.csv", Buffer.from("r"));
  const arrivalId = await project.upload("a.csv", "id\n1\n", { published: true, withoutAccount: true });
  await waitFor(() => existsSync(join(downloads(project), "PURL_a.csv.flg")), SECONDS);
  for (const name of await namesIn(downloads(project))) await rm(join(downloads(project), name));
  const failed = await ended(arrivalId);
  expect(failed.status).toBe("failed");
  expect(await namesIn(downloads(project))).toEqual([]);
  expect(await deliveriesOf(failed.id)).toMatchObject([{ artifact: "result" }, { artifact: "flag" }]);

  await rm(join(blocked, "spring"));
  await retryBatch(hub.database, hub.publisher, { batchId: failed.id, actor: "test" });
  expect((await ended(arrivalId)).status).toBe("completed");
  expect(await namesIn(downloads(project))).toEqual([]);
  expect(await namesIn(join(blocked, "spring/Downloads"))).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
  expect((await deliveriesOf(failed.id)).map((row) => row.destination)).toEqual([
    `downloads:${project.profile.client}`,
    `downloads:${project.profile.client}`,
    "downloads:blocked",
    "downloads:blocked",
  ]);
});

test("one account's trouble does not hold up the others, whichever comes first", async () => {
  const project = await hub.project();
  await addAccount(project, "after", { jail: "after" });
  await mkdir(dirname(downloads(project)), { recursive: true });
  await writeFile(downloads(project), "a file where the folder belongs");
  const failed = await send(project, "a.csv", "r", { withoutAccount: true });
  expect(failed).toMatchObject({ status: "failed", reason_code: "unexpected" });
  expect((await deliveriesOf(failed.id)).map((row) => row.destination)).toEqual(["downloads:after"]);
  expect(await readFile(join(hub.stack.dataFolder, "accounts/after/spring/Downloads/PURL_a.csv"), "utf8")).toBe("r");

  await rm(downloads(project));
  await retryBatch(hub.database, hub.publisher, { batchId: failed.id, actor: "test" });
  expect((await ended(failed.arrival_id!)).status).toBe("completed");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv"]);
});

test("without an account the batch fails with what to do, and a retry delivers once there is one", async () => {
  const project = await hub.project();
  const disabled = (enabled: boolean) =>
    hub.database.query.updateTable("accounts").set({ enabled }).where("id", "=", project.accountId).execute();
  await disabled(false);
  const batch = await send(project, "a.csv", "r", { withoutAccount: true });
  expect(batch).toMatchObject({ status: "failed", reason_code: "no_receiving_account" });
  expect(batch.reason_message).toMatch(/add an account/);
  await disabled(true);
  await retryBatch(hub.database, hub.publisher, { batchId: batch.id, actor: "test" });
  expect((await ended(batch.arrival_id!)).status).toBe("completed");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv"]);
});

test("the flag comes last, and a stale one never announces what is still on its way", async () => {
  const project = await hub.project(flagged);
  await mkdir(downloads(project), { recursive: true });
  await writeFile(join(downloads(project), "PURL_a.csv.flg"), "stale");
  await using _ = await lastingLeases(hub.database);
  await hub.stack.armFailpoint("deliver.renamed", "stop");
  results.set("a.csv", Buffer.from("r"));
  const arrivalId = await project.upload("a.csv", "id\n1\n", { published: true });
  await waitFor(() => existsSync(join(downloads(project), "PURL_a.csv")), SECONDS);
  await frozenCourier();
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv"]);
  wakeCouriers();
  const batch = await ended(arrivalId);
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
  expect((await deliveriesOf(batch.id)).map((row) => row.path)).toEqual([
    "/spring/Downloads/PURL_a.csv",
    "/spring/Downloads/PURL_a.csv.flg",
  ]);
});

const withErrors: Partial<ProfileInput> = { delivery: { to: "downloads", flag: true, errors: true } };

test("an error file lies beside the result, and the flag comes after both", async () => {
  const project = await hub.project(withErrors);
  const batch = await sendFaulty(project, "a.csv");
  expect(batch.status).toBe("partial");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv", "PURL_a.csv.flg", "a.errors.csv"]);
  expect(await readFile(join(downloads(project), "a.errors.csv"), "utf8")).toBe("the errors");
  expect((await deliveriesOf(batch.id)).map(({ artifact }) => artifact)).toEqual(["result", "errors", "flag"]);
});

test("no flag while the error file is missing; what lies there is not put there again", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", errors: true, existing: "refuse" } });
  const flagging = await hub.project({ delivery: { to: "downloads", errors: true, existing: "refuse", flag: true } });
  for (const each of [project, flagging]) {
    await mkdir(downloads(each), { recursive: true });
    await writeFile(join(downloads(each), "a.errors.csv"), "somebody's own");
    const failed = await sendFaulty(each, "a.csv");
    expect(failed).toMatchObject({ status: "failed", reason_code: "name_taken" });
    expect(failed.reason_message).toMatch(/error file of batch .* a\.errors\.csv .* taken away or renamed/);
    expect(await namesIn(downloads(each))).toEqual(["PURL_a.csv", "a.errors.csv"]);
    expect(await readFile(join(downloads(each), "a.errors.csv"), "utf8")).toBe("somebody's own");

    await rm(join(downloads(each), "a.errors.csv"));
    if (each === project) await rm(join(downloads(each), "PURL_a.csv"));
    await retryBatch(hub.database, hub.publisher, { batchId: failed.id, actor: "test" });
    expect((await ended(failed.arrival_id!)).status).toBe("partial");
  }
  expect(await namesIn(downloads(project))).toEqual(["a.errors.csv"]);
  expect(await namesIn(downloads(flagging))).toEqual(["PURL_a.csv", "PURL_a.csv.flg", "a.errors.csv"]);
});

test("a rejected file's error file is delivered after the batch's end, and changes nothing of it", async () => {
  const project = await hub.project(withErrors);
  const batch = await sendFaulty(project, "a.csv", { isRejected: true });
  expect(batch).toMatchObject({ status: "rejected", reason_code: "header_missing" });
  expect(await reportsOf(batch.run_id)).toHaveLength(1);
  await delivery(batch.id, "done");
  expect(await namesIn(downloads(project))).toEqual(["a.errors.csv"]);
  expect(await deliveriesOf(batch.id)).toMatchObject([{ artifact: "errors", path: "/spring/Downloads/a.errors.csv" }]);
  expect(await batchOf(batch.id)).toEqual(batch);
  expect(await reportsOf(batch.run_id)).toHaveLength(1);
  // It was not accepted: the same name is welcome.
  expect((await send(project, "a.csv", "the result")).status).toBe("completed");
});

test("a rejected file's error file stays where the profile does not want it delivered", async () => {
  const project = await hub.project(flagged);
  const batch = await sendFaulty(project, "a.csv", { isRejected: true });
  const steps = await hub.database.query.selectFrom("steps").select("kind").where("batch_id", "=", batch.id).execute();
  expect(steps).toEqual([{ kind: "validate" }]);
});

test("a rejected file's delivery that fails is in the history, and an operator tries it again: it alone", async () => {
  const project = await hub.project({ delivery: { to: "downloads", errors: true, existing: "refuse" } });
  await mkdir(downloads(project), { recursive: true });
  await writeFile(join(downloads(project), "a.errors.csv"), "somebody's own");
  const batch = await sendFaulty(project, "a.csv", { isRejected: true });
  const failed = await delivery(batch.id, "failed");
  expect(failed.error).toMatchObject({ code: "name_taken" });
  expect(await batchOf(batch.id)).toEqual(batch);
  const events = () =>
    hub.database.query
      .selectFrom("batch_events")
      .select(["event", "detail"])
      .where("batch_id", "=", batch.id)
      .execute();
  expect(await events()).toMatchObject([
    { event: "failed after the end", detail: { step: "deliver", code: "name_taken" } },
  ]);

  await rm(join(downloads(project), "a.errors.csv"));
  await retryBatch(hub.database, hub.publisher, { batchId: batch.id, actor: "test" });
  await delivery(batch.id, "done");
  expect(await readFile(join(downloads(project), "a.errors.csv"), "utf8")).toBe("the errors");
  expect(await batchOf(batch.id)).toEqual(batch);
  expect(await reportsOf(batch.run_id)).toHaveLength(1);
  expect((await events()).at(-1)).toMatchObject({ event: "retried", detail: { step: "deliver" } });
  const again = retryBatch(hub.database, hub.publisher, { batchId: batch.id, actor: "test" });
  await expect(again).rejects.toMatchObject({ code: "not_retryable" });
});

test.each([
  "deliver.claimed",
  "deliver.copied",
  "deliver.renamed",
  "deliver.recorded",
  "deliver.before-commit",
  "deliver.committed",
])("a rejected file's error file is delivered once, also when a courier is killed at %s", async (point) => {
  const project = await hub.project(withErrors);
  const killing = await killAt(hub, point);
  const batch = await sendFaulty(project, "a.csv", { isRejected: true });
  await killing.over();
  await delivery(batch.id, "done");
  expect(await namesIn(downloads(project))).toEqual(["a.errors.csv"]);
  expect(await deliveriesOf(batch.id)).toHaveLength(1);
  expect(await batchOf(batch.id)).toEqual(batch);
  expect(await reportsOf(batch.run_id)).toHaveLength(1);
});

test("what is wrapped is delivered wrapped, with its flag under its own name", async () => {
  const project = await hub.project({
    delivery: { to: "downloads", flag: true, errors: true, wrap: { as: "pgp" } },
  });
  const batch = await sendFaulty(project, "a.csv");
  expect(batch.status).toBe("partial");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv.gpg", "PURL_a.csv.gpg.flg", "a.errors.csv.gpg"]);
  expect(await readFile(join(downloads(project), "PURL_a.csv.gpg"), "utf8")).toBe("wrapped the result");
  expect((await deliveriesOf(batch.id)).map(({ artifact }) => artifact)).toEqual([
    "wrapped_result",
    "wrapped_errors",
    "flag",
  ]);
});

test("replaced where the profile wants it: whole at any moment, and never under the older one's flag", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", flag: true, existing: "replace" } });
  await send(project, "a.csv", "first");
  await using _ = await lastingLeases(hub.database);
  await hub.stack.armFailpoint("deliver.renamed", "stop");
  results.set("a.csv", Buffer.from("the second"));
  const arrivalId = await project.upload("a.csv", "id\n2\n", { published: true });
  await frozenCourier();
  await waitFor(
    () => readFile(join(downloads(project), "PURL_a.csv"), "utf8").then((text) => text === "the second"),
    SECONDS,
  );
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv"]);
  wakeCouriers();
  const batch = await ended(arrivalId);
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
  expect((await deliveriesOf(batch.id))[0]!.path).toBe("/spring/Downloads/PURL_a.csv");
});

test("an older file that comes late does not replace a newer one", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", existing: "replace" } });
  await mkdir(join(downloads(project), "PURL_a.csv"), { recursive: true });
  const older = await send(project, "a.csv", "older");
  expect(older).toMatchObject({ status: "failed", reason_code: "name_taken" });
  await rm(join(downloads(project), "PURL_a.csv"), { recursive: true });
  await send(project, "a.csv", "newer");
  await retryBatch(hub.database, hub.publisher, { batchId: older.id, actor: "test" });
  expect((await ended(older.arrival_id!)).status).toBe("completed");
  expect(await namesIn(downloads(project))).toEqual([`PURL_a (batch ${older.id}).csv`, "PURL_a.csv"]);
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("newer");
});

test("a rehearsed file does not take a real one's place, and a real one takes that of a rehearsed one", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", existing: "replace" } });
  await send(project, "a.csv", "real");
  await beginRehearsal(hub.database, project.projectId);
  const rehearsed = await send(project, "a.csv", "rehearsed");
  expect(rehearsed.status).toBe("completed");
  await send(project, "b.csv", "rehearsed");
  await makeProjectLive(hub.database, project.projectId);
  await send(project, "b.csv", "real");
  expect(await namesIn(downloads(project))).toEqual([`PURL_a (batch ${rehearsed.id}).csv`, "PURL_a.csv", "PURL_b.csv"]);
  for (const name of ["PURL_a.csv", "PURL_b.csv"]) {
    expect(await readFile(join(downloads(project), name), "utf8")).toBe("real");
  }
});

test("of two files of one name at the same time the newer one stays, however late the older one goes on", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", existing: "replace" } });
  await send(project, "a.csv", "before");
  await using _ = await lastingLeases(hub.database);
  await hub.stack.armFailpoint("deliver.copied", "stop");
  results.set("a.csv", Buffer.from("the older"));
  const older = await project.upload("a.csv", "id\n2\n", { published: true });
  await frozenCourier();
  // Its copy is made: what is left to do is to give it its name.
  expect((await send(project, "a.csv", "the newer")).status).toBe("completed");
  wakeCouriers();
  const { id, status } = await ended(older);
  expect(status).toBe("completed");
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("the newer");
  expect(await namesIn(downloads(project))).toEqual([`PURL_a (batch ${id}).csv`, "PURL_a.csv"]);
});

test("no flag announces what a newer batch has put in the place of its result meanwhile", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", flag: true, existing: "replace" } });
  const before = await send(project, "before.csv", "the newer");
  await using _ = await lastingLeases(hub.database);
  await hub.stack.armFailpoint("deliver.renamed", "stop");
  results.set("a.csv", Buffer.from("the older"));
  const older = await project.upload("a.csv", "id\n2\n", { published: true });
  await frozenCourier();
  // As a courier leaves it that has put a newer result there, and has its error file still to put.
  await hub.database.pool.query(
    `WITH newer AS (
       INSERT INTO batches (client_id, project_id, profile_version, table_name, run_id, source, file_name, size_bytes, sha256,
         status, ended_at)
       SELECT client_id, project_id, profile_version, table_name, run_id, source, 'newer.csv', size_bytes, sha256, status,
         ended_at
       FROM batches WHERE id = $1 RETURNING id)
     INSERT INTO deliveries (batch_id, artifact, destination, path, size_bytes, sha256)
     SELECT newer.id, artifact, destination, '/spring/Downloads/PURL_a.csv', size_bytes, sha256
     FROM newer, deliveries WHERE batch_id = $1 AND artifact = 'result'`,
    [before.id],
  );
  await writeFile(join(downloads(project), "PURL_a.csv"), "the newer");
  wakeCouriers();
  expect((await ended(older)).status).toBe("completed");
  expect(await namesIn(downloads(project))).not.toContain("PURL_a.csv.flg");
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("the newer");
});

test("refused where the profile wants it, until somebody has made room", async () => {
  const project = await hub.project({ ...accepting, delivery: { to: "downloads", flag: true, existing: "refuse" } });
  await send(project, "a.csv", "first");
  const second = await send(project, "a.csv", "the second");
  expect(second).toMatchObject({ status: "failed", reason_code: "name_taken" });
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("first");
  for (const name of await namesIn(downloads(project))) await rm(join(downloads(project), name));
  await retryBatch(hub.database, hub.publisher, { batchId: second.id, actor: "test" });
  expect((await ended(second.arrival_id!)).status).toBe("completed");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
});

const byMail = (replyBytes: number): Partial<ProfileInput> => ({
  incoming: { pgp: "require" },
  email: { senders: ["data@example.com"], replyBytes },
});

test("what came by e-mail goes back in the reply alone; what is too large for that lies in Downloads", async () => {
  const project = await hub.project(byMail(100_000));
  const small = await sendFaulty(project, "a.csv", { ...asMail });
  expect(small.status).toBe("partial");
  const rejected = await sendFaulty(project, "b.csv", { ...asMail, isRejected: true });
  expect(rejected.status).toBe("rejected");
  expect(existsSync(downloads(project))).toBe(false);
  const steps = await hub.database.query
    .selectFrom("steps")
    .select("kind")
    .where("batch_id", "=", rejected.id)
    .execute();
  expect(steps).toEqual([{ kind: "validate" }]);

  const errors = "x".repeat(100_001);
  await sendFaulty(project, "c.csv", { ...asMail, errors });
  const large = await sendFaulty(project, "d.csv", { ...asMail, errors, isRejected: true });
  await delivery(large.id, "done");
  expect(await namesIn(downloads(project))).toEqual(["PURL_c.csv.gpg", "c.errors.csv.gpg", "d.errors.csv.gpg"]);
});

test("what came by e-mail and is too large for a reply is no failure where nobody sees the project", async () => {
  const project = await hub.project(byMail(100_000));
  await hub.database.query
    .updateTable("accounts")
    .set({ enabled: false })
    .where("id", "=", project.accountId)
    .execute();
  const batch = await sendFaulty(project, "a.csv", { ...asMail, errors: "x".repeat(100_001) });
  expect(batch.status).toBe("partial");
  expect(await deliveriesOf(batch.id)).toEqual([]);
});

test("another batch's file of the same name is never replaced; the same bytes are delivered already", async () => {
  const project = await hub.project({ ...accepting, ...flagged });
  await send(project, "a.csv", "first");
  const second = await send(project, "a.csv", "other");
  const third = await send(project, "a.csv", "first");
  const name = `PURL_a (batch ${second.id}).csv`;
  expect(await namesIn(downloads(project))).toEqual([name, `${name}.flg`, "PURL_a.csv", "PURL_a.csv.flg"]);
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("first");
  expect(await readFile(join(downloads(project), name), "utf8")).toBe("other");
  expect((await deliveriesOf(second.id))[0]!.path).toBe(`/spring/Downloads/${name}`);
  expect((await deliveriesOf(third.id))[0]!.path).toBe("/spring/Downloads/PURL_a.csv");
});

test.each([
  "deliver.claimed",
  "deliver.copied",
  "deliver.renamed",
  "deliver.recorded",
  "deliver.before-commit",
  "deliver.committed",
])("a courier that is killed at %s leaves one result with its flag", async (point) => {
  const project = await hub.project(flagged);
  const killing = await killAt(hub, point);
  const [batch] = await Promise.all([send(project, "a.csv", "the result"), killing.over()]);
  expect(batch.status).toBe("completed");
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
  expect(await readFile(join(downloads(project), "PURL_a.csv"), "utf8")).toBe("the result");
  expect(await deliveriesOf(batch.id)).toHaveLength(2);
});

test.each(["deliver.claimed", "deliver.copied", "deliver.renamed"])(
  "a courier that comes back from %s after its lease has expired changes nothing",
  async (point) => {
    const project = await hub.project(flagged);
    await hub.stack.armFailpoint(point, "stop");
    const [batch] = await Promise.all([send(project, "a.csv", "the result"), frozenCourier()]);
    expect(batch.status).toBe("completed");
    // Gone: a client that has taken its file must not find it again.
    for (const name of await namesIn(downloads(project))) await rm(join(downloads(project), name));
    const linesBefore = fencedOff();
    wakeCouriers();
    await waitFor(() => fencedOff() > linesBefore, SECONDS);
    expect(await namesIn(downloads(project))).toEqual([]);
    expect(await deliveriesOf(batch.id)).toHaveLength(2);
  },
);

const COURIERS = ["courier", "courier#2"];
const wakeCouriers = () => wake(hub.stack, COURIERS);
const frozenCourier = () => standsStill(hub.stack, COURIERS);
const fencedOff = () =>
  COURIERS.flatMap((name) => hub.stack.recentLines(name)).filter((line) => /no longer ours|step_lost/.test(line))
    .length;

test("a link that leads nowhere is in the way, and is not followed", async () => {
  const project = await hub.project();
  await mkdir(downloads(project), { recursive: true });
  await symlink("nowhere", join(downloads(project), "PURL_a.csv"));
  const { id, status } = await send(project, "a.csv", "r");
  expect(status).toBe("completed");
  expect(await readFile(join(downloads(project), `PURL_a (batch ${id}).csv`), "utf8")).toBe("r");
});

test("a folder where the file belongs is in the way, not in danger", async () => {
  const project = await hub.project();
  await mkdir(join(downloads(project), "PURL_a.csv"), { recursive: true });
  const batch = await send(project, "a.csv", "r");
  expect(await namesIn(downloads(project))).toEqual([`PURL_a (batch ${batch.id}).csv`, "PURL_a.csv"]);
});

test("a result whose stored bytes are damaged is not delivered", async () => {
  const project = await hub.project();
  await Promise.all(COURIERS.map((name) => hub.stack.process(name).stop()));
  results.set("a.csv", Buffer.from("the result"));
  const arrivalId = await project.upload("a.csv", "id\n1\n", { published: true });
  const blob = await waitFor(async () => {
    const batch = (await hub.batches(project.projectId))[0];
    const path = batch && join(hub.stack.dataFolder, "blobs", project.profile.client, String(batch.id), "result");
    return path !== undefined && existsSync(path) && path;
  }, SECONDS);
  await writeFile(blob, "the desult");
  await Promise.all(COURIERS.map((name) => hub.stack.process(name).start()));
  expect(await ended(arrivalId)).toMatchObject({ status: "failed", reason_code: "result_damaged" });
  expect(await namesIn(downloads(project))).toEqual([]);
});

test.skipIf(!ssh)("a result is put on the client's own server, flag last, and never onto another file", async () => {
  const { project, folder } = await remoteProject(ssh!, "out1");
  const large = Buffer.alloc(9 * 1024 * 1024, "0123456789\n");
  const batch = await send(project, "a.csv", large);
  expect(batch.status).toBe("completed");
  expect((await readFile(join(folder, "PURL_a.csv"))).equals(large)).toBe(true);
  const second = await send(project, "a.csv", "other");
  await send(project, "a.csv", large);
  const other = `PURL_a (batch ${second.id}).csv`;
  expect(await namesIn(folder)).toEqual([other, `${other}.flg`, "PURL_a.csv", "PURL_a.csv.flg"]);
  expect(await deliveriesOf(batch.id)).toMatchObject([
    { destination: "sftp:127.0.0.1", path: join(folder, "PURL_a.csv"), sha256: sha256(large) },
    { artifact: "flag", path: join(folder, "PURL_a.csv.flg") },
  ]);
});

test.skipIf(!ssh)(
  "on a server, too, an error file comes before the flag, and that of a rejected file alone",
  async () => {
    const { project, folder } = await remoteProject(ssh!, "out7", {}, { errors: true });
    await sendFaulty(project, "a.csv");
    const rejected = await sendFaulty(project, "b.csv", { isRejected: true });
    await delivery(rejected.id, "done");
    expect(await namesIn(folder)).toEqual(["PURL_a.csv", "PURL_a.csv.flg", "a.errors.csv", "b.errors.csv"]);
    expect(await batchOf(rejected.id)).toEqual(rejected);
  },
);

test.skipIf(!ssh)("on a server, too, a file is replaced or refused as the profile says", async () => {
  const replacing = await remoteProject(ssh!, "out8", {}, { existing: "replace" });
  await send(replacing.project, "a.csv", "first");
  await using _ = await lastingLeases(hub.database);
  await hub.stack.armFailpoint("deliver.renamed", "stop");
  results.set("a.csv", Buffer.from("the second"));
  const arrivalId = await replacing.project.upload("a.csv", "id\n2\n", { published: true });
  await frozenCourier();
  expect(await namesIn(replacing.folder)).toEqual(["PURL_a.csv"]);
  wakeCouriers();
  expect((await ended(arrivalId)).status).toBe("completed");
  expect(await namesIn(replacing.folder)).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
  expect(await readFile(join(replacing.folder, "PURL_a.csv"), "utf8")).toBe("the second");

  const refusing = await remoteProject(ssh!, "out9", {}, { existing: "refuse" });
  await send(refusing.project, "a.csv", "first");
  expect(await send(refusing.project, "a.csv", "the second")).toMatchObject({
    status: "failed",
    reason_code: "name_taken",
  });
  expect(await readFile(join(refusing.folder, "PURL_a.csv"), "utf8")).toBe("first");
});

test.skipIf(!ssh)("a courier that is killed between result and flag on a server finishes there", async () => {
  const { project, folder } = await remoteProject(ssh!, "out2");
  const killing = await killAt(hub, "deliver.renamed");
  const [batch] = await Promise.all([send(project, "a.csv", "the result"), killing.over()]);
  expect(batch.status).toBe("completed");
  expect(await namesIn(folder)).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
});

test.skipIf(!ssh)("a server with another host key gets nothing, and the reason names both keys", async () => {
  const pinned = `SHA256:${"A".repeat(43)}`;
  const { project, folder } = await remoteProject(ssh!, "out3", { hostKey: pinned });
  const batch = await send(project, "a.csv", "the result");
  expect(batch).toMatchObject({ status: "failed", reason_code: "remote_host_key" });
  expect(batch.reason_message).toContain(pinned);
  for (const shown of Object.values(ssh!.hostKeys)) expect(batch.reason_message).toContain(shown);
  expect(await namesIn(folder)).toEqual([]);
});

test("nothing is sent to an internal address that is not allowed, nor to the hub's own servers", async () => {
  const server = { host: "127.0.0.2", port: 22, username: "x", secret: "erp", hostKey: `SHA256:${"A".repeat(43)}` };
  const { port } = new URL(hub.stack.redisUrl);
  for (const own of [server, { ...server, host: "127.0.0.1", port: Number(port) }]) {
    const project = await hub.project(
      { delivery: { to: "sftp", server: own, folder: "/in" } },
      { erp: Buffer.from("x") },
    );
    const batch = await send(project, "a.csv", "the result");
    expect(batch).toMatchObject({ status: "failed", reason_code: "remote_address_refused" });
    expect(batch.reason_message).toContain(`${own.host}:${own.port}`);
  }
});

test.skipIf(!ssh)("any of the server's host keys may be pinned", async () => {
  const { project, folder } = await remoteProject(ssh!, "out4", { hostKey: ssh!.hostKeys.rsa });
  expect((await send(project, "a.csv", "r")).status).toBe("completed");
  expect(await namesIn(folder)).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
});

test.skipIf(!ssh)("a folder that is missing on the server is a reason that somebody can act on", async () => {
  const { project, folder } = await remoteProject(ssh!, "out5");
  await rm(folder, { recursive: true });
  const batch = await send(project, "a.csv", "r");
  expect(batch).toMatchObject({ status: "failed", reason_code: "remote_missing" });
  expect(batch.reason_message).toContain(folder);
});

test.skipIf(!ssh)("a server that is away gets its result when it is back", async () => {
  const { project, folder } = await remoteProject(ssh!, "out6");
  await ssh!.stop();
  results.set("a.csv", Buffer.from("r"));
  const arrivalId = await project.upload("a.csv", "id\n1\n", { published: true });
  const failedOnce = async () => {
    const events = await hub.database.query
      .selectFrom("batch_events")
      .innerJoin("batches", "batches.id", "batch_events.batch_id")
      .select("detail")
      .where("batches.arrival_id", "=", arrivalId)
      .execute();
    return events.find(({ detail }) => detail.code === "remote_unreachable");
  };
  await waitFor(failedOnce, SECONDS);
  await ssh!.start();
  expect((await ended(arrivalId)).status).toBe("completed");
  expect(await namesIn(folder)).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
});

async function remoteProject(
  server: OpenSsh,
  name: string,
  overrides: Partial<OpenSsh["server"]> = {},
  handing: { errors?: boolean; existing?: "replace" | "refuse" } = {},
) {
  const folder = join(server.folder, name);
  await mkdir(folder);
  await chmod(folder, 0o700);
  const project = await hub.project({
    ...accepting,
    delivery: { to: "sftp", server: { ...server.server, ...overrides }, folder, flag: true, ...handing },
  });
  await hub.storeSecret(project.clientId, "erp", server.privateKey);
  return { project, folder };
}

async function addAccount(
  { clientId }: IntakeProject,
  username: string,
  options: { jail: string; enabled?: boolean; projects?: string[] },
) {
  await hub.database.query
    .insertInto("accounts")
    .values({ client_id: clientId, username, ...options })
    .execute();
}
