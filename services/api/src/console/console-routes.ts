import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ApiParts } from "../route-host.ts";
import { consolePolicy, withNonce } from "./console-policy.ts";
import { NO_CONSOLE } from "./no-console.ts";

/** Where the console's own scripts put it. */
const BUILT_CONSOLE = fileURLToPath(new URL("../../../../packages/console/dist", import.meta.url));
/** The folder of files whose names hold a hash of what is in them. */
const ASSETS = "assets";
const YEAR_MS = 365 * 24 * 60 * 60 * 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/** What begins so is never a page of the console: a mistake in an address is answered as one. */
const NO_PAGES = /^\/(?:v1|docs|operations\/queues|healthz|readyz|metrics|assets)(?:\/|$)/;

const folderOf = ({ env }: Pick<ApiParts, "env">) => env.CONSOLE_DIST ?? BUILT_CONSOLE;

/**
 * Serves the console's files. Those with a hash in their name may be kept for a year, and are sent as the build has
 * compressed them. They hold no secret, so that nobody has to sign in to see the sign-in page.
 */
export async function registerConsole(app: FastifyInstance, parts: Pick<ApiParts, "env">): Promise<void> {
  const folder = folderOf(parts);
  await app.register((scope, _options, begun) => {
    scope.register(fastifyStatic, {
      root: join(folder, ASSETS),
      prefix: `/${ASSETS}/`,
      // Its routes say what they need; a plugin's cannot.
      serve: false,
      index: false,
      dotfiles: "ignore",
      preCompressed: true,
      cacheControl: false,
      logLevel: "warn",
    });
    scope.get(`/${ASSETS}/*`, { config: { access: "public" }, schema: { hide: true } as never }, (request, reply) => {
      const { "*": name } = request.params as { "*": string };
      reply.header("cache-control", `public, max-age=${YEAR_MS / 1_000}, immutable`);
      return reply.sendFile(name);
    });
    for (const name of rootFiles(folder)) {
      scope.get(`/${name}`, { config: { access: "public" }, schema: { hide: true } as never }, (_request, reply) => {
        reply.header("cache-control", `public, max-age=${DAY_MS / 1_000}`);
        return reply.sendFile(name, folder);
      });
    }
    scope.addHook("onSend", async (_request, reply, payload) => {
      // What is not there must not be remembered for a year.
      if (reply.statusCode >= 400) reply.header("cache-control", "no-store");
      return payload;
    });
    begun();
  });
}

/** Files beside the page, such as its picture. None while the console is not built. */
function rootFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /^[a-z0-9-]+\.(?:svg|png|ico|txt|webmanifest)$/.test(entry.name))
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Answers with the console's page, for the addresses that are its own; undefined: this is none of them. */
export function consolePage(
  parts: Pick<ApiParts, "env">,
): (request: FastifyRequest, reply: FastifyReply) => Promise<string | undefined> {
  const file = join(folderOf(parts), "index.html");
  return async (request, reply) => {
    const path = request.url.split("?")[0]!;
    if (request.method !== "GET" || NO_PAGES.test(path) || !takesPage(request)) return undefined;
    const nonce = randomBytes(16).toString("base64url");
    const page = await readFile(file, "utf8").catch(() => undefined);
    reply
      .code(page === undefined ? 503 : 200)
      .header("content-type", "text/html; charset=utf-8")
      .header("content-security-policy", consolePolicy(nonce))
      // Its scripts' names change with every build, its nonce with every request; and a page that is kept for going back
      // would show whoever comes next what was on it before somebody signed out.
      .header("cache-control", "no-store");
    return page === undefined ? NO_CONSOLE : withNonce(page, nonce);
  };
}

/** A program that mistypes an address is told so; a browser, or whoever takes anything at the root, gets the page. */
function takesPage({ headers, url }: FastifyRequest): boolean {
  return (headers.accept ?? "").includes("text/html") || url === "/" || url.startsWith("/?");
}
