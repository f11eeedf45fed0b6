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
    await expect.poll(() => text, { timeout: 10_000 }).toContain("event: reset");
    stream!.write(formatEvent("batches", "[]", "3"));
    await expect.poll(() => text, { timeout: 10_000 }).toContain("id: 3");
  } finally {
    response.destroy();
    server.closeAllConnections();
    server.close();
  }
});
