import { once } from "node:events";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { choosePort, releasePort } from "./ports.ts";

it("a port that somebody listens on is passed over, and so is one that was handed out", async () => {
  const preferred = await choosePort();
  const server = createServer().listen(preferred, "127.0.0.1");
  await once(server, "listening");
  await releasePort(preferred);
  const next = await choosePort(preferred);
  expect(next).toBeGreaterThan(preferred);
  expect(await choosePort(next)).toBeGreaterThan(next);
  await releasePort(next);
  expect(await choosePort(next)).toBe(next);
  server.close();
});
