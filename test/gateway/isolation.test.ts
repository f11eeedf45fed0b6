import { link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RawClient, type TestAccount, TestGateway } from "./gateway.ts";

let gateway: TestGateway;
let acme: TestAccount;
let rival: TestAccount;
let sibling: TestAccount;
let attacker: RawClient;

const SECRET = "acme's own rows\n";

beforeAll(async () => {
  gateway = await TestGateway.open();
  await gateway.project();
  await gateway.project({ project: "hidden", folders: { uploads: "/hidden/Uploads", downloads: "/hidden/Downloads" } });
  // The other client's project has the very same folders.
  await gateway.project({ client: "rival" });
  acme = await gateway.account("acme");
  rival = await gateway.account("rival", { client: "rival" });
  sibling = await gateway.account("sibling", { projects: ["spring"] });
  const victim = await gateway.connect(acme);
  await victim.put("/spring/Uploads/rows.csv", SECRET);
  await victim.put("/spring/Uploads/part.csv.part", SECRET);
  await victim.put("/hidden/Uploads/rows.csv", SECRET);
  await victim.end();
  for (const name of ["PURL_rows.csv", "other.csv"]) {
    await writeFile(acme.onDisk(`/spring/Downloads/${name}`), SECRET);
  }
  attacker = await gateway.connect(rival);
  await attacker.put("/spring/Uploads/own.csv", "rival\n");
});
afterAll(() => gateway.stop());

/** Everything that is acme's, on disk and in the database, to see that nothing of it has changed. */
async function belongings() {
  const files = await readdir(acme.onDisk("/"), { recursive: true, withFileTypes: true });
  const contents = files
    .filter((entry) => entry.isFile())
    .map(async (entry) => `${entry.name}: ${await readFile(join(entry.parentPath, entry.name), "utf8")}`);
  return { contents: (await Promise.all(contents)).sort(), arrivals: await gateway.arrivals(acme) };
}

/** Ways to write the path of acme's file, as seen from the rival's session. */
const paths = (): string[] => {
  const jail = `accounts/${acme.jail}`;
  const up = "../".repeat(12);
  return [
    `/${jail}/spring/Uploads/rows.csv`,
    `${gateway.stack.dataFolder}/${jail}/spring/Uploads/rows.csv`,
    acme.onDisk("/spring/Uploads/rows.csv"),
    `../${acme.jail}/spring/Uploads/rows.csv`,
    `/../${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/../../../${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/../../../../accounts/${acme.jail}/spring/Uploads/rows.csv`,
    `${up}${acme.onDisk("/spring/Uploads/rows.csv").slice(1)}`,
    `/spring/Uploads/${up}${acme.onDisk("/spring/Uploads/rows.csv").slice(1)}`,
    `/spring/Uploads/./.././../../${acme.jail}/spring/Uploads/rows.csv`,
    `//spring//Uploads//..//..//..//${acme.jail}//spring//Uploads//rows.csv`,
    `/spring/Uploads/..%2f..%2f..%2f${acme.jail}%2fspring%2fUploads%2frows.csv`,
    `/spring/Uploads/%2e%2e/%2e%2e/%2e%2e/${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/..\\..\\..\\${acme.jail}\\spring\\Uploads\\rows.csv`,
    `\\..\\..\\${acme.jail}\\spring\\Uploads\\rows.csv`,
    `/spring/Uploads/..;/..;/${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/\u2025/\u2025/${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/．．/．．/${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/..\0/../${acme.jail}/spring/Uploads/rows.csv`,
    `/spring/Uploads/rows.csv\0.csv`,
    `~acme/spring/Uploads/rows.csv`,
    `~/../${acme.jail}/spring/Uploads/rows.csv`,
    `/proc/self/cwd/accounts/${acme.jail}/spring/Uploads/rows.csv`,
    `/proc/self/root${acme.onDisk("/spring/Uploads/rows.csv")}`,
    `/dev/fd/3`,
    `file://${acme.onDisk("/spring/Uploads/rows.csv")}`,
    `/Spring/Uploads/rows.csv`,
    `/spring/Uploads/rows.csv`,
    `/spring/Uploads/part.csv.part`,
    `/spring/Downloads/PURL_rows.csv`,
    `/hidden/Uploads/rows.csv`,
    `/etc/passwd`,
    `/etc/hostname`,
    `/host-keys/ssh_host_ed25519_key`,
    `../../host-keys/ssh_host_ed25519_key`,
    `/spring/Uploads/../../../../host-keys/ssh_host_ed25519_key`,
  ];
};

