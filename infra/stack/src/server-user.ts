import { existsSync, readFileSync, realpathSync } from "node:fs";

/** Whether this runs as root. PostgreSQL refuses to. */
export const isRoot = (): boolean => process.getuid?.() === 0;

/** The user that root's servers run as. One from /etc/passwd: initdb looks its own name up and fails without. */
export function serverUser(): { name: string; uid: number; gid: number } {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("nobody:"));
  const [name, , uid, gid] = line?.split(":") ?? [];
  if (name === undefined || uid === undefined || gid === undefined)
    throw new Error("PostgreSQL does not run as root, and /etc/passwd has no user nobody: run this as a plain user");
  return { name, uid: Number(uid), gid: Number(gid) };
}

/**
 * The words to put before a server's command line: as root they change the user; and with a signal, the kernel sends
 * it to the server when the process that started it dies (Linux; measured: it survives the change of user). It may come
 * several times, once for each thread of that process that dies.
 */
export function asServerUser(deathSignal?: "INT" | "TERM" | "KILL"): string[] {
  const setpriv = findSetpriv();
  if (setpriv === undefined) {
    if (!isRoot()) return [];
    throw new Error("PostgreSQL does not run as root and setpriv (util-linux) is missing: run this as a plain user");
  }
  const death = deathSignal ? ["--pdeathsig", deathSignal] : [];
  if (!isRoot()) return deathSignal ? [setpriv, ...death, "--"] : [];
  const { uid, gid } = serverUser();
  return [setpriv, ...death, "--reuid", `${uid}`, "--regid", `${gid}`, "--clear-groups", "--"];
}

/** util-linux's; busybox's has neither option. */
function findSetpriv(): string | undefined {
  if (process.platform !== "linux") return undefined;
  return ["/usr/bin/setpriv", "/bin/setpriv"].find(
    (file) => existsSync(file) && !realpathSync(file).endsWith("busybox"),
  );
}
