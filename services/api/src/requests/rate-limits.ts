import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "./errors.ts";

const WINDOW_MS = 60_000;
const WINDOW_SECONDS = WINDOW_MS / 1_000;

/** Counts requests of callers, and of addresses where nobody is known. */
export interface RateLimits {
  /** @throws Refusal 429 */
  count(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Counts a request that the guard turned away; what it is refused for in the end. */
  judged(thrown: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown>;
}

/**
 * Limits requests to so many in a minute: of one caller, wherever it asks from; of one address, for those that nobody is
 * known of. Somebody who guesses keys does not use up what others of the same address have. Counted in this process
 * alone: with several, a caller has the limit in each.
 */
export async function openRateLimits(
  app: Pick<FastifyInstance, "register" | "createRateLimit">,
  perMinute: number,
): Promise<RateLimits> {
  await app.register(rateLimit, { global: false });
  const limitBy = (keyGenerator: (request: FastifyRequest) => string) => {
    const check = app.createRateLimit({ max: perMinute, timeWindow: WINDOW_MS, keyGenerator });
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const result = await check(request);
      // Only an allow-list is without figures, and there is none.
      if (result.isAllowed) return;
      reply.headers({
        "ratelimit-limit": perMinute,
        "ratelimit-remaining": result.remaining,
        "ratelimit-reset": result.ttlInSeconds,
        "ratelimit-policy": `${perMinute};w=${WINDOW_SECONDS}`,
      });
      if (!result.isExceeded) return;
      throw new Refusal(
        429,
        "too_many_requests",
        `More than ${perMinute} requests in a minute. Go on in ${result.ttlInSeconds} s, and more slowly.`,
        undefined,
        { retryAfterSeconds: result.ttlInSeconds },
      );
    };
  };
  const countAddress = limitBy(({ ip }) => `address:${ip}`);
  const countCaller = limitBy(({ identified }) => `${identified?.kind}:${identified?.id}`);
  const count = (request: FastifyRequest, reply: FastifyReply) =>
    request.identified === undefined ? countAddress(request, reply) : countCaller(request, reply);
  return {
    count,
    async judged(thrown, request, reply) {
      const isTurnedAway = thrown instanceof Refusal && (thrown.status === 401 || thrown.status === 403);
      if (!isTurnedAway || reply.hasHeader("ratelimit-limit")) return thrown;
      return await count(request, reply).then(
        () => thrown,
        (refused: unknown) => refused,
      );
    },
  };
}

/** Counts every request that the guard lets pass. To be called after the guard: it is then that the caller is known. */
export function countRequests(app: Pick<FastifyInstance, "addHook">, limits: RateLimits): void {
  app.addHook("onRequest", async (request, reply) => {
    await limits.count(request, reply);
  });
}
