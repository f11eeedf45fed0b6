import { createServer, get, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type EventStream, formatEvent, MOST_WAITING_BYTES, openEventStream } from "./event-stream.ts";

test("a slow reader is told nothing more until it has caught up, and then to ask anew", async () => {
  let stream: EventStream | undefined;
  let raw: ServerResponse | undefined;
  const server = createServer((_request, response) => {
    raw = response;
    stream = openEventStream(response, {
      onBehind: () => formatEvent("reset", JSON.stringify({ reason: "behind" }), "9"),
      onClose() {},
    });
    stream.write(formatEvent("ready", "{}", "1"));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const response = await new Promise<IncomingMessage>((resolve) => {
    get({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }, resolve);
  });
  try {
    const event = formatEvent("batches", JSON.stringify(["x".repeat(60_000)]), "2");
    // Far more than the sockets' own buffers hold; the reader reads nothing of it.
    for (let written = 0; written < 64 * 1024 * 1024; written += event.length) stream!.write(event);
    expect(raw!.writableLength).toBeLessThanOrEqual(MOST_WAITING_BYTES + event.length);
    let text = "";
    response.setEncoding("utf8").on("data", (chunk: string) => {
      text = (text + chunk).slice(-200);
    });
    await expect.poll(() => text, { timeout: 30_000 }).toContain("event: reset");
    stream!.write(formatEvent("batches", "[]", "3"));
    await expect.poll(() => text, { timeout: 30_000 }).toContain("id: 3");
  } finally {
    response.destroy();
    server.closeAllConnections();
    server.close();
  }
});

test("a large event behind a small one that is still on its way is told, too", async () => {
  const server = createServer((_request, response) => {
    const stream = openEventStream(response, { onBehind: () => formatEvent("reset", "{}", "9"), onClose() {} });
    response.writeHead(200);
    response.cork();
    stream.write(formatEvent("ready", "{}", "1"));
    stream.write(formatEvent("batches", JSON.stringify("x".repeat(2 * MOST_WAITING_BYTES)), "2"));
    response.uncork();
    stream.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const told = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await told.text()).match(/^id: \d/gm)).toEqual(["id: 1", "id: 2"]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
