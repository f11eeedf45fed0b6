import { type Logger, workCounts } from "@inlet/runtime";
import { consume } from "./consumer.ts";
import { assertDurableRedis } from "./queues.ts";

interface ArrivalsOptions {
  redisUrl: string;
  logger: Logger;
  /** Jobs held at once. Holding one costs next to nothing: their arrivals are taken together, project by project. */
  concurrency: number;
}

/**
 * Takes jobs from the queue `arrive`. `take` resolves when the arrival is a batch, or when nothing can be done about it
 * now. What it throws is logged and the job dropped: the periodic look at PostgreSQL finds what is left over.
 * @throws Misconfigured when Redis would lose jobs
 */
export async function runArrivals(
  take: (arrivalId: number) => Promise<void>,
  { redisUrl, logger, concurrency }: ArrivalsOptions,
): Promise<{ close(): Promise<void> }> {
  await assertDurableRedis(redisUrl);
  return await consume({
    queue: "arrive",
    redisUrl,
    concurrency,
    logger,
    async handle({ arrivalId }) {
      try {
        await take(arrivalId);
        workCounts.add("arrive", "done");
      } catch (err) {
        workCounts.add("arrive", "retried");
        logger.warn({ err, arrivalId }, "could not take an arrival; the next look will find it");
      }
    },
  });
}
