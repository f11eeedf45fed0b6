// A receiver of changes on a thread of its own: takes whatever is posted, and tells when what it waits for has come.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort } from "node:worker_threads";

/** What the bench tells it: how many requests to wait for, and whether to keep the bodies. */
export interface Awaited {
  requests: number;
  keepsBodies: boolean;
}

/** What it tells: what came, from the first to the last; times since 1970. */
export interface Arrived {
  firstMs: number;
  lastMs: number;
  bodies: string[];
}

let waiting: Awaited | undefined;
let arrived: Arrived = { firstMs: 0, lastMs: 0, bodies: [] };
let count = 0;

const now = () => performance.timeOrigin + performance.now();

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const body = Buffer.concat(parts);
    response.writeHead(200, { "content-type": "application/json" }).end('{"id":"taken"}');
    if (waiting === undefined) return;
    if (count === 0) arrived.firstMs = now();
    count += 1;
    if (waiting.keepsBodies) arrived.bodies.push(body.toString());
    if (count < waiting.requests) return;
    arrived.lastMs = now();
    parentPort!.postMessage(arrived);
    waiting = undefined;
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => parentPort!.postMessage((server.address() as AddressInfo).port));
parentPort!.on("message", (next: Awaited) => {
  waiting = next;
  arrived = { firstMs: 0, lastMs: 0, bodies: [] };
  count = 0;
});
