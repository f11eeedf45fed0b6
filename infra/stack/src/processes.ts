import { readdirSync, readlinkSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { identityOf, isAlive } from "../../bootstrap/process-identity.js";
import { waitFor } from "./wait-for.ts";

/**
 * The processes that work in a folder or below it. A killed run is found by this: its pid file may be gone or name a
 * process that has nothing to do with it, but a process keeps its working folder. Linux only; elsewhere the list is empty.
 */
export function processesIn(folder: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isInside(workingFolder(pid), folder));
}

/** Ends what a killed run left in these folders: it may finish by itself for a while, then it is killed. */
export async function endLeftOvers(folders: readonly string[], { patienceMs }: { patienceMs: number }): Promise<void> {
  const find = () => folders.flatMap(processesIn);
  const deadline = Date.now() + patienceMs;
  while (find().length > 0 && Date.now() < deadline) await pause(50);
  for (const pid of find()) sendSignal(pid, "SIGKILL");
  await waitFor(() => find().length === 0, { timeoutMs: 10_000, what: "the processes of a killed run to end" });
}

/** The folder that a process works in; undefined when it is gone or belongs to somebody else. */
export function workingFolder(pid: number): string | undefined {
  try {
    // A folder that was removed in the meantime has this mark.
    return readlinkSync(`/proc/${pid}/cwd`).replace(/ \(deleted\)$/, "");
  } catch {
    return undefined;
  }
}

/** Sends a signal; a process that is gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

export { identityOf, isAlive };

const isInside = (inner: string | undefined, outer: string) =>
  inner !== undefined && (inner === outer || inner.startsWith(outer + path.sep));
