import { connect } from "node:net";

const LOOK_MS = 25;

/**
 * Waits until something listens there. A service may call itself ready a moment before its public port is open.
 * @throws {Error} when nothing does in time
 */
export async function untilListening({ host, port }: { host: string; port: number }, timeoutMs: number): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isListening(host, port))) {
    if (Date.now() > deadline) throw new Error(`nothing answers at ${host}:${port}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
