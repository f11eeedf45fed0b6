import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface Bends {
  random: () => number;
  /** Of requests that never arrive, of answers that never come back, and of requests that arrive once more, later. */
  lost: number;
  unanswered: number;
  doubled: number;
  delayMs: () => number;
}

/** A wire between two systems that delays, doubles, reorders and loses what goes over it: `/?to=<address>`. */
export async function openBentWire({ random, lost, unanswered, doubled, delayMs }: Bends) {
  let sent = 0;
  let underWay = 0;
  const ids = new Set<string>();
  const later = (work: () => Promise<void>, ms: number) => {
    underWay += 1;
    setTimeout(() => void work().finally(() => (underWay -= 1)), ms);
  };

  const server = createServer(async (request, response) => {
    const to = new URL(request.url ?? "/", "http://wire").searchParams.get("to")!;
    const body = await bytesOf(request);
    const headers = { ...request.headers } as Record<string, string>;
    for (const name of ["host", "connection", "content-length", "transfer-encoding"]) delete headers[name];
    const forward = () => fetch(to, { method: "POST", body: new Uint8Array(body), headers });
    sent += 1;
    ids.add(`${to} ${headers["webhook-id"]}`);
    later(async () => {
      if (random() < lost) return void response.destroy();
      if (random() < doubled) later(async () => void (await forward().catch(() => {})), delayMs() * 4);
      const answer = await forward().catch(() => undefined);
      if (answer === undefined || random() < unanswered) return void response.destroy();
      response.writeHead(answer.status).end(await answer.text());
    }, delayMs());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    through: (to: string) => `http://127.0.0.1:${port}/?to=${encodeURIComponent(to)}`,
    /** Requests, with those that were made again. */
    sent: () => sent,
    /** Different messages. */
    messages: () => ids.size,
    isIdle: () => underWay === 0,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
