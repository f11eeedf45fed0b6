import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a receiver was told. */
export interface Told {
  headers: IncomingHttpHeaders;
  body: string;
}

type Answer = (request: IncomingMessage, response: ServerResponse, told: Told) => unknown;

const taken: Answer = (_request, response) => response.writeHead(204).end();

/** The other side of a webhook: a server of somebody else's. */
export async function openReceiver(answer: Answer = taken, tls?: { key: string; cert: string }) {
  const told: Told[] = [];
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const one = { headers: request.headers, body: await text(request) };
    told.push(one);
    await answer(request, response, one);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response);
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    told,
    port,
    url: `${tls ? "https" : "http"}://127.0.0.1:${port}/hook`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
