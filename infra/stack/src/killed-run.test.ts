import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { openDatabase } from "@inlet/database";
import { afterEach, beforeEach, expect, it } from "vitest";
import { processesIn, sendSignal } from "./processes.ts";
import { removeServerHome } from "./server-home.ts";
import { openStack } from "./stack.ts";
import { waitFor } from "./wait-for.ts";

/** A run of its own, which can be killed: it opens a lasting stack and says so. */
const RUN = fileURLToPath(new URL("./lasting-run.ts", import.meta.url));

let stateFolder: string;
let home: string;
let run: ChildProcess;

beforeEach(async () => {
  stateFolder = await realpath(await mkdtemp(path.join(os.tmpdir(), "inlet killed ")));
});
afterEach(async () => {
  run.kill("SIGKILL");
  await waitFor(() => running().length === 0, { timeoutMs: 30_000, what: "all processes to end" });
  await removeServerHome(home);
  await rm(stateFolder, { recursive: true });
});

async function startRun(): Promise<void> {
  run = fork(RUN, [stateFolder], { stdio: "inherit" });
  const [message] = await Promise.race([once(run, "message"), once(run, "exit")]);
  expect(message).toBe("open");
  home = await realpath(path.join(stateFolder, "servers"));
}

/** Whether PostgreSQL waits until a commit is on the disk, as a hub that is to last has to. */
async function isDurable(databaseUrl: string): Promise<boolean> {
  const database = openDatabase(databaseUrl, { applicationName: "test" });
  const { rows } = await database.pool.query("SHOW fsync");
  await database.close();
  return rows[0].fsync === "on";
}

const running = () => [stateFolder, home].flatMap(processesIn);

it("a killed run leaves no process for long, and the next start finds its data", async () => {
  await startRun();
  expect(running().length).toBeGreaterThan(3);
  const password = await readFile(path.join(home, "postgres-password"), "utf8");
  const isGone = once(run, "exit");
  run.kill("SIGKILL");
  await isGone;
  await waitFor(() => running().length === 0, { timeoutMs: 30_000, what: "all processes to end" });
  const stack = await openStack({ stateFolder, services: [] });
  expect(new URL(stack.databaseUrl).password).toBe(password);
  expect(await isDurable(stack.databaseUrl)).toBe(true);
  await stack.stop();
  expect(running()).toEqual([]);
});

it("a start right after a kill, with a stranger's pid in PostgreSQL's pid file, succeeds", async () => {
  await startRun();
  // The run holds the folder until it is gone, which a busy machine takes a moment for.
  const isGone = once(run, "exit");
  for (const pid of [run.pid ?? 0, ...running()]) sendSignal(pid, "SIGKILL");
  await isGone;
  await waitFor(() => running().length === 0, { timeoutMs: 30_000, what: "all processes to end" });
  const pidFile = path.join(home, "postgres/postmaster.pid");
  const [, ...rest] = (await readFile(pidFile, "utf8")).split("\n");
  await writeFile(pidFile, [process.pid, ...rest].join("\n"));
  const stack = await openStack({ stateFolder, services: [] });
  expect(stack.process("postgres").isReady).toBe(true);
  await stack.stop();
});

it("a broken append-only file is moved aside, and Redis starts without it", async () => {
  await startRun();
  run.disconnect();
  await once(run, "exit");
  const file = path.join(home, "redis/appendonlydir/appendonly.aof.1.incr.aof");
  await writeFile(file, `*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\nrubbish\r\n${"x".repeat(200)}\r\n*1\r\n$4\r\nPING\r\n`);
  const said: string[] = [];
  const stack = await openStack({ stateFolder, services: [], onLine: (name, line) => said.push(`${name}: ${line}`) });
  expect(stack.process("redis").isReady).toBe(true);
  expect(said.join("\n")).toContain("redis: its append-only file is broken and was moved to");
  await stack.stop();
});

it("a second stack on the same folder is refused, with the process that uses it", async () => {
  await startRun();
  await expect(openStack({ stateFolder, services: [] })).rejects.toThrow(`another Inlet (process ${run.pid}) uses`);
  run.disconnect();
  await once(run, "exit");
  expect(existsSync(path.join(home, "lock"))).toBe(false);
});
