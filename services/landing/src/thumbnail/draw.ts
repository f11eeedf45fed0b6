import sharp, { type OverlayOptions } from "sharp";
import { Lru } from "../limits/lru.ts";
import { directionOf } from "../links/direction.ts";
import { paletteOf } from "../palette.ts";
import { THUMBNAIL_HEIGHT as HEIGHT, THUMBNAIL_WIDTH as WIDTH } from "./size.ts";

/** What a thumbnail shows. All of it plain text. */
export interface ThumbnailInput {
  sender: string;
  title: string;
  text: string;
  /** `#rrggbb` */
  colour: string;
}

/** One picture uses one core; pictures beside each other use more. libvips' own cache keeps operations that never recur. */
sharp.concurrency(1);
sharp.cache(false);

const MARGIN = 84;
const MIN_SIZE = 18;
const TEXT_WIDTH = 880;
const TITLE_MAX_HEIGHT = 270;
const TEXT_MAX_HEIGHT = 104;
const TITLE_MAX_CHARACTERS = 140;
const TEXT_MAX_CHARACTERS = 150;

/** Draws a thumbnail as a PNG: some 25 ms on one core. Right-to-left texts get a mirrored picture. */
export async function drawThumbnail({ sender, title, text, colour }: ThumbnailInput): Promise<Buffer> {
  const { ink } = paletteOf(colour);
  const mirrored = directionOf(title) === "rtl";
  const heading = cut(title, TITLE_MAX_CHARACTERS);
  const body = cut(firstParagraph(text), TEXT_MAX_CHARACTERS);
  const [background, senderLayer, titleLayer, textLayer] = await Promise.all([
    backgroundOf(colour, mirrored),
    textLayerOf({ text: cut(sender, 60), size: 27, weight: "Bold", ink, alpha: 85, maxHeight: 40 }),
    textLayerOf({
      text: heading,
      size: titleSize(heading),
      weight: "Bold",
      ink,
      alpha: 100,
      maxHeight: TITLE_MAX_HEIGHT,
    }),
    textLayerOf({ text: body, size: 31, weight: "", ink, alpha: 85, maxHeight: TEXT_MAX_HEIGHT }),
  ]);
  const layers: OverlayOptions[] = [];
  const place = (layer: TextLayer | undefined, top: number) => {
    if (layer === undefined) return;
    const left = mirrored ? WIDTH - MARGIN - layer.width : MARGIN;
    layers.push({ input: layer.pixels, raw: { width: layer.width, height: layer.height, channels: 4 }, left, top });
  };
  place(senderLayer, MARGIN - 8);
  // Title and text stand together, a little below the middle.
  const gap = titleLayer && textLayer ? 34 : 0;
  const height = (titleLayer?.height ?? 0) + gap + (textLayer?.height ?? 0);
  const top = Math.max(150, Math.round((HEIGHT - height) / 2) + 26);
  place(titleLayer, top);
  place(textLayer, top + (titleLayer?.height ?? 0) + gap);
  return await sharp(background, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .composite(layers)
    .png({ compressionLevel: 6 })
    .toBuffer();
}

interface TextLayer {
  pixels: Buffer;
  width: number;
  height: number;
}

interface TextOptions {
  text: string;
  /** In pixels. */
  size: number;
  weight: "Bold" | "";
  ink: string;
  /** In percent. */
  alpha: number;
  maxHeight: number;
}

/** Sets text in lines of at most {@link TEXT_WIDTH}; what would be too high is set smaller. */
async function textLayerOf(options: TextOptions): Promise<TextLayer | undefined> {
  if (options.text.trim() === "") return undefined;
  let { size } = options;
  let layer = await setText(options, TEXT_WIDTH);
  while (layer.height > options.maxHeight && size > MIN_SIZE) {
    size = Math.max(MIN_SIZE, Math.floor(size * Math.min(0.92, Math.sqrt(options.maxHeight / layer.height))));
    layer = await setText({ ...options, size }, TEXT_WIDTH);
  }
  return layer.height > size * 1.6 ? await balanced({ ...options, size }, layer) : layer;
}

/** Sets the same lines narrower, if they stay as many: better two lines of a length than a long one and a word. */
async function balanced(options: TextOptions, layer: TextLayer): Promise<TextLayer> {
  for (const width of [0.62, 0.76, 0.88].map((share) => Math.round(TEXT_WIDTH * share))) {
    const narrower = await setText(options, width);
    // A descender more or less is no line more.
    if (narrower.height < layer.height + options.size / 2) return narrower;
  }
  return layer;
}

async function setText({ text, size, weight, ink, alpha }: TextOptions, width: number): Promise<TextLayer> {
  // Large bold type looks loose at its natural spacing. In 1/1024 of a point; joined scripts keep theirs.
  const tracking =
    weight === "Bold" && size > 40 && directionOf(text) === "ltr" ? ` letter_spacing="${-size * 22}"` : "";
  const { data, info } = await sharp({
    text: {
      // Pango markup: the text is escaped, so that it can hold none.
      text: `<span foreground="${ink}" alpha="${alpha}%"${tracking}>${escapeMarkup(text)}</span>`,
      font: `Inter,DejaVu Sans ${weight} ${size}`,
      width,
      // 72 dots per inch make a point a pixel.
      dpi: 72,
      rgba: true,
      wrap: "word-char",
      spacing: Math.round(size * 0.18),
    },
  })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: data, width: info.width, height: info.height };
}

function titleSize(title: string): number {
  if (title.length <= 22) return 84;
  if (title.length <= 44) return 70;
  return title.length <= 80 ? 58 : 46;
}

const backgrounds = new Lru<string, Promise<Buffer>>(16);

/** The picture without text, as raw pixels: 2.3 MB each, a few of them kept. */
function backgroundOf(colour: string, mirrored: boolean): Promise<Buffer> {
  const name = `${colour} ${mirrored}`;
  let background = backgrounds.get(name);
  if (background === undefined) {
    const { from, to, ink } = paletteOf(colour);
    const picture = sharp(Buffer.from(backgroundSvg(from, to, ink))).removeAlpha();
    background = (mirrored ? picture.flop() : picture).raw().toBuffer();
    background.catch(() => backgrounds.delete(name));
    backgrounds.set(name, background);
  }
  return background;
}

function backgroundSvg(from: string, to: string, ink: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">
<defs>
<linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="${from}"/><stop offset="1" stop-color="${to}"/></linearGradient>
<radialGradient id="s" cx=".92" cy=".1" r=".8"><stop offset="0" stop-color="#fff" stop-opacity=".26"/><stop offset="1" stop-color="#fff" stop-opacity="0"/></radialGradient>
</defs>
<rect width="100%" height="100%" fill="url(#g)"/>
<rect width="100%" height="100%" fill="url(#s)"/>
<g fill="none" stroke="${ink}">
<circle cx="1130" cy="560" r="120" stroke-opacity=".2" stroke-width="2"/>
<circle cx="1130" cy="560" r="200" stroke-opacity=".16" stroke-width="2"/>
<circle cx="1130" cy="560" r="290" stroke-opacity=".12" stroke-width="2"/>
<circle cx="1130" cy="560" r="390" stroke-opacity=".08" stroke-width="2"/>
</g>
<circle cx="1130" cy="560" r="46" fill="${ink}" fill-opacity=".9"/>
</svg>`;
}

function firstParagraph(text: string): string {
  return text.trim().split("\n")[0]!;
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

function escapeMarkup(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
