import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { sampleItem } from "./pull-items.ts";

/**
 * A system that has so many items, in a process of its own: `node pull-server-main.ts <items> <items a page>`. Its pages are
 * rendered before it listens, so that it costs neither side more than sending them. The first line that it prints is its port.
 */
const [total = 0, pageSize = 0] = process.argv.slice(2).map(Number);

const render = (from: number, count: number) => {
  const items = Array.from({ length: Math.max(0, Math.min(count, total - from)) }, (_, at) =>
    sampleItem(from + at + 1),
  );
  return Buffer.from(`{"total":${total},"items":[${items.join(",")}]}`);
};
const pages = Array.from({ length: Math.ceil(total / pageSize) }, (_, page) => render(page * pageSize, pageSize));

const server = createServer((request, response) => {
  const query = new URL(request.url ?? "/", "http://localhost").searchParams;
  const [offset, limit] = [Number(query.get("offset") ?? 0), Number(query.get("limit") ?? pageSize)];
  const body = limit === pageSize && offset % pageSize === 0 ? pages[offset / pageSize] : undefined;
  const bytes = body ?? render(offset, limit);
  response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length });
  response.end(bytes);
});
// It ends with whoever started it.
process.stdin.on("end", () => process.exit()).resume();
server.listen(0, "127.0.0.1", () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
