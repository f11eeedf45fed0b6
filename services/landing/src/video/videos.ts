import type { BlobReader, Blobs } from "@inlet/blobs";
import { AppError, Unavailable } from "@inlet/contracts";
import {
  asUnavailable,
  type Database,
  findRendering,
  insertRendering,
  noteRenderingUse,
  type RenderedVideo,
  type Rendering,
  type RenderingRoom,
  renewRendering,
} from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import type { Film } from "@inlet/storyboard";
import type { OpenedLink } from "../links/open-link.ts";
import type { RenderingWatch } from "./rendering-watch.ts";
import { filmHash, videoFilm } from "./video-film.ts";

/** A video that is there. Whoever got it closes the reader. */
export interface OpenVideo extends RenderedVideo {
  reader: BlobReader;
}

/** Videos of films: those that were made, and those that are made now because somebody asks. */
export interface Videos {
  /** A video if it was made; undefined: not yet. */
  made(link: OpenedLink, film: Film): Promise<OpenVideo | undefined>;
  /**
   * A video, made first if it was not. However many ask, here and in other processes, it is made once.
   * @throws Unavailable `video_pending` while it is being made and for longer than one waits; `busy` when too many are; `video_failed`
   */
  wait(link: OpenedLink, film: Film, signal: AbortSignal): Promise<OpenVideo>;
}

interface VideosOptions {
  database: Database;
  blobs: Pick<Blobs, "open">;
  watch: RenderingWatch;
  /** How many may be made at a time. */
  room: RenderingRoom;
  logger: Logger;
}

/** One that could not be made is tried once more when somebody asks so much later. */
const FAILED_FOR_MS = 10 * 60_000;
/** A file may go just when it was found, and a row just after it was added. */
const MOST_LOOKS = 4;

/** Opens the videos. */
export function openVideos({ database, blobs, watch, room, logger }: VideosOptions): Videos {
  async function open(rendering: Rendering & { state: "done" }): Promise<OpenVideo | undefined> {
    try {
      const reader = await blobs.open(rendering.blobKey);
      if (reader.sizeBytes === rendering.sizeBytes) return { ...rendering, reader };
      await reader.close();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "blob_missing") throw error;
    }
    return undefined;
  }

  function noteUse(renderingId: number): void {
    noteRenderingUse(database, renderingId).catch((err: unknown) => {
      logger.debug({ err }, "could not note that a video was fetched");
    });
  }

  /** Sees to it that it is being made. @throws Unavailable when it cannot be now */
  async function ask(link: OpenedLink, film: Film, found: Rendering | undefined): Promise<number | undefined> {
    if (found === undefined) return await insertRendering(database, { ...keyOf(link, film), film, room });
    const { renderingId } = found;
    if (found.state === "failed" && Date.now() - found.finishedAt.getTime() < FAILED_FOR_MS) {
      throw new Unavailable({
        code: "video_failed",
        message: "The video could not be made. Look at the renderer's log.",
      });
    }
    if (found.state === "done" || found.state === "failed") await renewRendering(database, { renderingId, film, room });
    return renderingId;
  }

  async function waitFor(link: OpenedLink, film: Film, signal: AbortSignal): Promise<OpenVideo> {
    for (let look = 0; look < MOST_LOOKS; look += 1) {
      const found = await findRendering(database, keyOf(link, film));
      const video = found?.state === "done" ? await open(found) : undefined;
      if (video !== undefined) {
        noteUse(found!.renderingId);
        return video;
      }
      const renderingId = await ask(link, film, found);
      if (renderingId === undefined) continue;
      const ended = await watch.ended(renderingId, signal);
      // Perhaps its recipient is to be forgotten: whoever asks once more asks by a link that is open then.
      if (ended === undefined) throw new Unavailable({ code: "video_pending", message: "The video is gone again." });
    }
    throw new Unavailable({ code: "busy", message: "Too many videos are being made already." });
  }

  return {
    async made(link, film) {
      const found = await findRendering(database, keyOf(link, videoFilm(film))).catch(rethrow);
      if (found?.state !== "done") return undefined;
      const video = await open(found);
      if (video !== undefined) noteUse(found.renderingId);
      return video;
    },
    wait: (link, film, signal) => waitFor(link, videoFilm(film), signal).catch(rethrow),
  };
}

const keyOf = ({ batch: { batchId }, recordNumber }: OpenedLink, film: Film) => ({
  batchId,
  recordNumber,
  filmSha256: filmHash(film),
});

function rethrow(error: unknown): never {
  throw asUnavailable(error);
}
