import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { fastify } from "fastify";

/**
 * A Fastify server with nothing but a route that answers any token with the same page, from memory, and one that answers with the
 * file as servers of files do, from disk; in a process of its own: `node page-server-main.ts <file> <the page's headers as JSON>`. The first
 * line that it prints is its port.
 */
const body = await readFile(process.argv[2]!);
const headers = JSON.parse(process.argv[3]!) as Record<string, string>;
const app = fastify();
app.get("/p/:token", (_request, reply) => {
  reply.headers(headers).send(body);
});
app.get("/file", async (_request, reply) => {
  const { size, mtimeMs } = await stat(process.argv[2]!);
  reply.headers({ "content-type": "image/png", "content-length": size, etag: `W/"${size}-${mtimeMs}"` });
  return reply.send(createReadStream(process.argv[2]!));
});
await app.listen({ host: "127.0.0.1", port: 0 });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
// It ends with whoever started it.
process.stdin.on("end", () => process.exit()).resume();
