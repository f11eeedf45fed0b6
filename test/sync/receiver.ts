import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** One change as it came. */
export interface Received {
  /** Which subscription it was sent by. */
  path: string;
  key: string;
  id: string | null;
  /** Null: it was removed. */
  fields: Record<string, unknown> | null;
  version: number;
  idempotencyKey: string;
  authorization: string;
  atMs: number;
}

/** What is answered instead of taking a change. */
export interface Refusal {
  status: number;
  headers?: Record<string, string>;
}

/**
 * Another system that keeps what comes as it comes, by itself: nothing of it is ours. Asked under several paths, each is a system
 * of its own.
 */
export async function openReceiver() {
  const received: Received[] = [];
  const refusals: Received[] = [];
  const rules = new Map<string, (change: Received) => Refusal | undefined | Promise<undefined>>();
  let sockets = 0;

  const server = createServer(async (request, response) => {
    const path = request.url ?? "";
    const body = JSON.parse(await textOf(request));
    const header = (name: string) => String(request.headers[name] ?? "");
    const changes = (Array.isArray(body) ? body : [body]).map(
      (change): Received => ({
        ...change,
        path,
        idempotencyKey: change.idempotencyKey ?? header("idempotency-key"),
        authorization: header("authorization"),
        atMs: performance.now(),
      }),
    );
    for (const change of changes) {
      const refusal = await rules.get(path)?.(change);
      if (refusal === undefined) continue;
      refusals.push(change);
      response
        .writeHead(refusal.status, { "content-type": "application/json", ...refusal.headers })
        .end('{"error":"no"}');
      return;
    }
    received.push(...changes);
    const ids = changes.map(({ key }) => `${path.slice(1)}:${key}`);
    response
      .writeHead(200, { "content-type": "application/json" })
      .end(JSON.stringify(Array.isArray(body) ? ids : { id: ids[0] }));
  });
  server.on("connection", () => {
    sockets += 1;
  });
  const listen = (port: number) =>
    new Promise<void>((resolve) => {
      server.listen(port, "127.0.0.1", resolve);
    });
  await listen(0);
  const { port } = server.address() as AddressInfo;

  return {
    url: (path: string) => `http://127.0.0.1:${port}/${path}`,
    /** All that one subscription sent, in the order in which it came. */
    of: (path: string) => received.filter((change) => change.path === `/${path}`),
    refusalsOf: (path: string) => refusals.filter((change) => change.path === `/${path}`),
    /** What the system has: the last word on each key. */
    items(path: string): Map<string, Record<string, unknown>> {
      const items = new Map<string, Record<string, unknown>>();
      for (const { path: of, key, fields } of received) {
        if (of !== `/${path}`) continue;
        if (fields === null) items.delete(key);
        else items.set(key, fields);
      }
      return items;
    },
    /** What is asked before a change is taken; without it everything is. */
    rule(path: string, rule: ((change: Received) => Refusal | undefined | Promise<undefined>) | undefined) {
      if (rule === undefined) rules.delete(`/${path}`);
      else rules.set(`/${path}`, rule);
    },
    connections: () => sockets,
    /** It is gone: nobody listens. */
    async down() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
    up: () => listen(port),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type Receiver = Awaited<ReturnType<typeof openReceiver>>;

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}
