import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { appendFile, mkdir, readdir, readFile, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProfileInput } from "@inlet/contracts";
import { waitFor } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProfile } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";
import { standsStill, wake } from "../fixtures/stands-still.ts";
import { type IntakeHub, type IntakeProject, openIntakeHub } from "./hub.ts";
import { openSshServer } from "./openssh.ts";
import { lookOften, watching } from "./watching.ts";

const SECONDS = { timeoutMs: 30_000, what: "the watcher" };
const MAX_BYTES = 4 * 1024 * 1024;
const ssh = await openSshServer();

let hub: IntakeHub;
const { batchesOf, statusOf, failing, well, looks, lookNow } = watching(() => hub, "source_looks");
const WATCHERS = ["watcher", "watcher#2"];
let folders = 0;

describe.skipIf(!ssh)("a remote source", () => {
  beforeAll(async () => {
    hub = await openIntakeHub(["watcher", "watcher"], {
      WATCH_MS: "200",
      REMOTE_MS: "50",
      REMOTE_MAX_BYTES: String(MAX_BYTES),
      LOG_LEVEL: "debug",
    });
    await lookOften(hub.database, "source_looks");
  });
  afterAll(async () => {
    await hub?.stop();
    await ssh?.remove();
  });

  test("a file that stands still is fetched once, and stays where it is", async () => {
    const { project, folder } = await remoteProject();
    const content = Buffer.alloc(3 * 1024 * 1024 + 7, "id,name\n");
    await writeFile(join(folder, "a.csv"), content);
    const [batch] = await batchesOf(project, 1);
    expect(batch).toMatchObject({ file_name: "a.csv", source: "sftp", size_bytes: content.length, status: "received" });
    expect(batch!.sha256).toEqual(createHash("sha256").update(content).digest());
    const stored = join(hub.stack.dataFolder, "blobs", project.profile.client, String(batch!.id), "source");
    expect((await readFile(stored)).equals(content)).toBe(true);
    await looks(project, 3);
    expect(await hub.batches(project.projectId)).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["a.csv"]);
    expect(await auditOf(project, "remote.fetched")).toMatchObject([
      { path: join(folder, "a.csv"), outcome: "fetched" },
    ]);
  });

  test("a file that still grows is not fetched, whatever its time says", async () => {
    const { project, folder } = await remoteProject({ complete: { by: "stable", seconds: 2 } });
    const path = join(folder, "a.csv");
    const old = new Date("2020-01-01T00:00:00Z");
    let written = 0;
    for (let look = 0; look < 10; look += 1) {
      await appendFile(path, "x".repeat(100));
      await utimes(path, old, old);
      written += 100;
      await looks(project, 1);
      expect(await hub.batches(project.projectId)).toEqual([]);
    }
    expect(await batchesOf(project, 1)).toMatchObject([{ size_bytes: written }]);
  });

  test("an empty file is fetched too, and its sender will be told", async () => {
    const { project, folder } = await remoteProject();
    await writeFile(join(folder, "a.csv"), "");
    expect(await batchesOf(project, 1)).toMatchObject([{ file_name: "a.csv", size_bytes: 0 }]);
  });

  test("by flag: the data only when its flag is there, and a used flag announces nothing", async () => {
    const { project, folder } = await remoteProject({ complete: { by: "flag" } }, { duplicates: { name: "accept" } });
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    await looks(project, 3);
    expect(await hub.batches(project.projectId)).toEqual([]);
    await writeFile(join(folder, "a.csv.flg"), "");
    expect(await batchesOf(project, 1)).toMatchObject([{ file_name: "a.csv" }]);

    // The next file overwrites this one while the old flag still lies there.
    await writeFile(join(folder, "a.csv"), "id\n1\n2\n");
    await looks(project, 3);
    expect(await hub.batches(project.projectId)).toHaveLength(1);
    await writeFile(join(folder, "a.csv.flg"), "again");
    expect(await batchesOf(project, 2)).toMatchObject([{ size_bytes: 5 }, { size_bytes: 7 }]);
  });

  test("what a flag says is kept with the batch that it announced, and with no other", async () => {
    const { project, folder } = await remoteProject(
      { complete: { by: "flag" }, after: { action: "move", folder: "done" } },
      { duplicates: { name: "accept" } },
    );
    const flagsOf = async (batchId: number) => {
      const path = join(hub.stack.dataFolder, "blobs", project.profile.client, String(batchId), "flag");
      const rows = await hub.database.query
        .selectFrom("artifacts")
        .select(["name", "size_bytes", "sha256"])
        .where("batch_id", "=", batchId)
        .where("kind", "=", "flag")
        .execute();
      return rows.length === 0 ? undefined : { ...rows[0]!, text: await readFile(path, "utf8") };
    };
    const text = "records=1\n";
    await hub.stack.armFailpoint("watcher.fetch-committed");
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    await writeFile(join(folder, "a.csv.flg"), text);
    const [first] = await batchesOf(project, 1);
    expect(await flagsOf(first!.id)).toEqual({
      name: "a.csv.flg",
      size_bytes: text.length,
      sha256: createHash("sha256").update(text).digest(),
      text,
    });
    await waitFor(async () => (await readdir(folder)).length === 1, SECONDS);
    expect((await readdir(join(folder, "done"))).sort()).toEqual(["a.csv", "a.csv.flg"]);

    await writeFile(join(folder, "b.csv"), "id\n2\n");
    await writeFile(join(folder, "b.csv.flg"), "");
    const [, second] = await batchesOf(project, 2);
    expect(await flagsOf(second!.id)).toMatchObject({ name: "b.csv.flg", text: "" });

    const long = "x".repeat(2 * 1024 * 1024);
    await writeFile(join(folder, "c.csv"), "id\n3\n");
    await writeFile(join(folder, "c.csv.flg"), long);
    const [, , third] = await batchesOf(project, 3);
    expect(await flagsOf(third!.id)).toMatchObject({ size_bytes: 64 * 1024, text: long.slice(0, 64 * 1024) });
    const { rows } = await hub.database.pool.query("SELECT FROM arrivals WHERE flag IS NOT NULL");
    expect(rows).toEqual([]);
  });

  test("a file that was fetched is moved aside; the same name again is a file of its own", async () => {
    const { project, folder } = await remoteProject({
      complete: { by: "flag" },
      after: { action: "move", folder: "done" },
    });
    const drop = async (content: string) => {
      await writeFile(join(folder, "a.csv"), content);
      await writeFile(join(folder, "a.csv.flg"), "");
    };
    await drop("id\n1\n");
    await batchesOf(project, 1);
    await waitFor(async () => (await readdir(folder)).length === 1, SECONDS);
    expect((await readdir(join(folder, "done"))).sort()).toEqual(["a.csv", "a.csv.flg"]);

    // To the byte and the second the same: it is visible as a duplicate, not passed over.
    await rename(join(folder, "done/a.csv"), join(folder, "a.csv"));
    await writeFile(join(folder, "done/a.csv"), "in the way");
    await writeFile(join(folder, "a.csv.flg"), "");
    const [first, second] = await batchesOf(project, 2);
    expect([first!.status, second!.status]).toEqual(["received", "duplicate"]);
    await waitFor(async () => (await readdir(folder)).length === 1, SECONDS);
    expect((await readdir(join(folder, "done"))).sort()).toEqual([
      `a (arrival ${second!.arrival_id}).csv`,
      "a.csv",
      `a.csv (arrival ${second!.arrival_id}).flg`,
      "a.csv.flg",
    ]);
  });

  test("a file that is overwritten between fetch and move is not moved aside unread", async () => {
    const { project, folder } = await remoteProject(
      { after: { action: "move", folder: "done" } },
      { duplicates: { name: "accept" } },
    );
    await hub.stack.armFailpoint("watcher.fetch-committed", "stop");
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    await standsStill(hub.stack, WATCHERS);
    await writeFile(join(folder, "a.csv"), "id\n1\n2\n");
    wake(hub.stack, WATCHERS);
    expect(await batchesOf(project, 2)).toMatchObject([{ size_bytes: 5 }, { size_bytes: 7 }]);
    await waitFor(async () => (await readdir(folder)).join() === "done", SECONDS);
    expect(await readdir(join(folder, "done"))).toEqual(["a.csv"]);
    expect(await readFile(join(folder, "done/a.csv"), "utf8")).toBe("id\n1\n2\n");
  });

  test("a file that was overwritten, and whose name is taken again before it is moved back, is told about and kept", async () => {
    const { project, folder } = await remoteProject(
      { after: { action: "move", folder: "done" } },
      { duplicates: { name: "accept" } },
    );
    await hub.stack.armFailpoint("watcher.fetch-committed", "stop");
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    await standsStill(hub.stack, WATCHERS);
    await writeFile(join(folder, "a.csv"), "id\n1\n2\n");
    await hub.stack.armFailpoint("watcher.moved-aside", "stop");
    wake(hub.stack, WATCHERS);
    await standsStill(hub.stack, WATCHERS);
    await writeFile(join(folder, "a.csv"), "id\n1\n2\n3\n");
    wake(hub.stack, WATCHERS);
    const status = await failing(project, "remote_overwritten");
    expect(status.errorMessage).toContain(`is now ${join(folder, "done/a.csv")} and was not imported`);
    expect(await readFile(join(folder, "done/a.csv"), "utf8")).toBe("id\n1\n2\n");
    // The newest one is a file like any other; the one in between is nowhere taken for it.
    expect(await batchesOf(project, 2)).toMatchObject([{ size_bytes: 5 }, { size_bytes: 9 }]);
    await waitFor(async () => (await readdir(folder)).join() === "done", SECONDS);
    expect(await readdir(join(folder, "done"))).toHaveLength(2);
  });

  test("another file under a remembered name is fetched as a new one", async () => {
    const { project, folder } = await remoteProject({}, { duplicates: { name: "accept" } });
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    await batchesOf(project, 1);
    await writeFile(join(folder, "a.csv"), "id\n2\n3\n");
    expect(await batchesOf(project, 2)).toMatchObject([{ size_bytes: 5 }, { size_bytes: 7 }]);
  });

  test("what is hidden, unfinished, a folder or a link is left alone", async () => {
    const { project, folder } = await remoteProject();
    await writeFile(join(folder, "outside"), "secret");
    await rename(join(folder, "outside"), join(folder, "../outside"));
    await symlink(join(folder, "../outside"), join(folder, "link.csv"));
    await mkdir(join(folder, "folder.csv"));
    for (const name of [".a.csv", "a.csv.filepart", "b.part", "c.tmp", "good.csv"])
      await writeFile(join(folder, name), "x");
    await batchesOf(project, 1);
    await looks(project, 3);
    expect((await hub.batches(project.projectId)).map((batch) => batch.file_name)).toEqual(["good.csv"]);
  });

  test("a file that cannot be taken is told about and holds up no other", async () => {
    const { project, folder } = await remoteProject();
    await writeFile(join(folder, "large.csv"), Buffer.alloc(MAX_BYTES + 1));
    await writeFile(join(folder, "small.csv"), "id\n1\n");
    expect(await batchesOf(project, 1)).toMatchObject([{ file_name: "small.csv" }]);
    const status = await failing(project, "remote_file_too_large");
    expect(status.errorMessage).toContain("large.csv");
    await rm(join(folder, "large.csv"));
    await well(project);
  });

  test("another host key is refused with both keys named, and the right one mends it at once", async () => {
    const pinned = `SHA256:${"A".repeat(43)}`;
    const { project, folder, profile } = await remoteProject({ server: { ...ssh!.server, hostKey: pinned } });
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    const status = await failing(project, "remote_host_key");
    expect(status.errorMessage).toContain(pinned);
    expect(status.errorMessage).toContain(ssh!.hostKeys.ed25519);
    expect(await hub.batches(project.projectId)).toEqual([]);
    await live(hub.database, buildProfile({ ...profile, source: sourceOf(folder) }));
    expect(await batchesOf(project, 1)).toHaveLength(1);
    await well(project);
    expect((await auditOf(project, "source.failing")).map((row) => row.outcome)).toEqual(["remote_host_key"]);
    expect(await auditOf(project, "source.recovered")).toHaveLength(1);
  });

  test("an internal address that is not allowed is not asked for files", async () => {
    const { project } = await remoteProject({ server: { ...ssh!.server, host: "127.0.0.2" } });
    expect((await failing(project, "remote_address_refused")).errorMessage).toContain("127.0.0.2");
  });

  test("a secret that is missing or refused is told about, and a new one mends it at once", async () => {
    const { project, folder } = await remoteProject({}, {}, {});
    await failing(project, "secret_missing");
    await hub.storeSecret(project.clientId, "erp", Buffer.from("a password, where only keys are taken"));
    await failing(project, "remote_login_refused");
    await hub.storeSecret(project.clientId, "erp", ssh!.privateKey);
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    expect(await batchesOf(project, 1)).toHaveLength(1);
  });

  test("a profile that is changed while a look is under way is looked at as it is now, and not after a pause", async () => {
    const never = { pollSeconds: 3_600, complete: { by: "flag" } } as const;
    const { project, folder, profile } = await remoteProject(never);
    await well(project);
    const drop = async (at: string) => {
      await writeFile(join(at, "a.csv"), at);
      await writeFile(join(at, "a.csv.flg"), "");
    };
    const [second, third] = [`${folder} second`, `${folder} third`];
    for (const each of [second, third]) await mkdir(each).then(() => drop(each));
    await hub.stack.armFailpoint("watcher.fetched", "stop");
    await live(hub.database, buildProfile({ ...profile, source: { ...sourceOf(second), ...never } }));
    await standsStill(hub.stack, WATCHERS);
    await live(hub.database, buildProfile({ ...profile, source: { ...sourceOf(third), ...never } }));
    wake(hub.stack, WATCHERS);
    expect((await batchesOf(project, 2)).map(({ size_bytes }) => size_bytes)).toEqual([second.length, third.length]);
  });

  test("a server that is away is asked less and less often, and goes on when it is back", async () => {
    const { project, folder } = await remoteProject();
    await well(project);
    await ssh!.stop();
    await writeFile(join(folder, "a.csv"), "id\n1\n");
    const first = await failing(project, "remote_unreachable");
    expect(first.nextLookAt.getTime() - first.lookedAt!.getTime()).toBeGreaterThanOrEqual(2_000);
    await lookNow(project, first);
    const second = await waitFor(async () => {
      const status = await statusOf(project);
      return status !== undefined && status.failures > 1 && status;
    }, SECONDS);
    expect(second.nextLookAt.getTime() - second.lookedAt!.getTime()).toBeGreaterThanOrEqual(4_000);
    await ssh!.start();
    await lookNow(project);
    expect(await batchesOf(project, 1)).toHaveLength(1);
  });

  test.each(["watcher.fetched", "watcher.fetch-committed"])(
    "a watcher that is killed at %s fetches each file once, and moves it aside",
    async (point) => {
      const { project, folder } = await remoteProject({ after: { action: "move", folder: "done" } });
      await hub.stack.armFailpoint(point);
      await writeFile(join(folder, "a.csv"), "id\n1\n");
      await writeFile(join(folder, "b.csv"), "id\n2\n");
      await batchesOf(project, 2);
      await waitFor(async () => (await readdir(folder)).join() === "done", SECONDS);
      expect(existsSync(join(hub.stack.stateFolder, "failpoints", point))).toBe(false);
      expect((await readdir(join(folder, "done"))).sort()).toEqual(["a.csv", "b.csv"]);
      await looks(project, 2);
      expect((await hub.batches(project.projectId)).map((batch) => batch.file_name)).toEqual(["a.csv", "b.csv"]);
    },
  );
});

const sourceOf = (folder: string): Extract<ProfileInput["source"], { kind: "sftp" }> => ({
  kind: "sftp",
  server: ssh!.server,
  folder,
  pollSeconds: 1,
  complete: { by: "stable", seconds: 1 },
});

async function remoteProject(
  source: Partial<ReturnType<typeof sourceOf>> = {},
  overrides: Partial<ProfileInput> = {},
  secrets: Record<string, Buffer> = { erp: ssh!.privateKey },
) {
  folders += 1;
  const folder = join(ssh!.folder, `in${folders}`);
  await mkdir(folder);
  const project = await hub.project({ ...overrides, source: { ...sourceOf(folder), ...source } }, secrets);
  return { project, folder, profile: project.profile };
}

const auditOf = async ({ profile }: IntakeProject, action: string) =>
  (
    await hub.database.query.selectFrom("audit").selectAll().where("action", "=", action).orderBy("id").execute()
  ).filter((row) => row.detail.client === profile.client);
