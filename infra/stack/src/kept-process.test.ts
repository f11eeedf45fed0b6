import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Ending, KeptProcess, type Recipe } from "./kept-process.ts";
import { waitFor } from "./wait-for.ts";

const started: KeptProcess[] = [];
const said: string[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((kept) => kept.destroy()));
  said.length = 0;
});

function keep(program: string, overrides: Partial<Recipe> = {}): KeptProcess {
  const kept = new KeptProcess({
    name: "probe",
    launch: async () => {
      const child = spawn(process.execPath, ["-e", program], { stdio: "ignore" });
      const ended = new Promise<Ending>((resolve) => child.on("exit", (code, signal) => resolve({ code, signal })));
      return { pid: child.pid ?? 0, ended };
    },
    isReady: async () => true,
    stopSignal: "SIGTERM",
    stopTimeoutMs: 5_000,
    readyTimeoutMs: 5_000,
    tell: (line) => said.push(line),
    ...overrides,
  });
  started.push(kept);
  return kept;
}

const STAYS = "setInterval(() => {}, 1000)";

it("a process that is killed comes back under another pid", async () => {
  const kept = keep(STAYS);
  await kept.start();
  const first = kept.pid;
  kept.signal("SIGKILL");
  await kept.untilReady();
  expect(kept.pid).not.toBe(first);
  expect(said).toEqual(["it was ended by SIGKILL; starting it again"]);
});

it("a process that was stopped stays down until it is started", async () => {
  const kept = keep(STAYS);
  await kept.start();
  await kept.stop();
  expect(kept.pid).toBeUndefined();
  await kept.start();
  expect(kept.isReady).toBe(true);
});

it("a process that was paused can be stopped", async () => {
  const kept = keep(STAYS);
  await kept.start();
  kept.signal("SIGSTOP");
  await kept.stop();
  expect(said).toEqual([]);
});

it("a process that ignores the stop signal is killed, and that is said", async () => {
  const mark = path.join(await mkdtemp(path.join(os.tmpdir(), "kept-")), "ready");
  const kept = keep(`process.on("SIGTERM", () => {}); fs.writeFileSync(${JSON.stringify(mark)}, ""); ${STAYS}`, {
    stopTimeoutMs: 300,
    isReady: async () => existsSync(mark),
  });
  await kept.start();
  await kept.stop();
  await rm(path.dirname(mark), { recursive: true });
  expect(said).toEqual(["did not stop within 0.3 s and was killed"]);
});

it("a process that never gets ready is given up, with the reason", async () => {
  const kept = keep("process.exit(3)", { isReady: async () => false });
  await expect(kept.start()).rejects.toThrow("probe does not start: it ended with exit code 3");
  expect(said).toHaveLength(2);
});

it("wrong settings (exit code 78) are not tried twice", async () => {
  const kept = keep("process.exit(78)", { isReady: async () => false });
  await expect(kept.start()).rejects.toThrow("exit code 78");
  expect(said).toEqual([]);
});

it("a stop in the pause before a new start is heard", async () => {
  const kept = keep(STAYS);
  await kept.start();
  kept.signal("SIGKILL");
  await waitFor(() => said.length > 0, { timeoutMs: 30_000, what: "the end to be noticed" });
  await kept.stop();
  expect(kept.pid).toBeUndefined();
});
