import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import { CSRF_HEADER, CSRF_VALUE } from "@inlet/contracts";
import { recordAudit } from "@inlet/database";
import type { FastifyInstance } from "fastify";
import { auditOf } from "../audit-entry.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts } from "../route-host.ts";

/** Where the board is. */
export const BOARD_PATH = "/operations/queues";

/** Its own scripts and styles, from here alone; it sets style attributes, and brings two lines of style in its page. */
const BOARD_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
  "font-src 'self'; frame-ancestors 'none'; base-uri 'self'; form-action 'none'";

/** Fonts that its page would load from elsewhere. The policy forbids them as well. */
const FOREIGN_LINKS = /<link[^>]+href="https?:\/\/[^>]*>\s*/g;

const isOfBoard = (url: string) =>
  url === BOARD_PATH || url.startsWith(`${BOARD_PATH}/`) || url.startsWith(`${BOARD_PATH}?`);
const isReading = (method: string) => ["GET", "HEAD"].includes(method);

/**
 * Says for the board's routes what they need: looking is for those who oversee the hub, changing for admins. To be called
 * before the routes are guarded; the board itself knows of no callers.
 */
export function guardQueueBoard(app: FastifyInstance): void {
  app.addHook("onRoute", (route) => {
    if (!isOfBoard(route.url)) return;
    const access = [route.method].flat().every((method) => isReading(String(method))) ? "oversee" : "administer";
    route.config = { ...route.config, access };
  });
  app.addHook("onRequest", async (request) => {
    if (!isOfBoard(request.url) || isReading(request.method)) return;
    // Its page cannot be taught our header. What proves that the request is the page's own are the browser's words on where
    // it comes from, and those are asked for together with the header.
    request.headers[CSRF_HEADER] ??= CSRF_VALUE;
  });
}

/** Serves Bull Board: what is in Redis now, job by job. */
export async function registerQueueBoard(app: FastifyInstance, { database, publisher, env }: ApiParts): Promise<void> {
  const isWritable = env.API_QUEUES_WRITABLE === true;
  const board = new FastifyAdapter();
  board.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: publisher.queues().map((queue) => new BullMQAdapter(queue, { readOnlyMode: !isWritable })),
    serverAdapter: board,
    options: { uiConfig: { boardTitle: "Inlet's queues", hideRedisDetails: true } },
  });
  await app.register((scope, _options, begun) => {
    scope.addHook("onRequest", async (request, reply) => {
      if (!isReading(request.method) && !isWritable) {
        throw new Refusal(
          403,
          "queues_read_only",
          "The queues can only be looked at here. Work is retried and cancelled by its batch; API_QUEUES_WRITABLE=true lets admins change queues.",
        );
      }
      reply.header("content-security-policy", BOARD_POLICY);
    });
    scope.addHook("preHandler", async (request) => {
      if (isReading(request.method)) return;
      // Before it is done: Redis knows nothing of a transaction, and nothing is to be changed that nobody has noted.
      const path = request.url.slice(`${BOARD_PATH}/api/`.length).split("?")[0]!;
      await recordAudit(database, auditOf(request, "queue.change", { path, detail: { method: request.method } }));
    });
    scope.addHook("onSend", async (_request, reply, payload) => {
      const isPage = String(reply.getHeader("content-type")).startsWith("text/html");
      return isPage && typeof payload === "string" ? payload.replace(FOREIGN_LINKS, "") : payload;
    });
    const plugin = board.registerPlugin() as unknown as (
      host: FastifyInstance,
      options: object,
      done: () => void,
    ) => void;
    scope.register(
      (host, options, done) => {
        // Its own answers to errors would hide who was refused, and why.
        const withoutErrorHandler = Object.create(host, { setErrorHandler: { value: () => host } });
        plugin(withoutErrorHandler, options, done);
      },
      { prefix: BOARD_PATH },
    );
    begun();
  });
}
