import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";

/**
 * npm passes a Ctrl-C on to a child that has already had it from the terminal: two signals within this time are one.
 * Measured: the second comes within 5 ms.
 */
const SAME_INTERRUPT_MS = 700;

/**
 * Runs the wanted program in this one's place: same terminal, same exit code, and every interrupt exactly once.
 * The program gets a process group of its own, so that Ctrl-C reaches it through here only. Should this process be
 * killed, the kernel ends the program (Linux).
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
export function handOver(command, args, env) {
  const [file, ...rest] = [...guard(), command, ...args];
  const child = spawn(file, rest, { stdio: "inherit", env, detached: true });
  const last = {};
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    process.on(signal, () => {
      const now = Date.now();
      if (now - (last[signal] ?? 0) < SAME_INTERRUPT_MS) return;
      last[signal] = now;
      child.kill(signal);
    });
  }
  onParentGone(() => child.kill("SIGTERM"));
  process.on("SIGWINCH", () => child.kill("SIGWINCH"));
  child.on("error", (error) => {
    process.stderr.write(`inlet: cannot start ${file}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // Some signals do not end a process at once: the shell's convention for it.
    setTimeout(() => process.exit(1), 100);
  });
}

/** How often to look whether npm is still there. */
const PARENT_POLL_MS = 500;

/** Without npm nobody passes signals on any more. Started by hand, its parent may leave: that is what nohup is for. */
function onParentGone(act) {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const poll = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(poll);
    act();
  }, PARENT_POLL_MS);
  poll.unref();
}

/** util-linux's setpriv; busybox's cannot do it. */
function guard() {
  const file = ["/usr/bin/setpriv", "/bin/setpriv"].find(existsSync);
  if (process.platform !== "linux" || !file || realpathSync(file).endsWith("busybox")) return [];
  return [file, "--pdeathsig", "TERM", "--"];
}
