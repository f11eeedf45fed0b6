import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "./errors.ts";

/**
 * Answers for addresses and methods that no route has: 405 with `Allow` where the address takes other methods, 204 with
 * `Allow` to OPTIONS, else 404. To be called before the routes are registered.
 * @param page answers for addresses of the console's pages, which are no routes; undefined: it is none of them
 */
export function answerStrays(
  app: Pick<FastifyInstance, "addHook" | "setNotFoundHandler">,
  page: (request: FastifyRequest, reply: FastifyReply) => Promise<string | undefined>,
): void {
  const routes: { pattern: RegExp; methods: string[] }[] = [];
  app.addHook("onRoute", ({ url, method }) => {
    routes.push({ pattern: patternOf(url), methods: [method].flat() });
  });
  app.setNotFoundHandler(async (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split("?")[0]!;
    const allowed = [...new Set(routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods))];
    // A route that knows nothing of that name, such as that of the console's files, sends its callers here as well.
    if (allowed.length === 0 || allowed.includes(request.method)) {
      const found = await page(request, reply);
      if (found !== undefined) return reply.send(found);
      throw new Refusal(404, "no_such_route", `There is no ${request.method} ${path}. See /docs.`);
    }
    reply.header("allow", allowed.sort().join(", "));
    if (request.method === "OPTIONS") return reply.code(204).send();
    throw new Refusal(405, "method_not_allowed", `${path} takes ${allowed.join(", ")}, not ${request.method}.`);
  });
}

/** `/v1/batches/:id` as an expression for addresses. */
function patternOf(url: string): RegExp {
  const parts = url.split("/").map((part) => {
    if (part === "*") return ".*";
    return part.startsWith(":") ? "[^/]+" : part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${parts.join("/")}$`);
}
