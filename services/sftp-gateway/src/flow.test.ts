import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Flow } from "./flow.ts";

let server: Server;
let client: Socket;
let socket: Socket;

beforeAll(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  client = connect((server.address() as { port: number }).port, "127.0.0.1");
  [socket] = (await accepted) as [Socket];
});
afterAll(() => {
  client.destroy();
  server.close();
});

/** Queues so many requests of a size; resolves them all when called. */
function queue(flow: Flow, count: number, bytes: number): () => void {
  const dones = Array.from({ length: count }, () => flow.queued(bytes));
  return () => {
    for (const done of dones) done();
  };
}

test.each([
  { what: "512 small requests", count: 512, bytes: 10 },
  { what: "4 MB of requests", count: 16, bytes: 2 ** 18 },
])("above $what nothing more is read, until most are done", ({ count, bytes }) => {
  const flow = new Flow(socket);
  const done = queue(flow, count, bytes);
  expect(socket.isPaused()).toBe(false);
  const last = flow.queued(bytes);
  expect(socket.isPaused()).toBe(true);
  last();
  expect(socket.isPaused()).toBe(true);
  done();
  expect(socket.isPaused()).toBe(false);
});

test("requests that are done do not start the socket while the disk is behind", async () => {
  const flow = new Flow(socket);
  let written = () => {};
  const taking = flow.takeIn(
    2 ** 24,
    new Promise<void>((resolve) => {
      written = resolve;
    }),
  );
  queue(flow, 600, 10)();
  expect(socket.isPaused()).toBe(true);
  written();
  await taking;
  expect(socket.isPaused()).toBe(false);
});

test("empty writes count too", async () => {
  const flow = new Flow(socket);
  let written = () => {};
  const disk = new Promise<void>((resolve) => {
    written = resolve;
  });
  const taking = Array.from({ length: 10_000 }, () => flow.takeIn(0, disk));
  expect(socket.isPaused()).toBe(true);
  written();
  await Promise.all(taking);
  expect(socket.isPaused()).toBe(false);
});
