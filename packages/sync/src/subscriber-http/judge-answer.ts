import type { AppError } from "@inlet/contracts";
import type { HttpAnswer } from "@inlet/remote-http";
import { needsPerson, passing, refusedItem } from "../failure.ts";
import { answerWords } from "./answer-words.ts";
import { retryAfterMs } from "./retry-after.ts";

/** Statuses that say: not now (RFC 9110, RFC 6585, RFC 8470). */
const NOT_NOW: ReadonlySet<number> = new Set([408, 425, 429]);

/**
 * What an answer means that is no success: undefined for 2xx.
 * @param request for the message: how it is called, without what its query holds
 */
export function judgeAnswer(request: string, answer: HttpAnswer): AppError | undefined {
  const { status } = answer;
  if (status >= 200 && status < 300) return undefined;
  const words = answerWords(answer);
  const message = `${request} answered ${status}${words === "" ? "." : `: ${words}`}`;
  if (status === 429)
    return passing({ message, retryAfterMs: retryAfterMs(answer.headers["retry-after"]) }, "outside_busy");
  if (status >= 500 || NOT_NOW.has(status))
    return passing({ message, retryAfterMs: retryAfterMs(answer.headers["retry-after"]) });
  if (status === 401 || status === 403 || status === 407) return needsPerson({ message });
  if (status >= 300 && status < 400)
    return needsPerson(
      { message: `${request} answered ${status}: redirects are not followed. Put the new address into the profile.` },
      "outside_redirects",
    );
  return refusedItem({ message });
}

/** How a request is called in messages. What its query holds may be a key. */
export function requestName(method: string, url: string): string {
  if (!URL.canParse(url)) return method;
  const { protocol, host, pathname } = new URL(url);
  return `${method} ${protocol}//${host}${pathname}`;
}
