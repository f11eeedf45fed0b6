import { hostname } from "node:os";
import {
  type ClaimedRendering,
  claimRendering,
  dueRenderings,
  failRendering,
  finishRendering,
  listenTo,
  RENDERINGS_CHANNEL,
  type RenderedVideo,
  type RenderingRef,
  releaseRendering,
  renewRenderingLease,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import type { WorkerOptions } from "../run-stage.ts";
import { NotOurs, runFencedWork, type WorkTerms } from "./fenced-work.ts";

/** A video that was made and stored, and how it goes again when nobody wants it any more. */
export interface MadeVideo extends RenderedVideo {
  remove(): Promise<void>;
}

/** Makes one video. What it throws decides what becomes of the rendering: what is not `retryable` is not tried again. */
export type RenderFilm = (rendering: ClaimedRendering, terms: WorkTerms) => Promise<MadeVideo>;

interface RenderingOptions extends WorkerOptions {
  /** How often it is looked for renderings whose call was not heard. Default 2 s. */
  everyMs?: number;
}

const LOOK_EVERY_MS = 2_000;
const PUBLISHED_AT_ONCE = 100;

/**
 * Works on films that were asked for as videos. Those who ask know no Redis: they add a row and call, and every renderer hears it
 * and publishes what is due, under the same ids. A call that nobody heard is found by looking.
 */
export async function runRenderings(
  render: RenderFilm,
  { everyMs = LOOK_EVERY_MS, ...options }: RenderingOptions,
): Promise<{ close(): Promise<void> }> {
  const { database, leaseMs, logger } = options;
  const worker = `${hostname()}:${process.pid}`;
  const { publisher, close } = await runFencedWork<RenderingRef, ClaimedRendering>(
    {
      queue: "render",
      claim: (ref) => claimRendering(database, { ...ref, worker, leaseMs }),
      renew: (ref) => renewRenderingLease(database, { ...ref, leaseMs }),
      async work(rendering, terms) {
        const { remove, ...video } = await render(rendering, terms);
        failpoint("renderer.made");
        const isOurs = await finishRendering(database, { ...rendering, ...video });
        if (isOurs) return;
        await remove();
        throw new NotOurs();
      },
      release: (rendering, how) => releaseRendering(database, { ...rendering, ...how }),
      async giveUp(rendering, error) {
        await failRendering(database, { ...rendering, error });
      },
      publish: (publisher, refs, delayMs) => publisher.renderings(refs, delayMs),
      factsOf: ({ batchId, client, project }) => ({ batchId, client, project }),
    },
    options,
  );

  let isLooking = false;
  let lookAgain = false;
  /** One look at a time; a call that comes meanwhile makes it look once more. */
  async function look(): Promise<void> {
    if (isLooking) {
      lookAgain = true;
      return;
    }
    isLooking = true;
    try {
      do {
        lookAgain = false;
        await publisher.renderings(await dueRenderings(database, { olderThanMs: 0, limit: PUBLISHED_AT_ONCE }));
      } while (lookAgain);
    } catch (err) {
      logger.warn({ err }, "could not look for renderings; will look again");
    } finally {
      isLooking = false;
    }
  }
  const listening = listenTo(database, RENDERINGS_CHANNEL, () => void look());
  const timer = setInterval(() => void look(), everyMs);
  void look();
  return {
    async close() {
      clearInterval(timer);
      await listening.close();
      await close();
    },
  };
}
