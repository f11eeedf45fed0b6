import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import type { Behaviour } from "./behaviour.ts";
import type { MailStore } from "./mail-store.ts";

type Request = { method: string; path: string[]; query: URLSearchParams; body: () => Promise<unknown> };
type Answer = { status?: number; type: string; body: string | Buffer; headers?: Record<string, string> };

const asset = (name: string) => readFileSync(new URL(`./page/${name}`, import.meta.url));
const ASSETS: Record<string, Answer> = {
  "": { type: "text/html; charset=utf-8", body: asset("index.html") },
  "mailbox.css": { type: "text/css; charset=utf-8", body: asset("mailbox.css") },
  "mailbox.js": { type: "text/javascript; charset=utf-8", body: asset("mailbox.js") },
};

const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** A mail is a stranger's page: no scripts, nothing from the network, and no way to our origin. */
const MAIL_POLICY =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/** Shows the received mails to people, and to programs under /api. */
export async function openWeb(port: number, store: MailStore, behaviour: Behaviour): Promise<Server> {
  const server = createServer((request, response) => {
    if (!isLocal(request)) return send(response, text(403, "this page answers to local names only"));
    const url = new URL(request.url ?? "/", "http://mailbox");
    const path = url.pathname.split("/").slice(1).map(decode);
    if (path.join("/") === "api/events") return stream(request, response, store);
    const body = () => json(request);
    route({ method: request.method ?? "GET", path, query: url.searchParams, body }, store, behaviour).then(
      (answer) => send(response, answer),
      (error: Error) =>
        send(response, text(error instanceof TypeError || error instanceof SyntaxError ? 400 : 500, error.message)),
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** Keeps other sites out: neither by a name that resolves to this machine nor by a request from their page. */
function isLocal({ headers, method }: IncomingMessage): boolean {
  const isLocalName = (host: string) => /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host);
  if (!isLocalName(headers.host ?? "")) return false;
  const { origin } = headers;
  return method === "GET" || origin === undefined || isLocalName(origin.replace(/^https?:\/\//, ""));
}

async function route({ method, path, query, body }: Request, store: MailStore, behaviour: Behaviour): Promise<Answer> {
  const [head = "", second, id = "", part, index] = path;
  if (method === "GET" && path.length === 1 && ASSETS[head]) return ASSETS[head];
  if (head === "readyz") return text(200, "ready");
  if (head !== "api") return notFound;
  if (second === "behaviour") {
    if (method === "PUT") behaviour.replace(await body());
    return data(behaviour.rules);
  }
  if (second !== "messages") return notFound;
  if (path.length === 2) {
    if (method === "DELETE") await store.clear();
    return data(matching(store, query));
  }
  if (part === undefined) return orNotFound(await store.read(id), data);
  if (part === "raw")
    return orNotFound(await store.raw(id), (bytes) => ({ type: "text/plain; charset=utf-8", body: bytes }));
  if (part === "html") return orNotFound((await store.read(id))?.html, mailPage);
  if (part === "attachments") return orNotFound(await store.attachment(id, Number(index)), download);
  return notFound;
}

/** `?to=`, `?subject=`, `?messageId=`: each a part that must occur. */
function matching(store: MailStore, query: URLSearchParams) {
  const holds = (value: string, name: string) => value.toLowerCase().includes((query.get(name) ?? "").toLowerCase());
  return store.list().filter(({ to, envelope, subject, messageId = "" }) => {
    const recipients = [to, ...envelope.to].join(" ");
    return holds(recipients, "to") && holds(subject, "subject") && holds(messageId, "messageId");
  });
}

/** Links open in a tab of their own: the frame cannot be navigated by a mail. */
const mailPage = (html: string): Answer => ({
  type: "text/html; charset=utf-8",
  body: `<!doctype html><meta charset="utf-8"><base target="_blank">${html}`,
  headers: { "content-security-policy": MAIL_POLICY },
});

const download = ({ filename, content }: { filename: string; content: Buffer }): Answer => ({
  type: "application/octet-stream",
  body: content,
  headers: { "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(filename)}` },
});

function stream(request: IncomingMessage, response: ServerResponse, store: MailStore): void {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
  response.write("retry: 1000\n\n");
  const end = store.onChange(() => response.write("data: changed\n\n"));
  request.on("close", end);
}

function send(response: ServerResponse, { status = 200, type, body, headers }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": PAGE_POLICY,
    ...headers,
  });
  response.end(body);
}

const data = (value: unknown): Answer => ({ type: "application/json; charset=utf-8", body: JSON.stringify(value) });
const text = (status: number, body: string): Answer => ({ status, type: "text/plain; charset=utf-8", body });
const notFound = text(404, "not found");
const orNotFound = <T>(value: T | undefined, answer: (value: T) => Answer): Answer =>
  value === undefined ? notFound : answer(value);

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
