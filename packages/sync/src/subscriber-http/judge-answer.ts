import type { AppError } from "@inlet/contracts";
import { type HttpAnswer, isWorthRetrying, retryAfterMs } from "@inlet/remote-http";
import { needsPerson, passing, refusedItem } from "../failure.ts";
import { answerWords } from "./answer-words.ts";

/** 407: a proxy on the way wants to know who we are. */
const ACCESS: ReadonlySet<number> = new Set([401, 403, 407]);

/**
 * What an answer means that is no success: undefined for 2xx.
 * @param request for the message: how it is called, without what its query holds
 */
export function judgeAnswer(request: string, answer: HttpAnswer): AppError | undefined {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return undefined;
  const words = answerWords(answer);
  const message = `${request} answered ${status}${words === "" ? "." : `: ${words}`}`;
  if (isWorthRetrying(status)) {
    const waiting = { message, retryAfterMs: retryAfterMs(headers, new Date()) };
    return status === 429 ? passing(waiting, "outside_busy") : passing(waiting);
  }
  if (status >= 300 && status < 400) return redirected(request, status);
  return ACCESS.has(status) ? needsPerson({ message }) : refusedItem({ message });
}

const redirected = (request: string, status: number) =>
  needsPerson(
    { message: `${request} answered ${status}: that redirect is not followed. Put the new address into the profile.` },
    "outside_redirects",
  );

/** How a request is called in messages. What its query holds may be a key. */
export function requestName(method: string, url: string): string {
  if (!URL.canParse(url)) return method;
  const { protocol, host, pathname } = new URL(url);
  return `${method} ${protocol}//${host}${pathname}`;
}
