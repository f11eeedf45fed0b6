import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { pipeline } from "node:stream";
import type { PlayerFiles } from "@inlet/player/files";
import { usageFailure } from "../failure.ts";
import { pathText } from "../storyboard-text.ts";
import type { FolderAsset } from "./folder-assets.ts";
import { assetFile, type Preview, shownFilm } from "./preview.ts";

const HOST = "127.0.0.1";
/** Where it listens unless something else does already. */
const USUAL_PORT = 8090;
const PAGE = join(import.meta.dirname, "page");
/** The same as landing pages have: what would not play there does not play here. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
/** A proxy or a browser gives up on a stream that says nothing. */
const ALIVE_MS = 15_000;

export interface PreviewServerOptions {
  /** The storyboard's file, for its name. */
  file: string;
  player: PlayerFiles;
  /** What there is at this moment. */
  preview: () => Preview;
  /** Which row is shown first, from 0. */
  firstRow: number;
  /** Undefined: the usual one, or any where that is taken. */
  port: number | undefined;
}

/**
 * Shows a storyboard to this machine's own browser. Rows are of real people: its address holds a key, so that others who work
 * on this machine do not see them.
 */
export class PreviewServer {
  readonly url: string;
  readonly #server: Server;
  readonly #watchers: Set<ServerResponse>;

  private constructor(server: Server, watchers: Set<ServerResponse>, root: string) {
    this.#server = server;
    this.#watchers = watchers;
    this.url = `http://${HOST}:${(server.address() as AddressInfo).port}${root}`;
  }

  /** @throws CliFailure when the wished port is taken */
  static async open(options: PreviewServerOptions): Promise<PreviewServer> {
    const watchers = new Set<ServerResponse>();
    const root = `/${randomBytes(12).toString("base64url")}/`;
    const server = createServer((request, response) => {
      answer(request, response, { ...options, root, watchers }).catch((error: Error) => {
        if (!response.headersSent) plain(response, 500, error.message);
        else response.destroy();
      });
    });
    await listen(server, options.port);
    return new PreviewServer(server, watchers, root);
  }

  /** Tells the open pages that something is different now. */
  tellOfChange(): void {
    for (const response of this.#watchers) response.write("data: changed\n\n");
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

async function listen(server: Server, port: number | undefined): Promise<void> {
  const tryPort = (wanted: number) =>
    new Promise<boolean>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) =>
        error.code === "EADDRINUSE" || error.code === "EACCES" ? resolve(false) : reject(error),
      );
      server.listen(wanted, HOST, () => resolve(true));
    });
  if (await tryPort(port ?? USUAL_PORT)) return;
  if (port !== undefined) throw usageFailure(`Port ${port} cannot be listened on; name another one, or none.`);
  await tryPort(0);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { root, watchers, ...options }: PreviewServerOptions & { root: string; watchers: Set<ServerResponse> },
): Promise<void> {
  response.setHeader("content-security-policy", POLICY);
  response.setHeader("x-content-type-options", "nosniff");
  response.setHeader("referrer-policy", "no-referrer");
  response.setHeader("cache-control", "no-store");
  // Another site's page could reach this one under a name of its own.
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(request.headers.host ?? ""))
    return plain(response, 421, "This preview answers to 127.0.0.1 alone.");
  if (request.method !== "GET" && request.method !== "HEAD") return plain(response, 405, "There is nothing to send.");
  const { pathname, searchParams } = new URL(request.url ?? "/", `http://${HOST}`);
  if (!pathname.startsWith(root)) return plain(response, 404, "The terminal says where this preview is.");
  const [folder = "", name = ""] = pathname.slice(root.length).split("/");
  const preview = options.preview();
  if (folder === "") return page(response, options);
  if (folder === "preview.js") return file(response, "preview.js", "text/javascript; charset=utf-8");
  if (folder === "preview.css") return file(response, "preview.css", "text/css; charset=utf-8");
  if (folder === "icon.svg") return file(response, "icon.svg", "image/svg+xml");
  if (folder === "changes") return follow(response, watchers);
  if (folder === "state") return json(response, stateOf(preview, options));
  if (folder === "film") {
    const language = searchParams.get("language") || undefined;
    return json(response, shownFilm(preview, Number(searchParams.get("row")), language) ?? null);
  }
  if (folder === "s") {
    const found = options.player.files.get(name);
    if (found) return void response.setHeader("content-type", found.mediaType).end(found.bytes);
  }
  if (folder === "a") {
    const asset = assetFile(preview, name);
    if (asset) return sendAsset(request, response, asset);
  }
  return plain(response, 404, "There is nothing here.");
}

/** What the page shows around the player. */
function stateOf({ title, problems, rows, languages, storyboard }: Preview, { file, firstRow }: PreviewServerOptions) {
  return {
    title,
    file: basename(file),
    isSound: storyboard !== undefined,
    problems: problems.map(({ severity, path, message, line }) => ({
      severity,
      where: pathText(path),
      line: line ?? null,
      message,
    })),
    rows: rows.map(({ name }) => name),
    firstRow,
    languages,
  };
}

async function page(response: ServerResponse, { player }: PreviewServerOptions): Promise<void> {
  const html = await readFile(join(PAGE, "preview.html"), "utf8");
  response
    .setHeader("content-type", "text/html; charset=utf-8")
    .end(html.replace("{{player}}", `./s/${player.script}`));
}

async function file(response: ServerResponse, name: string, type: string): Promise<void> {
  response.setHeader("content-type", type).end(await readFile(join(PAGE, name)));
}

/** Whole, or the part that is asked for: browsers seek in videos and sounds by that. */
function sendAsset(request: IncomingMessage, response: ServerResponse, { path, mediaType, sizeBytes }: FolderAsset) {
  // A drawing that is opened by itself runs nothing.
  response.setHeader("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox");
  response.setHeader("content-type", mediaType);
  response.setHeader("accept-ranges", "bytes");
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "") ?? [];
  const start = from === undefined ? 0 : Number(from);
  const end = Math.min(sizeBytes - 1, to ? Number(to) : sizeBytes - 1);
  if (start > end) {
    response.setHeader("content-range", `bytes */${sizeBytes}`);
    return plain(response, 416, "The file has no such part.");
  }
  if (from !== undefined) {
    response.statusCode = 206;
    response.setHeader("content-range", `bytes ${start}-${end}/${sizeBytes}`);
  }
  response.setHeader("content-length", end - start + 1);
  if (request.method === "HEAD") return void response.end();
  pipeline(createReadStream(path, { start, end }), response, () => {});
}

function follow(response: ServerResponse, watchers: Set<ServerResponse>): void {
  response.setHeader("content-type", "text/event-stream").flushHeaders();
  watchers.add(response);
  const alive = setInterval(() => response.write(": alive\n\n"), ALIVE_MS);
  response.on("close", () => {
    clearInterval(alive);
    watchers.delete(response);
  });
}

function json(response: ServerResponse, body: unknown): void {
  response.setHeader("content-type", "application/json; charset=utf-8").end(JSON.stringify(body));
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "text/plain; charset=utf-8").end(`${text}\n`);
}
