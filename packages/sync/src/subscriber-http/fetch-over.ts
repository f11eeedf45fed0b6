import type { HttpAnswer, HttpRequest } from "@inlet/remote-http";

const METHODS: ReadonlySet<string> = new Set(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]);
/** Statuses that the Fetch standard gives no body. */
const NO_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/** A `fetch` whose requests go the guarded way. What cannot be reached rejects with what `request` throws. */
export function fetchOver(request: (what: HttpRequest) => Promise<HttpAnswer>): typeof fetch {
  return async (input, init) => {
    const asked = new Request(input, init);
    if (!METHODS.has(asked.method)) throw new TypeError(`${asked.method} is no method that is sent.`);
    const body = Buffer.from(await asked.arrayBuffer());
    const {
      status,
      headers,
      cookies,
      body: answer,
    } = await request({
      method: asked.method as NonNullable<HttpRequest["method"]>,
      url: asked.url,
      headers: Object.fromEntries(asked.headers),
      ...(body.length > 0 ? { body } : {}),
      signal: asked.signal,
    });
    const response = new Response(NO_BODY.has(status) ? null : new Uint8Array(answer), {
      status,
      headers: Object.entries(headers).filter(([name]) => !UNPACKED.has(name)),
    });
    for (const cookie of cookies) response.headers.append("set-cookie", cookie);
    return response;
  };
}

/** What these say is no longer so: the body came unpacked. */
const UNPACKED: ReadonlySet<string> = new Set(["content-encoding", "content-length", "transfer-encoding"]);
