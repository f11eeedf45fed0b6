import { spawn } from "node:child_process";
import { InvalidInput, InvariantBroken } from "@inlet/contracts";
import { diskFull } from "../work-folder.ts";
import { confinement, type ProgramBounds } from "./confinement.ts";

/** What one run of a program may take. */
export interface ProgramLimits extends ProgramBounds {
  /** Of the clock on the wall. */
  timeoutMs: number;
}

/** A program that was found, and what it needs in its environment. */
export interface Program {
  command: string;
  env: Readonly<Record<string, string>>;
}

interface RunOptions {
  limits: ProgramLimits;
  /** Where it runs; relative paths are meant from here. */
  folder: string;
  signal: AbortSignal;
  /** How much of what it prints is kept. Default: nothing. */
  keepOutputBytes?: number;
}

/** Without a pool of memory for each core: the bound is on what is set aside, not on what is used. */
const ENVIRONMENT = { LC_ALL: "C", AV_LOG_FORCE_NOCOLOR: "1", MALLOC_ARENA_MAX: "2" };

/** How much of its complaints is kept. */
const COMPLAINT_BYTES = 2_000;

/**
 * Runs a program to its end and resolves to what it printed: without a shell, with nothing on its standard input, with an
 * environment of its own, behind everything else that runs, within its limits (see `confinement`). It is killed with all that it started when its time
 * is over, when `signal` aborts, and when this process dies.
 * @throws Unavailable `disk_full`; InvariantBroken `program_timeout`, `program_failed` (`context.complaint`: the last of what it said, for a log)
 */
export async function runProgram(
  { command, env }: Program,
  args: readonly string[],
  { limits, folder, signal, keepOutputBytes = 0 }: RunOptions,
): Promise<Buffer> {
  const [file, ...rest] = [...(await confinement(limits)), command, ...args] as [string, ...string[]];
  signal.throwIfAborted();
  const child = spawn(file, rest, {
    cwd: folder,
    // A group of its own, which is killed as one.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...ENVIRONMENT, PATH: process.env.PATH ?? "", HOME: folder, ...env },
  });
  const kill = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    kill();
  }, limits.timeoutMs);
  signal.addEventListener("abort", kill, { once: true });
  const output: Buffer[] = [];
  let outputBytes = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    if (outputBytes < keepOutputBytes) output.push(chunk.subarray(0, keepOutputBytes - outputBytes));
    outputBytes += chunk.length;
  });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("latin1")).slice(-COMPLAINT_BYTES);
  });
  try {
    const [code, ended] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...how) => resolve(how));
    });
    signal.throwIfAborted();
    if (isLate) {
      throw new InvariantBroken({
        code: "program_timeout",
        message: `It took longer than the ${Math.round(limits.timeoutMs / 1000)} s that it may take.`,
      });
    }
    // As the C library says it, in the only language that it is let speak.
    if (code !== 0 && complaint.includes("No space left on device")) throw diskFull();
    if (code !== 0) {
      throw new InvariantBroken({
        code: "program_failed",
        message: `ffmpeg ended with ${ended ?? code}.`,
        context: { complaint: complaint.replaceAll(folder, "").trim().split("\n").slice(-3).join(" | ") },
      });
    }
    return Buffer.concat(output);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", kill);
    kill();
  }
}

/** What a program could not do with an uploaded file is that file's fault. */
export function asRefusal(error: unknown, refusal: { code: string; message: string }): unknown {
  const isPrograms = error instanceof InvariantBroken && ["program_failed", "program_timeout"].includes(error.code);
  return isPrograms ? new InvalidInput({ ...refusal, cause: error }) : error;
}
