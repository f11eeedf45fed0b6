import type { Blobs } from "@inlet/blobs";
import { InvariantBroken } from "@inlet/contracts";
import { type Database, videoName } from "@inlet/database";
import type { Drawing } from "@inlet/drawing";
import { attemptsKey, type RenderFilm } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { assetFilesIn } from "./assets/asset-source.ts";
import type { Ffmpeg } from "./ffmpeg/find-ffmpeg.ts";
import type { ProgramLimits } from "./ffmpeg/run-program.ts";
import { readFilm } from "./film/film-schema.ts";
import { storeFile } from "./store-file.ts";
import { renderVideo } from "./video/render-video.ts";
import { withWorkFolder } from "./work-folder.ts";

interface Deps {
  database: Database;
  blobs: Blobs;
  dataFolder: string;
  drawing: () => Promise<Drawing>;
  ffmpeg: Ffmpeg;
  limits: ProgramLimits;
  sideBySide: number;
}

/** Makes videos. Each attempt has a name of its own for its file, so that one that comes late overwrites nothing. */
export function renderFilms(deps: Deps): RenderFilm {
  const { database, blobs, dataFolder, limits } = deps;
  return async (rendering, { signal }) => {
    const film = readFilm(rendering.film);
    const blobKey = await attemptsKey(blobs, rendering, videoName(rendering.renderingId));
    const video = await withWorkFolder(dataFolder, async (folder) => {
      const fileOf = assetFilesIn(folder, { database, blobs });
      failpoint("renderer.rendering");
      const late = AbortSignal.timeout(limits.timeoutMs);
      const terms = { ...deps, drawing: await deps.drawing(), fileOf, folder, signal: AbortSignal.any([signal, late]) };
      const path = await renderVideo(film, terms).catch((error) => {
        throw late.aborted && !signal.aborted ? tooLong(limits.timeoutMs) : error;
      });
      return await storeFile(blobs, blobKey, path);
    });
    return { blobKey, ...video, remove: () => blobs.remove(blobKey) };
  };
}

const tooLong = (timeoutMs: number) =>
  new InvariantBroken({
    code: "program_timeout",
    message: `The video took longer than the ${Math.round(timeoutMs / 1000)} s that it may take (RENDERER_TIMEOUT_MS).`,
  });
