import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  access,
  appendFile,
  constants,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { debianTool } from "@inlet/stack";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sha256, type TestAccount, TestGateway } from "./gateway.ts";

/** Mounting needs the kernel's part, which containers often lack, and, without a setuid helper, root. */
const canMount =
  process.getuid?.() === 0 &&
  (await access("/dev/fuse", constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  ));
const sshfs = canMount ? await debianTool("sshfs") : undefined;

describe.skipIf(!sshfs)("sshfs", () => {
  let gateway: TestGateway;
  let acme: TestAccount;
  let mounted: string;
  let mounting: ChildProcess;

  beforeAll(async () => {
    gateway = await TestGateway.open();
    await gateway.project();
    acme = await gateway.account("acme");
    mounted = join(gateway.work, "mounted");
    await mkdir(mounted);
    const options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", `IdentityFile="${acme.keyFile}"`];
    mounting = spawn(
      sshfs?.command ?? "",
      ["-f", "-p", `${gateway.port}`, ...options.flatMap((option) => ["-o", option]), "acme@127.0.0.1:/", mounted],
      { env: sshfs?.env, stdio: "ignore" },
    );
    await gateway.waitFor("the mount", async () => existsSync(join(mounted, "spring/Uploads")));
  });
  afterAll(async () => {
    // It unmounts when it is asked to end.
    if (mounting.exitCode === null) {
      mounting.kill("SIGTERM");
      await once(mounting, "exit");
    }
    await gateway.stop();
  });

  const at = (name: string) => join(mounted, "spring/Uploads", name);
  const waiting = (name: string) =>
    gateway.waitFor(`${name} to arrive`, async () => (await gateway.waiting(acme)).includes(`/spring/Uploads/${name}`));

  test("copies, overwrites, appends, renames and removes like a folder of one's own", async () => {
    const bytes = randomBytes(5_000_000);
    const local = await gateway.file("local.bin", bytes);
    await copyFile(local, at("copied.csv"));
    await waiting("copied.csv");
    expect(sha256(await readFile(at("copied.csv")))).toBe(sha256(bytes));
    // The kernel tells sshfs of a close afterwards, so that the next open may get ahead of it and be refused.
    await writeFile(at("small.csv"), "first\n");
    await waiting("small.csv");
    await writeFile(at("small.csv"), "second\n");
    await waiting("small.csv");
    await appendFile(at("small.csv"), "third\n");
    await waiting("small.csv");
    expect(await readFile(acme.onDisk("/spring/Uploads/small.csv"), "utf8")).toBe("second\nthird\n");
    await rename(at("small.csv"), at("renamed.csv"));
    await waiting("renamed.csv");
    await rm(at("copied.csv"));
    expect((await readdir(at(""))).sort()).toEqual(["renamed.csv"]);
    expect(await gateway.waiting(acme)).toEqual(["/spring/Uploads/renamed.csv"]);
  });

  test("finds nothing else, and makes no folders", async () => {
    expect(await readdir(mounted)).toEqual(["spring"]);
    await expect(mkdir(at("folder"))).rejects.toThrow(/EACCES|EPERM/);
    await expect(writeFile(join(mounted, "spring/Downloads/a.csv"), "a")).rejects.toThrow(/EACCES|EPERM/);
    await expect(writeFile(join(mounted, "a.csv"), "a")).rejects.toThrow(/EACCES|EPERM/);
  });
});
