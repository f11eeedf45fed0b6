import type { Socket } from "node:net";
import { type ProxyHeader, readProxyHeader } from "./proxy-header.ts";

/**
 * Takes the PROXY header off a new connection, which stays paused; what came behind it is still there to be read.
 * @throws {Error} when there is none, or none within `timeoutMs`
 */
export function takeProxyHeader(socket: Socket, timeoutMs: number): Promise<ProxyHeader> {
  return new Promise((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => finish(new Error("no PROXY header came in time")), timeoutMs);
    const finish = (outcome: ProxyHeader | Error) => {
      clearTimeout(timer);
      socket.off("readable", onReadable).off("close", onClose);
      if (outcome instanceof Error) return reject(outcome);
      const rest = received.subarray(outcome.length);
      if (rest.length > 0) socket.unshift(rest);
      resolve(outcome);
    };
    const onClose = () => finish(new Error("the connection was closed before its PROXY header"));
    const onReadable = () => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      received = Buffer.concat([received, chunk]);
      const header = readProxyHeader(received);
      if (header === undefined) finish(new Error("the connection does not begin with a PROXY header"));
      else if (header !== "more") finish(header);
    };
    socket.on("readable", onReadable).on("close", onClose);
  });
}
