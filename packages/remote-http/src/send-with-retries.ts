import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@inlet/contracts";
import type { HttpAnswer, HttpRequest, RemoteHttp } from "./http.ts";
import { retryAfterMs } from "./retry-after.ts";
import { isWorthRetrying, nextWaitMs, RETRIES, type RetryPolicy } from "./retry-policy.ts";

interface SendOptions {
  policy?: Partial<RetryPolicy> | undefined;
  /** The same request may be made twice. Default: for GET, HEAD, PUT and DELETE (RFC 9110, 9.2.2). A POST that only asks is, too. */
  isIdempotent?: boolean | undefined;
  /** Told before each wait. */
  onRetry?(fact: { attempt: number; waitMs: number; reason: string }): void;
}

/**
 * Makes a request, and makes it again while it fails for a reason that may pass: the network, a timeout, a broken answer, 408,
 * 425, 429 and 5xx (with their Retry-After), within a number of attempts and a time. The last answer is returned whatever it is;
 * the last error is thrown.
 * @throws what {@link RemoteHttp.request} throws; the request's signal's reason
 */
export async function sendWithRetries(
  http: Pick<RemoteHttp, "request">,
  request: HttpRequest,
  { policy, isIdempotent = isSafeTwice(request), onRetry }: SendOptions = {},
): Promise<HttpAnswer> {
  const kept = { ...RETRIES, ...policy };
  const startedMs = performance.now();
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await tryOnce(http, request);
    const isFinal = "answer" in outcome ? !isWorthRetrying(outcome.answer.status) : !isPassing(outcome.error);
    const askedMs = "answer" in outcome ? retryAfterMs(outcome.answer.headers, new Date()) : waitAsked(outcome.error);
    const elapsedMs = performance.now() - startedMs;
    const waitMs = isFinal || !isIdempotent ? undefined : nextWaitMs({ attempt, elapsedMs, askedMs }, kept);
    if (waitMs === undefined) {
      if ("answer" in outcome) return outcome.answer;
      throw outcome.error;
    }
    onRetry?.({ attempt, waitMs, reason: "answer" in outcome ? String(outcome.answer.status) : outcome.error.code });
    await sleep(waitMs, undefined, request.signal && { signal: request.signal }).catch(() => {
      throw request.signal!.reason;
    });
  }
}

async function tryOnce(http: Pick<RemoteHttp, "request">, request: HttpRequest) {
  try {
    return { answer: await http.request(request) };
  } catch (error) {
    if (error instanceof AppError) return { error };
    throw error;
  }
}

const isPassing = (error: AppError): boolean => error.retryable;

/** A circuit breaker says when it lets one through again. */
const waitAsked = ({ context }: AppError): number | undefined =>
  typeof context.waitMs === "number" ? context.waitMs : undefined;

const isSafeTwice = ({ method = "GET" }: HttpRequest): boolean => method !== "POST" && method !== "PATCH";
