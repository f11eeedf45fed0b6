import { createHash } from "node:crypto";
import {
  type CardInput,
  drawableRow,
  drawableText,
  drawCard,
  encodePng,
  type Fonts,
  openDrawing,
  type ReadAsset,
} from "@inlet/drawing";
import type { Film } from "@inlet/storyboard";
import { createGate } from "../limits/gate.ts";
import { Lru } from "../limits/lru.ts";
import { linkFilm } from "../links/link-film.ts";
import { linkView } from "../links/link-view.ts";
import { plainText } from "../links/merge.ts";
import type { OpenedLink } from "../links/open-link.ts";
import { paletteOf } from "../palette.ts";

/** A thumbnail that can be drawn, and need not be when the caller has it. */
export interface Thumbnail {
  /** Names the picture: the same for the same content. */
  etag: string;
  /** @throws Unavailable when too many others are being drawn */
  picture(): Promise<DrawnThumbnail>;
}

interface DrawnThumbnail {
  png: Buffer;
  /** A file of the storyboard could not be read: the next one may look better. */
  isIncomplete: boolean;
}

/** `mail`: with a play button, where it is a film's; `poster`: without, as the player shows it before it plays. */
export type ThumbnailLook = "mail" | "poster";
export type ThumbnailOf = (link: OpenedLink, look: ThumbnailLook) => Thumbnail;

/** Changes whenever pictures are drawn differently, so that nobody keeps the old ones. */
const DRAWING_VERSION = 2;

/** How many recipients' pictures are known by name. */
const REMEMBERED = 20_000;

interface ThumbnailsOptions {
  fonts: Fonts;
  readAsset: ReadAsset;
  /** Half for pictures, half for what they are drawn from. */
  cacheBytes: number;
  /** Called with the time that a picture took. */
  onDrawn?: (durationMs: number) => void;
  /** Told why a file that a storyboard shows could not be read. */
  onUnreadable?: (error: unknown) => void;
}

/** What is drawn: a film's poster, or the card of a link without a film. */
type Content = { poster: Poster; playButton: boolean } | { card: CardInput };
type Poster = Pick<Film, "width" | "height" | "durationMs" | "surround" | "scenes" | "posterMs">;

/**
 * Thumbnails by their content: links that show the same share one picture, each is drawn once at a time, and the last ones
 * are kept in memory.
 */
export function openThumbnails({
  fonts,
  readAsset,
  cacheBytes,
  onDrawn,
  onUnreadable = () => {},
}: ThumbnailsOptions): ThumbnailOf {
  const pictures = new Lru<string, DrawnThumbnail>(cacheBytes / 2);
  const names = new Lru<string, string>(REMEMBERED);
  const underWay = new Map<string, Promise<DrawnThumbnail>>();
  // libuv has four threads, and pages are read from disk with them: two are left to them.
  const gate = createGate({ atOnce: 2, maxWaiting: 200, maxWaitMs: 8_000 });
  let missing = 0;
  const drawing = openDrawing({
    fonts,
    cacheBytes: cacheBytes / 2,
    readAsset: async (asset) => {
      const bytes = await readAsset(asset).catch(onUnreadable);
      if (bytes === undefined) missing += 1;
      return bytes ?? undefined;
    },
    onUnreadable: (_asset, error) => {
      missing += 1;
      onUnreadable(error);
    },
  });

  async function draw(etag: string, content: Content): Promise<DrawnThumbnail> {
    return await gate.run(async () => {
      const startedMs = performance.now();
      const missingBefore = missing;
      const picture =
        "card" in content ? await drawCard(content.card, fonts) : await drawing.drawPoster(content.poster, content);
      const drawn = { png: await encodePng(picture), isIncomplete: missing > missingBefore };
      onDrawn?.(performance.now() - startedMs);
      if (!drawn.isIncomplete) pictures.set(etag, drawn, drawn.png.length);
      return drawn;
    });
  }

  return (link, look) => {
    const key = keyOf(link, look);
    const known = names.get(key);
    // A picture that is at hand needs no look at what is in it.
    if (known !== undefined && pictures.get(known) !== undefined) {
      return { etag: known, picture: async () => pictures.get(known)! };
    }
    const content = contentOf(link, look, fonts);
    const etag = nameOf(content);
    names.set(key, etag);
    return {
      etag,
      async picture() {
        const kept = pictures.get(etag) ?? underWay.get(etag);
        if (kept !== undefined) return await kept;
        const drawn = draw(etag, content).finally(() => underWay.delete(etag));
        underWay.set(etag, drawn);
        return await drawn;
      },
    };
  };
}

/** All that a link's picture depends on. A record that was forgotten stands in another file. */
function keyOf({ batch, recordNumber }: OpenedLink, look: ThumbnailLook): string {
  const { batchId, files, storyboard } = batch;
  const version = storyboard && `${storyboard.projectId}.${storyboard.version}`;
  return [look, batchId, recordNumber, files.canonical.sha256, version].join(" ");
}

function nameOf(content: Content): string {
  const hash = createHash("sha256").update(JSON.stringify([DRAWING_VERSION, content]));
  return `"${hash.digest("base64url").slice(0, 27)}"`;
}

function contentOf(link: OpenedLink, look: ThumbnailLook, fonts: Fonts): Content {
  const film = linkFilm(link, (row) => drawableRow(row, fonts));
  if (film === undefined) return { card: cardOf(link, fonts) };
  const { width, height, durationMs, surround, posterMs } = film;
  const scene = film.scenes.findLast(({ fromMs }) => fromMs <= posterMs) ?? film.scenes[0]!;
  const playButton = look === "mail" && (link.batch.storyboard?.storyboard.poster?.playButton ?? true);
  return { poster: { width, height, durationMs, surround, posterMs, scenes: [scene] }, playButton };
}

function cardOf(link: OpenedLink, fonts: Fonts): CardInput {
  const view = linkView(link, (value) => drawableText(value, fonts));
  const sender = drawableText(view.sender, fonts);
  const { from, to, ink } = paletteOf(view.colour);
  const title = cut(drawableText(plainText(view.title), fonts) || sender, 140);
  return { sender: cut(sender, 60), title, text: cut(drawableText(plainText(view.text), fonts), 150), from, to, ink };
}

function cut(text: string, maxCharacters: number): string {
  const characters = [...text];
  return characters.length <= maxCharacters
    ? text
    : `${characters
        .slice(0, maxCharacters - 1)
        .join("")
        .trimEnd()}…`;
}
