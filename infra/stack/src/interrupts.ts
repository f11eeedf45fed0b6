/** How often to look whether the parent is still there. */
const PARENT_POLL_MS = 500;

/**
 * Calls `stop` once, when this process is asked to end or nobody is there any more to ask it: Ctrl-C, SIGTERM, a closed
 * terminal, a killed parent, a closed output. Only a second Ctrl-C calls `force`: the other signals may come twice for
 * one event.
 */
export function onInterrupt({ stop, force }: { stop: (cause: string) => void; force: () => void }): void {
  let asked = false;
  const ask = (cause: string) => {
    if (asked) return;
    asked = true;
    stop(cause);
  };
  process.on("SIGINT", () => (asked ? force() : ask("Ctrl-C")));
  process.on("SIGTERM", () => ask("SIGTERM"));
  process.on("SIGHUP", () => ask("the terminal was closed"));
  for (const output of [process.stdout, process.stderr])
    output.on("error", () => ask("nobody reads the output any more"));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) ask("the program that started this is gone");
  }, PARENT_POLL_MS).unref();
}
