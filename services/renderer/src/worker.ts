import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import type { Database } from "@inlet/database";
import { type Drawing, openDrawing, openFonts } from "@inlet/drawing";
import { runRemakes, runRenderings } from "@inlet/pipeline";
import type { Health, Logger } from "@inlet/runtime";
import { assetReader } from "./assets/asset-source.ts";
import { remakeAssets } from "./assets/remake-asset.ts";
import type { RendererEnv } from "./env.ts";
import type { Ffmpeg } from "./ffmpeg/find-ffmpeg.ts";
import { keepHouse } from "./housekeeping.ts";
import { renderFilms } from "./render-film.ts";

interface Parts {
  database: Database;
  env: RendererEnv;
  logger: Logger;
  health: Health;
}

const MIB = 1024 * 1024;
/** Of a single file: far more than the longest film at its highest rate. */
const MOST_FILE_BYTES = 1024 * MIB;

/** Takes up all that the renderer does, once ffmpeg is there. */
export async function beginRendering(
  ffmpeg: Ffmpeg,
  { database, env, logger, health }: Parts,
): Promise<{ close(): Promise<void> }> {
  const { INLET_DATA: dataFolder, LEASE_MS: leaseMs, RETRY_MS: retryMs, REDIS_URL: redisUrl } = env;
  const blobs = openBlobs(join(dataFolder, "blobs"));
  const limits = {
    timeoutMs: env.RENDERER_TIMEOUT_MS,
    memoryBytes: env.RENDERER_MEMORY_MB * MIB,
    fileBytes: MOST_FILE_BYTES,
    niceness: env.RENDERER_NICE,
  };
  const parts = { database, blobs, dataFolder, ffmpeg, limits };
  let opening: Promise<Drawing> | undefined;
  /** At the first film: it takes fonts and memory, and most renderers wait for long. */
  const drawing = (): Promise<Drawing> => {
    opening ??= openFonts(env.LANDING_FONTS).then((fonts) =>
      openDrawing({
        fonts,
        readAsset: assetReader(parts),
        cacheBytes: env.RENDERER_DRAWING_MB * MIB,
        onUnreadable: ({ sha256 }, err) => logger.warn({ err, sha256 }, "an asset cannot be drawn; it is left out"),
      }),
    );
    return opening;
  };
  const options = { database, redisUrl, logger, health, concurrency: env.CONCURRENCY, leaseMs, retryMs };
  const render = renderFilms({ ...parts, drawing, sideBySide: env.RENDERER_CORES });
  const works: { close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(works.map((work) => work.close()));
  };
  try {
    works.push(await runRenderings(render, options));
    works.push(await runRemakes(remakeAssets(parts), options));
  } catch (error) {
    // It is begun once more in a while: what is at work already must not be so twice.
    await close();
    throw error;
  }
  works.push(keepHouse({ ...parts, cacheBytes: env.RENDERER_CACHE_GB, workMs: 2 * env.RENDERER_TIMEOUT_MS, logger }));
  logger.info({ ffmpeg: ffmpeg.version }, "renders");
  return { close };
}
