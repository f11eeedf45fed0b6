import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { type Asked, type Fault, type FaultBook, openFaults } from "./faults.ts";

/** A request as it came. */
export interface RecordedRequest {
  method: string;
  /** With its query, as it was sent. */
  path: string;
  /** Of the query, decoded. */
  query: Readonly<Record<string, string>>;
  headers: IncomingMessage["headers"];
  body: string;
  asked: Asked;
  /** What was answered; 0: nothing was. */
  status: number;
}

export interface Answer {
  status: number;
  headers?: Record<string, string | string[]>;
  body?: string;
}

interface Listening {
  origin: string;
  faults: FaultBook;
  requests: RecordedRequest[];
  close(): Promise<void>;
}

interface ListeningOptions {
  /** Whether answers are packed for those who take that. */
  gzip: boolean;
  askedBy(method: string, path: string): Asked;
  answer(request: RecordedRequest, faults: readonly Fault[]): Answer;
}

const GATEWAY_PAGE =
  "<html><head><title>Proxy Error</title></head><body><h1>The gateway had no answer</h1></body></html>";

/** A server of HTTP on loopback that records what is asked, and strikes requests with faults. */
export async function listen({ gzip, askedBy, answer }: ListeningOptions): Promise<Listening> {
  const faults = openFaults();
  const requests: RecordedRequest[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const request = await record(incoming, askedBy);
      requests.push(request);
      await respond(request, incoming, response);
    })().catch((error: unknown) => response.destroy(error as Error));
  });

  async function respond(request: RecordedRequest, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const struck = faults.take(request.asked);
    for (const fault of struck) {
      if (fault.kind === "slow") await wait(fault.ms);
      if (fault.kind === "run") fault.run();
      if (fault.kind === "reset") return void incoming.socket.resetAndDestroy();
    }
    const status = struck.find((fault) => fault.kind === "status");
    const { headers = {}, body = "", ...said } = status ? gatewayAnswer(status) : answer(request, struck);
    request.status = said.status;
    const whole = Buffer.from(body);
    const sent = struck.some(({ kind }) => kind === "truncated") ? whole.subarray(0, whole.length / 2) : whole;
    const packed = gzip && /\bgzip\b/.test(String(incoming.headers["accept-encoding"] ?? ""));
    const bytes = packed ? gzipSync(sent) : sent;
    response.writeHead(said.status, {
      ...headers,
      ...(packed && { "content-encoding": "gzip" }),
      ...(said.status !== 204 && { "content-length": bytes.length }),
    });
    if (!struck.some(({ kind }) => kind === "cut")) return void response.end(bytes);
    response.write(bytes.subarray(0, bytes.length / 2), () => incoming.socket.destroy());
  }

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    faults,
    requests,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function gatewayAnswer({ status, retryAfter }: Extract<Fault, { kind: "status" }>): Answer {
  return {
    status,
    headers: { "content-type": "text/html", ...(retryAfter !== undefined && { "retry-after": retryAfter }) },
    body: GATEWAY_PAGE,
  };
}

async function record(incoming: IncomingMessage, askedBy: ListeningOptions["askedBy"]): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const path = incoming.url ?? "/";
  const url = new URL(path, "http://localhost");
  return {
    method: incoming.method ?? "GET",
    path,
    query: Object.fromEntries(url.searchParams),
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
    asked: askedBy(incoming.method ?? "GET", decodeURIComponent(url.pathname)),
    status: 0,
  };
}
