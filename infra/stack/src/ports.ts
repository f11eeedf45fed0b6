import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { releaseLock, takeLock } from "./file-lock.ts";

/**
 * A port that nobody listens on: the preferred one, or one of the next twenty, or any. No other stack of this user gets
 * it until `releasePort`, or until this process has ended; the server that it is for may still be far from listening.
 */
export async function choosePort(preferred?: number): Promise<number> {
  if (preferred === undefined) return anyPort();
  for (let port = preferred; port <= Math.min(preferred + 20, 65_535); port++) if (await take(port)) return port;
  return anyPort();
}

/** Says that a port is not needed any more. */
export async function releasePort(port: number): Promise<void> {
  await releaseLock(await lockOf(port));
}

async function take(port: number): Promise<boolean> {
  if ((await takeLock(await lockOf(port))) !== undefined) return false;
  if (await isFree(port)) return true;
  await releasePort(port);
  return false;
}

async function lockOf(port: number): Promise<string> {
  const folder = path.join(os.tmpdir(), `inlet-ports-${process.getuid?.() ?? 0}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return path.join(folder, `${port}`);
}

/** Whether a server could listen on this port of this machine now. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
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
