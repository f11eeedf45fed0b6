import { readFileSync } from "node:fs";

/**
 * A process that cannot be mistaken for a later one with the same number: its pid and, where the system tells, the
 * moment it started (field 22 of /proc/PID/stat, in clock ticks since boot).
 * @param {number} pid
 * @returns {string}
 */
export const identityOf = (pid) => `${pid} ${startOf(pid) ?? "-"}`;

/**
 * @param {string} identity as `identityOf` wrote it
 * @returns {boolean}
 */
export function isAlive(identity) {
  const [pid, start] = identity.split(" ");
  if (!/^\d+$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  const now = startOf(Number(pid));
  return now === undefined || start === "-" || now === start;
}

function startOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field, the command's name, may hold spaces and parentheses: count from behind it.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