describe("another client's account", () => {
  test("cannot look at, open, change, delete or rename a file by any path", async () => {
    const before = await belongings();
    for (const path of paths()) {
      const refused = (asked: Promise<unknown>) => expect(asked, JSON.stringify(path)).rejects.toThrow();
      await refused(attacker.stat(path));
      await refused(attacker.ask((sftp, done) => sftp.lstat(path, done)));
      await refused(attacker.open(path, "r"));
      await refused(attacker.open(path, "r+"));
      await refused(attacker.setStat(path, { size: 0 }));
      await refused(attacker.setStat(path, { mode: 0o777 }));
      await refused(attacker.list(path));
      await refused(attacker.remove(path));
      await refused(attacker.rename(path, "/spring/Uploads/taken.csv"));
      await refused(attacker.ask((sftp, done) => sftp.readlink(path, done)));
      await refused(attacker.ask((sftp, done) => sftp.symlink(path, "/spring/Uploads/link.csv", done)));
      await refused(attacker.ask((sftp, done) => sftp.symlink("/spring/Uploads/own.csv", path, done)));
      await refused(attacker.ask((sftp, done) => sftp.mkdir(path, done)));
      await refused(attacker.ask((sftp, done) => sftp.rmdir(path, done)));
    }
    expect(await belongings()).toEqual(before);
    expect(await attacker.list("/spring/Uploads")).toEqual(["own.csv"]);
  });

  test("cannot write or rename to anywhere outside its own Uploads", async () => {
    const before = await belongings();
    for (const path of paths()) {
      // In its own folder these names are its own business.
      for (const attempt of [
        async () => attacker.close(await attacker.open(path, "w")),
        async () => attacker.rename("/spring/Uploads/own.csv", path),
      ]) {
        await attempt().catch(() => {});
        expect(await belongings(), JSON.stringify(path)).toEqual(before);
      }
      for (const name of await attacker.list("/spring/Uploads")) {
        if (name !== "own.csv") await attacker.remove(`/spring/Uploads/${name}`);
      }
      if ((await attacker.list("/spring/Uploads")).length === 0)
        await attacker.put("/spring/Uploads/own.csv", "rival\n");
    }
    const outside = await readdir(gateway.stack.dataFolder);
    expect(outside.filter((name) => !["accounts", "host-keys", "blobs", "claimed"].includes(name))).toEqual([]);
    expect((await readdir(join(gateway.stack.dataFolder, "accounts"))).sort()).toEqual([acme.jail, rival.jail].sort());
  });

  test("sees its own tree alone", async () => {
    expect(await attacker.list("/")).toEqual(["spring"]);
    expect(await attacker.list("/spring")).toEqual(["Downloads", "Uploads"]);
    expect(await attacker.list("/spring/Downloads")).toEqual([]);
    for (const path of ["..", "/..", "/../..", "/spring/../../..", "////"]) {
      expect(await attacker.list(path)).toEqual(["spring"]);
      expect(await attacker.ask<string>((sftp, done) => sftp.realpath(path, done))).toBe("/");
    }
  });
});

test("an account that is limited to one project does not find the other, nor another account's files", async () => {
  const client = await gateway.connect(sibling);
  expect(await client.list("/")).toEqual(["spring"]);
  for (const path of ["/hidden", "/hidden/Uploads", "/hidden/Uploads/rows.csv", "/spring/../hidden/Uploads/rows.csv"]) {
    await expect(client.stat(path), path).rejects.toThrow(/No such file/);
  }
  await expect(client.put("/hidden/Uploads/x.csv", "x")).rejects.toThrow();
  expect(await client.list("/spring/Uploads")).toEqual([]);
  await client.end();
});

