import { connect } from "node:net";

interface Crowd {
  port: number;
  host: string;
  /** One request each. */
  paths: readonly string[];
  connections: number;
  headers?: string;
}

const HEAD_END = Buffer.from("\r\n\r\n");

/**
 * Fetches paths over so many connections, one request at a time on each, and resolves to the bytes of all bodies. Written for
 * this: an HTTP client takes as long for an answer as a server does, and would hide the difference between two.
 * @throws when an answer is not 200
 */
export async function fetchAll({ port, host, paths, connections, headers = "" }: Crowd): Promise<number> {
  let next = 0;
  let bodyBytes = 0;
  const visitor = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, "127.0.0.1");
      let chunks: Buffer[] = [];
      let received = 0;
      let expected = Number.POSITIVE_INFINITY;
      let headBytes = 0;
      const ask = () => {
        const path = paths[next++];
        if (path === undefined) return void socket.end();
        socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${headers}\r\n`);
      };
      socket.setNoDelay(true).on("connect", ask).on("error", reject).on("close", resolve);
      socket.on("data", (chunk) => {
        chunks.push(chunk);
        received += chunk.length;
        if (headBytes === 0) {
          const start = chunks.length === 1 ? chunk : Buffer.concat(chunks);
          const at = start.indexOf(HEAD_END);
          if (at === -1) return;
          headBytes = at + HEAD_END.length;
          const head = start.toString("latin1", 0, at);
          const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
          if (!head.startsWith("HTTP/1.1 200") || length === undefined) return void socket.destroy(new Error(head));
          expected = headBytes + Number(length);
        }
        if (received < expected) return;
        bodyBytes += expected - headBytes;
        chunks = [];
        [received, headBytes, expected] = [0, 0, Number.POSITIVE_INFINITY];
        ask();
      });
    });
  await Promise.all(Array.from({ length: connections }, visitor));
  return bodyBytes;
}
