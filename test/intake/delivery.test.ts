import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { ProfileInput } from "@inlet/contracts";
import { advance, retryBatch, runStage } from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type IntakeHub, type IntakeProject, openIntakeHub } from "./hub.ts";
import { type OpenSsh, openSshServer } from "./openssh.ts";

const SECONDS = { timeoutMs: 30_000, what: "the courier" };
const ssh = await openSshServer();

let hub: IntakeHub;
let blobs: Blobs;
let workers: { close(): Promise<void> }[];
/** What the stages before make as the result of a file, by its name. */
const results = new Map<string, Buffer>();

beforeAll(async () => {
  hub = await openIntakeHub(["watcher", "courier", "courier"], {
    WATCH_MS: "200",
    RECONCILE_MS: "100",
    LEASE_MS: "2000",
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
    await runStage("validate", async () => advance(), options),
    await runStage(
      "personalise",
      async ({ step }) => {
        const stored = await blobs.put(`${step.client}/${step.batchId}/result`, results.get(step.fileName)!);
        return advance({
          artifacts: [{ ...stored, blobKey: stored.key, kind: "result", name: `PURL_${step.fileName}` }],
        });
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
  await hub.stack.armFailpoint("deliver.renamed", "stop");
  results.set("a.csv", Buffer.from("r"));
  const arrivalId = await project.upload("a.csv", "id\n1\n", { published: true });
  await waitFor(() => existsSync(join(downloads(project), "PURL_a.csv")), SECONDS);
  await waitFor(() => !existsSync(join(hub.stack.stateFolder, "failpoints/deliver.renamed")), SECONDS);
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv"]);
  wakeCouriers();
  const batch = await ended(arrivalId);
  expect(await namesIn(downloads(project))).toEqual(["PURL_a.csv", "PURL_a.csv.flg"]);
  expect((await deliveriesOf(batch.id)).map((row) => row.path)).toEqual([
    "/spring/Downloads/PURL_a.csv",
    "/spring/Downloads/PURL_a.csv.flg",
  ]);
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
  await hub.stack.armFailpoint(point);
  const batch = await send(project, "a.csv", "the result");
  await waitFor(() => !existsSync(join(hub.stack.stateFolder, "failpoints", point)), SECONDS);
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
    const batch = await send(project, "a.csv", "the result");
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
const wakeCouriers = () => {
  for (const name of COURIERS) hub.stack.process(name).signal("SIGCONT");
};
const fencedOff = () =>
  COURIERS.flatMap((name) => hub.stack.recentLines(name)).filter((line) => /no longer ours|step_lost/.test(line))
    .length;

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

test.skipIf(!ssh)("a courier that is killed between result and flag on a server finishes there", async () => {
  const { project, folder } = await remoteProject(ssh!, "out2");
  await hub.stack.armFailpoint("deliver.renamed");
  const batch = await send(project, "a.csv", "the result");
  expect(batch.status).toBe("completed");
  expect(existsSync(join(hub.stack.stateFolder, "failpoints/deliver.renamed"))).toBe(false);
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

async function remoteProject(server: OpenSsh, name: string, overrides: Partial<OpenSsh["server"]> = {}) {
  const folder = join(server.folder, name);
  await mkdir(folder);
  await chmod(folder, 0o700);
  const project = await hub.project({
    ...accepting,
    delivery: { to: "sftp", server: { ...server.server, ...overrides }, folder, flag: true },
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
