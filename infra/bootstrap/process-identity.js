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
 * @returns {boolean} also false for one that has ended and only waits to be collected by its parent
 */
export function isAlive(identity) {
  const [pid, start] = identity.split(" ");
  if (!/^\d+$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (error.code !== "EPERM") return false;
  }
  const stat = statOf(Number(pid));
  const [state, now] = [stat?.[0], stat?.[19]];
  if (state === "Z" || state === "X") return false;
  return now === undefined || start === "-" || now === start;
}

const startOf = (pid) => statOf(pid)?.[19];

/** The fields of /proc/PID/stat from the third on: the second, the command's name, may hold spaces and parentheses. */
function statOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