describe("what no client can make, should it lie in a jail all the same", () => {
  test("links, folders and pipes are not followed, not listed, not replaced", async () => {
    const own = (name: string) => rival.onDisk(`/spring/Uploads/${name}`);
    await symlink(acme.onDisk("/spring/Uploads/rows.csv"), own("file-link.csv"));
    await symlink(acme.onDisk("/spring/Uploads"), own("folder-link"));
    await symlink("/etc/passwd", own("passwd"));
    await symlink(own("nowhere"), own("dangling.csv"));
    await symlink(acme.onDisk("/spring/Downloads/PURL_rows.csv"), rival.onDisk("/spring/Downloads/result.csv"));
    await mkdir(own("folder"));
    const before = await belongings();
    expect(await attacker.list("/spring/Uploads")).toEqual(["own.csv"]);
    expect(await attacker.list("/spring/Downloads")).toEqual([]);
    for (const name of ["file-link.csv", "folder-link", "folder-link/rows.csv", "passwd", "dangling.csv", "folder"]) {
      const path = `/spring/Uploads/${name}`;
      for (const flags of ["r", "r+", "w", "a", "wx"])
        await expect(attacker.open(path, flags), `${path} ${flags}`).rejects.toThrow();
      await expect(attacker.stat(path)).rejects.toThrow();
      await expect(attacker.remove(path)).rejects.toThrow();
      await expect(attacker.rename(path, "/spring/Uploads/taken.csv")).rejects.toThrow();
      await attacker.rename("/spring/Uploads/own.csv", path).then(
        () => expect.fail(`${path} was replaced`),
        () => {},
      );
    }
    await expect(attacker.open("/spring/Downloads/result.csv", "r")).rejects.toThrow();
    expect(await belongings()).toEqual(before);
    expect(await attacker.list("/spring/Uploads")).toEqual(["own.csv"]);
  });

  test("a folder that is a link, or lies behind one, is unreachable, and so is what it leads to", async () => {
    await gateway.project({ client: "rival", project: "linked", folders: { uploads: "/linked/Uploads" } });
    await gateway.project({ client: "rival", project: "behind", folders: { uploads: "/behind/Uploads" } });
    await mkdir(rival.onDisk("/linked"), { recursive: true });
    await symlink(acme.onDisk("/spring/Uploads"), rival.onDisk("/linked/Uploads"));
    await symlink(acme.onDisk("/spring"), rival.onDisk("/behind"));
    const before = await belongings();
    const client = await gateway.connect(rival);
    for (const project of ["linked", "behind"]) {
      await gateway.waitFor("the new project", async () => (await client.list("/")).includes(project));
      const path = `/${project}/Uploads`;
      await expect(client.open(`${path}/rows.csv`, "r"), project).rejects.toThrow();
      await expect(client.stat(`${path}/rows.csv`), project).rejects.toThrow();
      await expect(client.open(`${path}/new.csv`, "w"), project).rejects.toThrow();
      await expect(client.remove(`${path}/rows.csv`), project).rejects.toThrow();
      expect(await client.list(path).catch(() => []), project).toEqual([]);
    }
    await client.end();
    expect(await belongings()).toEqual(before);
  });

  test("a second name of another account's file is not opened for writing", async () => {
    await link(acme.onDisk("/spring/Uploads/rows.csv"), rival.onDisk("/spring/Uploads/hard.csv"));
    await expect(attacker.open("/spring/Uploads/hard.csv", "r+")).rejects.toThrow();
    await attacker.put("/spring/Uploads/hard.csv", "overwritten\n");
    expect(await readFile(acme.onDisk("/spring/Uploads/rows.csv"), "utf8")).toBe(SECRET);
    await attacker.remove("/spring/Uploads/hard.csv");
  });
});

test("names that would mislead people or programs are refused, unusual ones are not", async () => {
  const bad = [
    "a\\b.csv",
    "a\nb.csv",
    "a\u0000b.csv",
    "a\u001b[31m.csv",
    "invoice\u202efdp.csv",
    " ",
    "n".repeat(256),
    "\u009b.csv",
  ];
  for (const name of bad)
    await expect(attacker.put(`/spring/Uploads/${name}`, "x"), JSON.stringify(name)).rejects.toThrow();
  const good = [
    "Übersicht 2026 (1).csv",
    "נתונים.csv",
    "売上.csv",
    `${"n".repeat(251)}.csv`,
    "'; DROP TABLE arrivals;--.csv",
    "$(id).csv",
  ];
  for (const name of good) {
    await attacker.put(`/spring/Uploads/${name}`, "x");
    expect(await attacker.list("/spring/Uploads")).toContain(name);
    await attacker.remove(`/spring/Uploads/${name}`);
  }
});
