import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { type Ending, KeptProcess, type Running } from "./kept-process.ts";
import type { ProcessLog } from "./process-log.ts";

/** A Node program that the stack keeps running. */
export type NodeProgram = {
  name: string;
  main: string;
  /** Asked anew at each start, so that what a test changes counts from the next start on. */
  env: () => Record<string, string>;
  /** Answers 200 at /readyz when the program can do its work. */
  readyUrl: string;
  /** The working folder: left-overs of a killed run are found by it. */
  runFolder: string;
  log: ProcessLog;
  longestPauseMs?: number | undefined;
  onStart: () => void;
};

/**
 * A service makes many short-lived buffers. With V8's usual young generation its memory grows to twice as much, at the same
 * speed; the option counts on the command line alone. infra/Dockerfile has it, too.
 */
const YOUNG_GENERATION = "--max-semi-space-size=8";

/** A service ends itself after 25 s at the latest. */
const STOP_TIMEOUT_MS = 27_000;
const READY_TIMEOUT_MS = 30_000;

/**
 * Keeps a Node program running. It has a process group of its own, so that Ctrl-C reaches the supervisor alone, and an
 * IPC channel, so that it notices when the supervisor is gone: it then drains and ends.
 */
export function keepNodeProgram(program: NodeProgram): KeptProcess {
  const { name, main, env, readyUrl, runFolder, log, longestPauseMs, onStart } = program;
  mkdirSync(runFolder, { recursive: true });
  return new KeptProcess({
    name,
    launch: async () => {
      const child = spawn(process.execPath, [YOUNG_GENERATION, main], {
        cwd: runFolder,
        env: { ...inherited(), ...env() },
        stdio: ["ignore", "pipe", "pipe", "ipc"],
        detached: true,
      });
      log.follow(child.stdout);
      log.follow(child.stderr);
      const ended = new Promise<Ending>((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
      return new Promise<Running>((resolve, reject) => {
        child.once("error", reject);
        child.once("spawn", () => {
          resolve({ pid: child.pid ?? 0, ended });
          setImmediate(onStart);
        });
      });
    },
    isReady: () => answers(readyUrl),
    stopSignal: "SIGTERM",
    stopTimeoutMs: STOP_TIMEOUT_MS,
    readyTimeoutMs: READY_TIMEOUT_MS,
    longestPauseMs,
    tell: (line) => log.write(line),
  });
}

/** The person's environment without what npm and vitest say to their own. */
function inherited(): NodeJS.ProcessEnv {
  const foreign = /^(npm_|pnpm_|VITEST|NODE_CHANNEL_|NODE_ENV$|NODE_V8_COVERAGE$|NODE_COMPILE_CACHE$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
