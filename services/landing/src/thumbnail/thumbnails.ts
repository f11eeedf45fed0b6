import { createHash } from "node:crypto";
import { createGate } from "../limits/gate.ts";
import { Lru } from "../limits/lru.ts";
import { linkView } from "../links/link-view.ts";
import { plainText } from "../links/merge.ts";
import type { OpenedLink } from "../links/open-link.ts";
import { drawThumbnail, type ThumbnailInput } from "./draw.ts";
import { drawableText } from "./drawable-text.ts";
import type { FontCoverage } from "./font-coverage.ts";

/** A thumbnail that can be drawn, and need not be when the caller has it. */
export interface Thumbnail {
  /** Names the picture: the same for the same content. */
  etag: string;
  /** @throws Unavailable when too many others are being drawn */
  png(): Promise<Buffer>;
}

/** Changes whenever `draw.ts` draws differently, so that nobody keeps the old pictures. */
const DRAWING_VERSION = 1;

interface ThumbnailsOptions {
  coverage: FontCoverage;
  cacheBytes: number;
  /** Called with the time that a picture took. */
  onDrawn?: (durationMs: number) => void;
}

/**
 * Thumbnails by their content: links that show the same share one picture, each is drawn once at a time, and the last ones
 * are kept in memory.
 */
export function openThumbnails({ coverage, cacheBytes, onDrawn }: ThumbnailsOptions): (link: OpenedLink) => Thumbnail {
  const pictures = new Lru<string, Buffer>(cacheBytes);
  const underWay = new Map<string, Promise<Buffer>>();
  // libuv has four threads, and pages are read from disk with them: two are left to them.
  const gate = createGate({ atOnce: 2, maxWaiting: 200, maxWaitMs: 8_000 });

  async function draw(etag: string, input: ThumbnailInput): Promise<Buffer> {
    return await gate.run(async () => {
      const startedMs = performance.now();
      const png = await drawThumbnail(input);
      onDrawn?.(performance.now() - startedMs);
      pictures.set(etag, png, png.length);
      return png;
    });
  }

  return (link) => {
    const input = contentOf(link, coverage);
    const etag = `"${createHash("sha256")
      .update(JSON.stringify([DRAWING_VERSION, input]))
      .digest("base64url")
      .slice(0, 27)}"`;
    return {
      etag,
      async png() {
        const kept = pictures.get(etag) ?? underWay.get(etag);
        if (kept !== undefined) return kept;
        const drawing = draw(etag, input).finally(() => underWay.delete(etag));
        underWay.set(etag, drawing);
        return await drawing;
      },
    };
  };
}

function contentOf(link: OpenedLink, coverage: FontCoverage): ThumbnailInput {
  const view = linkView(link, (value) => drawableText(value, coverage));
  const sender = drawableText(view.sender, coverage);
  return {
    sender,
    title: drawableText(plainText(view.title), coverage) || sender,
    text: drawableText(plainText(view.text), coverage),
    colour: view.colour,
  };
}
