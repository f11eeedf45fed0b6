import { existsSync } from "node:fs";
import { mkdtemp, readlink, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confinement } from "./confinement.ts";
import { type ProgramLimits, runProgram } from "./run-program.ts";

const LIMITS: ProgramLimits = { timeoutMs: 20_000, memoryBytes: 2 ** 31, fileBytes: 4_096, niceness: 1 };
const SHELL = { command: "/bin/sh", env: {} };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "programs "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const run = (script: string, limits: Partial<ProgramLimits> = {}, signal = new AbortController().signal) =>
  runProgram(SHELL, ["-c", script], { limits: { ...LIMITS, ...limits }, folder, signal, keepOutputBytes: 100 });

test("what it prints comes back, bounded; what it complains of is kept short and without the folder's name", async () => {
  expect(`${await run("yes a | head -c 5000")}`).toHaveLength(100);
  const failure = run(`yes 'far away' | head -c 90000 >&2; echo "$PWD/x: no such thing" >&2; exit 3`);
  await expect(failure).rejects.toMatchObject({ code: "program_failed", message: "ffmpeg ended with 3." });
  const { context } = (await failure.catch((error) => error)) as { context: { complaint: string } };
  expect(context.complaint).toBe("far away | far away | /x: no such thing");
  // No file's fault, and no film's: it is tried again.
  const full = run("echo 'x.mp4: No space left on device' >&2; exit 1");
  await expect(full).rejects.toMatchObject({ code: "disk_full", retryable: true });
});

test("when its time is over, or nobody wants it any more, it goes with all that it has started", async () => {
  const child = "sh -c 'sleep 0.4; touch child-lived' & sleep 30";
  await expect(run(child, { timeoutMs: 100 })).rejects.toMatchObject({ code: "program_timeout" });
  const stop = new AbortController();
  const stopped = run(child, {}, stop.signal);
  stop.abort(new Error("stopped"));
  await expect(stopped).rejects.toThrow("stopped");
  await run("sleep 0.6");
  expect(existsSync(join(folder, "child-lived"))).toBe(false);
});

test("it stays within its memory, and its files within their size", async () => {
  await expect(run("head -c 10000 /dev/zero > large")).rejects.toMatchObject({ code: "program_failed" });
  expect((await stat(join(folder, "large"))).size).toBeLessThanOrEqual(4_096);
  const hungry = "head -c 300000000 /dev/zero | tail -c 300000000 > /dev/null";
  await expect(run(hungry, { memoryBytes: 100_000_000 })).rejects.toMatchObject({ code: "program_failed" });
});

test("it gets nothing of this process's environment, and no network where the kernel lets a program do without", async () => {
  process.env.INLET_SECRET = "for nobody else";
  try {
    expect(`${await run("printenv INLET_SECRET || echo none")}`).toBe("none\n");
  } finally {
    delete process.env.INLET_SECRET;
  }
  const isApart = (await confinement(LIMITS)).includes("--net");
  expect(`${await run("readlink /proc/self/ns/net")}`.trim() !== (await readlink("/proc/self/ns/net"))).toBe(isApart);
});
