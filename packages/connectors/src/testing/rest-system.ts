import type { RestReading } from "@inlet/contracts";
import type { Fault, Faults } from "./faults.ts";
import { type Answer, listen, type RecordedRequest } from "./listening.ts";

type Paging = RestReading["paging"];

/** An item as the test server has it. */
export interface RestItem {
  id: number;
  name: string;
  changed: string;
}

export interface RestSystemOptions {
  paging?: Paging;
  items?: readonly RestItem[];
  /** The server's own limit, whatever it is asked for. */
  mostOnPage?: number;
  gzip?: boolean;
  /** What lets one in; everybody without it gets 401. */
  letsIn?(request: RecordedRequest): boolean;
  /** Pages are asked for by POST. */
  isPost?: boolean;
  /** What is answered when a page behind the last is asked for. Default: a page without items. */
  behindLast?: "empty" | 404 | 400 | "last again";
  /** Changes the address of the next page. */
  link?(link: string): string;
  /** How long tokens last, in seconds. */
  tokenSeconds?: number;
}

/** Any system that speaks JSON: its items by every kind of paging, a token endpoint, and faults. */
export async function startRestSystem(options: RestSystemOptions = {}) {
  const { paging = { by: "none" }, mostOnPage = 100, behindLast = "empty", link: relink = (link) => link } = options;
  const items = options.items ?? itemsOf(25);
  const tokens: string[] = [];
  let lastPage: Answer | undefined;
  const server = await listen({
    gzip: options.gzip ?? false,
    askedBy: (_method, path) => (path === "/token" ? "login" : path === "/api/count" ? "count" : "page"),
    answer(request, faults) {
      if (request.asked === "login") return token(request);
      if (faults.some(({ kind }) => kind === "session_lost")) tokens.length = 0;
      if (options.letsIn && !options.letsIn(request))
        return json(401, { error: "no", message: `bad key ${request.headers.authorization ?? ""}` });
      if (request.asked === "count") return json(200, { total: seen(request).length });
      if (!request.path.startsWith("/api/items")) return json(404, { message: "nothing here" });
      if (lastPage !== undefined && faults.some(({ kind }) => kind === "repeat")) return lastPage;
      lastPage = page(request, faults);
      return lastPage;
    },
  });

  function token({ body, headers }: RecordedRequest): Answer {
    const form = new URLSearchParams(body);
    const proof = Buffer.from(String(headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
    const isKnown =
      proof === "inlet%3A1:hush%2Bhush" ||
      (form.get("client_id") === "inlet:1" && form.get("client_secret") === "hush+hush");
    if (form.get("grant_type") !== "client_credentials" || !isKnown)
      return json(401, {
        error: "invalid_client",
        error_description: `no such client ${form.get("client_secret") ?? proof}`,
      });
    tokens.push(`token-${tokens.length + 1}-${Math.random().toString(36).slice(2)}`);
    return json(200, {
      access_token: tokens.at(-1),
      token_type: "Bearer",
      expires_in: String(options.tokenSeconds ?? 3600),
    });
  }

  const asked = (request: RecordedRequest): Record<string, unknown> =>
    options.isPost ? (JSON.parse(request.body || "{}") as Record<string, unknown>) : request.query;

  function seen(request: RecordedRequest): RestItem[] {
    const since = asked(request).since ?? request.query.since;
    return items.filter(({ changed }) => since === undefined || changed >= String(since).replace("ge:", ""));
  }

  function page(request: RecordedRequest, faults: readonly Fault[]): Answer {
    const all = seen(request);
    const words = asked(request);
    const number = (name: string | undefined, otherwise: number) => Number(words[name ?? ""] ?? otherwise);
    const sizeWord = paging.by === "page" ? paging.size : "limit" in paging ? paging.limit : undefined;
    const size = paging.by === "none" ? all.length : Math.min(mostOnPage, number(sizeWord, mostOnPage));
    let from = 0;
    if (paging.by === "offset") from = number(paging.offset, 0);
    if (paging.by === "page") from = (number(paging.page, paging.first) - paging.first) * size;
    if (paging.by === "cursor") from = number(paging.parameter, 0);
    if (paging.by === "last_item") from = 1 + all.findIndex(({ id }) => id === number(paging.parameter, 0));
    if (paging.by === "link" || paging.by === "next") from = Number(request.query.from ?? 0);
    if (faults.some(({ kind }) => kind === "skip")) from += size;
    if (from >= all.length && from > 0 && behindLast !== "empty") {
      if (behindLast !== "last again") return json(behindLast, { message: "there is no such page" });
      from = Math.floor((all.length - 1) / size) * size;
    }
    const found = all.slice(from, from + size);
    const next = from + size < all.length ? from + size : null;
    const query = new URLSearchParams({ ...request.query, from: String(next), [sizeWord ?? "size"]: String(size) });
    const link = next === null ? null : relink(`${server.origin}/api/items?${query}`);
    return {
      status: 200,
      headers: {
        "content-type": "application/json; charset=utf-8",
        "x-total-count": String(all.length),
        ...(paging.by === "link" &&
          link !== null && {
            link: `<${server.origin}/api/items?from=0>; rel="first", <${link}>; title="a, b"; rel=next`,
          }),
      },
      body: JSON.stringify({
        data: { items: found },
        total: all.length,
        here: found.length,
        cursor: next === null ? null : String(next),
        more: next !== null,
        next: link,
      }),
    };
  }

  return {
    url: `${server.origin}/api`,
    origin: server.origin,
    requests: server.requests,
    faults: server.faults as Faults,
    /** Those that hold. */
    tokens,
    close: server.close,
  };
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

export const itemsOf = (count: number): RestItem[] =>
  Array.from({ length: count }, (_, index) => ({
    id: 1_000 + index,
    name: `Widget, ${index}`,
    changed: `2026-11-${String(1 + (index % 28)).padStart(2, "0")}T00:00:00Z`,
  }));
