import { readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * A named place where a crash test may end (`kill`) or freeze (`stop`) this very process. Off, and free, unless
 * INLET_FAILPOINTS names a folder (an empty name is none); a test arms a point by writing `kill` or `stop` into a file of
 * its name there. The file is removed as the point is hit, so that a restarted service runs on.
 */
export function failpoint(name: string): void {
  const folder = process.env.INLET_FAILPOINTS;
  if (!folder) return;
  const file = join(folder, name);
  let action: string;
  try {
    action = readFileSync(file, "utf8").trim();
    unlinkSync(file);
  } catch {
    return;
  }
  process.kill(process.pid, action === "stop" ? "SIGSTOP" : "SIGKILL");
}
