import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { OutsideValue } from "../subscriber.ts";

/** A request as a test's system gets it. */
export interface SystemRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
  /** The body as JSON; null without one. */
  json: OutsideValue;
}

/** What it answers; without a status 200. */
export interface SystemAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON; text and bytes as they are. */
  body?: unknown;
}

/** A server of a test's own that stands for an outside system. */
export interface TestSystem extends AsyncDisposable {
  /** Without a slash at its end. */
  url: string;
  port: number;
  /** All that was asked, in order. */
  requests: SystemRequest[];
}

/** Starts one on a free port of this machine. */
export async function openTestSystem(
  answer: (request: SystemRequest) => SystemAnswer | undefined | Promise<SystemAnswer | undefined>,
): Promise<TestSystem> {
  const requests: SystemRequest[] = [];
  const server = createServer(async (incoming, response) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://system");
      const request: SystemRequest = {
        method: incoming.method ?? "GET",
        path: decodeURIComponent(pathname),
        query: searchParams,
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        body,
        json: jsonOf(body),
      };
      requests.push(request);
      const { status = 200, headers = {}, body: told } = (await answer(request)) ?? { status: 204 };
      const isRaw = told === undefined || typeof told === "string" || Buffer.isBuffer(told);
      response.writeHead(status, { ...(isRaw ? {} : { "content-type": "application/json" }), ...headers });
      response.end(isRaw ? told : JSON.stringify(told));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function jsonOf(body: Buffer): OutsideValue {
  try {
    return body.length === 0 ? null : JSON.parse(body.toString("utf8"));
  } catch {
    return null;
  }
}
