import { AppError, Unavailable } from "@inlet/contracts";
import { type Breaker, openBreaker } from "./breaker.ts";
import type { RemoteHttp } from "./http.ts";
import { openTurns } from "./turns.ts";

interface SharedSystemOptions {
  /** For messages, such as its origin. */
  name: string;
  /** Requests at a time. */
  concurrency: number;
  breaker?: Breaker;
}

/**
 * A system that several work with at the same time in one process: they share its places, and learn from each other that it is
 * down. What counts as down: no answer, a timeout, a broken answer, 502, 503 and 504. Other answers show that it is there.
 * @param http where requests go in the end
 */
export function openSharedSystem(
  http: RemoteHttp,
  { name, concurrency, breaker = openBreaker() }: SharedSystemOptions,
): RemoteHttp {
  const turns = openTurns(concurrency);
  return {
    /** @throws Unavailable `http_paused`: it was down when it was asked last; `context.waitMs` says for how long it is left alone */
    async request(request) {
      const endTurn = await turns.take(request.signal);
      try {
        const leave = breaker.take();
        if ("waitMs" in leave) {
          throw new Unavailable({
            code: "http_paused",
            message: `${name} has failed to answer several times in a row, and is left alone for ${Math.ceil(leave.waitMs / 1000)} s.`,
            context: { waitMs: leave.waitMs },
          });
        }
        let outcome: "well" | "badly" | "untried" = "untried";
        try {
          const answer = await http.request(request);
          outcome = answer.status >= 502 && answer.status <= 504 ? "badly" : "well";
          return answer;
        } catch (error) {
          if (error instanceof AppError && error.retryable) outcome = "badly";
          throw error;
        } finally {
          leave.ended(outcome);
        }
      } finally {
        endTurn();
      }
    },
    close: () => http.close(),
  };
}
