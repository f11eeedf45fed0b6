import { X509Certificate } from "node:crypto";
import { Misconfigured } from "@inlet/contracts";
import type { RemoteNetwork } from "@inlet/remote-network";
import type { Dispatcher } from "undici";
import { TooLarge } from "./body.ts";
import { openDeadline } from "./deadline.ts";
import { type Exchanged, exchange } from "./exchange.ts";
import { openGuardedAgent } from "./guarded-agent.ts";
import type { HttpAnswer, HttpRequest, RemoteHttp } from "./http.ts";
import { brokenAnswer, httpFault, noAddress, tooLarge, tooSlow } from "./http-faults.ts";

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 128 * 1024 * 1024;
/** Long enough for a pull's pages to come over few connections, short enough for a changed rule to hold soon. */
const KEEP_MS = 30_000;
/** Enough for `/items` to `/items/` and the like. */
const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

interface RemoteHttpOptions {
  /** Which addresses may be connected to. */
  network: RemoteNetwork;
  /** For the whole of a request. Default 60 s. */
  timeoutMs?: number;
  /** Of an answer's body, unpacked. Default 128 MiB. */
  maxBytes?: number;
  /** The certificate, PEM, that servers' are signed with, where no public authority knows it. */
  tlsCa?: string;
  /** How long a connection serves at most, from when it stands. 0: one request each. Default 30 s. */
  keepMs?: number;
}

/**
 * The way to systems that profiles name: see {@link RemoteHttp}. GET and HEAD follow redirects within the origin that was asked
 * for, at most three, because they stay with whom the profile names; any other redirect is the answer.
 * @throws Misconfigured `http_certificate` when `tlsCa` is no certificate
 */
export function openRemoteHttp(options: RemoteHttpOptions): RemoteHttp {
  const { network, tlsCa, keepMs = KEEP_MS, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = options;
  if (tlsCa !== undefined) checkCertificates(tlsCa);
  const agent = openGuardedAgent(network, { keepMs, ...(tlsCa !== undefined && { tlsCa }) });
  return {
    async request(request) {
      const startedMs = performance.now();
      const bounds = { timeoutMs: request.timeoutMs ?? timeoutMs, maxBytes: request.maxBytes ?? maxBytes };
      const answer = await ask(agent, request, bounds);
      return { ...answer, durationMs: Math.round(performance.now() - startedMs) };
    },
    close: () => agent.destroy(),
  };
}

/** OpenSSL passes over what it cannot read, and the first connection would say that the server is not trusted. */
function checkCertificates(pem: string): void {
  const each = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [""];
  try {
    for (const one of each) new X509Certificate(one);
  } catch (cause) {
    throw new Misconfigured({
      code: "http_certificate",
      message: "What the profile has under `tls.ca` is no certificate in PEM, or a damaged one: put it in anew.",
      cause,
    });
  }
}

interface Bounds {
  timeoutMs: number;
  maxBytes: number;
}

async function ask(agent: Dispatcher, request: HttpRequest, { timeoutMs, maxBytes }: Bounds) {
  if (!URL.canParse(request.url)) throw noAddress();
  const deadline = openDeadline(timeoutMs, request.signal);
  let url = request.url;
  let hasAnswered = false;
  try {
    for (let redirects = 0; ; redirects += 1) {
      hasAnswered = false;
      const onAnswer = () => {
        hasAnswered = true;
      };
      const answer = answerOf(await send(agent, request, url, { signal: deadline.signal, maxBytes, onAnswer }));
      const next = redirects < MOST_REDIRECTS ? nextWithin(request, url, answer) : undefined;
      if (next === undefined) return answer;
      url = next;
    }
  } catch (cause) {
    if (request.signal?.aborted) throw request.signal.reason;
    if (deadline.hasPassed()) throw tooSlow(url, timeoutMs);
    if (cause instanceof TooLarge) throw tooLarge(url, maxBytes);
    throw hasAnswered ? brokenAnswer(url, cause) : httpFault(url, cause);
  } finally {
    deadline.close();
  }
}

async function send(
  agent: Dispatcher,
  { method = "GET", headers, body }: HttpRequest,
  url: string,
  bounds: Parameters<typeof exchange>[2],
): Promise<Exchanged> {
  const { origin, pathname, search } = new URL(url);
  const how = {
    origin,
    path: pathname + search,
    method,
    headers: { "user-agent": "Inlet", accept: "*/*", "accept-encoding": "gzip, br", ...lowerCased(headers) },
    body: body ?? null,
    // The deadline holds for all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  return await exchange(agent, how, bounds);
}

function answerOf({ status, headers: raw, body }: Exchanged) {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(raw)) {
    if (value !== undefined && name !== "set-cookie") headers[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return { status, headers, cookies: [raw["set-cookie"] ?? []].flat(), body };
}

/** Where a redirect leads that is followed. */
function nextWithin(
  { method = "GET" }: HttpRequest,
  url: string,
  { status, headers }: Pick<HttpAnswer, "status" | "headers">,
): string | undefined {
  if (!REDIRECTS.has(status) || (method !== "GET" && method !== "HEAD") || headers.location === undefined) return;
  const next = URL.parse(headers.location, url);
  return next !== null && next.origin === new URL(url).origin ? next.href : undefined;
}

const lowerCased = (headers: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
