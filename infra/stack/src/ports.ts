import { createServer } from "node:net";

/**
 * A port that nobody listens on: the preferred one, or one of the next twenty, or any.
 * A server that finds its port taken all the same (somebody was quicker) fails to start, and is started again.
 */
export async function choosePort(preferred?: number): Promise<number> {
  if (preferred === undefined) return anyPort();
  for (let port = preferred; port <= Math.min(preferred + 20, 65_535); port++) if (await take(port)) return port;
  return anyPort();
}

/** Handed out by this process; the server that it is for may not listen yet. */
const taken = new Set<number>();

async function take(port: number): Promise<boolean> {
  if (taken.has(port)) return false;
  taken.add(port);
  if (await isFree(port)) return true;
  taken.delete(port);
  return false;
}

/** Says that a port is not needed any more. */
export function releasePort(port: number): void {
  taken.delete(port);
}

/** Whether a server could listen on this port of 127.0.0.1 now. */
export function isFree(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Below the range that the kernel takes outgoing connections from (32768 on), so none can slip in between. */
async function anyPort(): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = 15_000 + Math.floor(Math.random() * 17_000);
    if (await take(port)) return port;
  }
  throw new Error("no free port found between 15000 and 32000");
}
