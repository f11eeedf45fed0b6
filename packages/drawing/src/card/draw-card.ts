import { directionOf } from "@inlet/storyboard";
import { LINE_HEIGHT, type TextStyle } from "@inlet/storyboard/film";
import type { Picture } from "../drawing.ts";
import type { Fonts } from "../fonts/open-fonts.ts";
import { areaOfLetters, letters, rasterised } from "../layers/vector.ts";
import { paintOver } from "../pictures/canvas.ts";
import { Kept } from "../pictures/kept.ts";
import { sharp } from "../pictures/vips.ts";
import { type SetText, setText } from "../text/set-text.ts";

/** The picture of a link whose project has no storyboard. All of it plain text. */
export interface CardInput {
  sender: string;
  title: string;
  text: string;
  /** `#rrggbb`, from the top left to the bottom right, and of the text on it. */
  from: string;
  to: string;
  ink: string;
}

/** The size that mail programs, messengers and social networks show previews at (Open Graph's 1.91:1). */
export const CARD_WIDTH = 1200;
export const CARD_HEIGHT = 630;

const MARGIN = 84;
const TEXT_WIDTH = 880;
const TITLE_HEIGHT = 270;
const TEXT_HEIGHT = 104;
/** Of sender and text: the title stands before them. */
const SOFT = 0.85;

/** Draws a card, `rgb`: sender, title and text on the brand's colour. Right-to-left titles get a mirrored picture. */
export async function drawCard({ sender, title, text, from, to, ink }: CardInput, fonts: Fonts): Promise<Picture> {
  const mirrored = directionOf(title) === "rtl";
  const set = (words: string, style: { size: number; bold: boolean }, height: number) =>
    block(words, { ...style, colour: ink }, { height, mirrored, fonts });
  const [head, heading, body] = [
    set(sender, { size: 27, bold: true }, 40),
    set(title, { size: titleSize(title), bold: true }, TITLE_HEIGHT),
    set(firstParagraph(text), { size: 31, bold: false }, TEXT_HEIGHT),
  ];
  const canvas = await groundOf({ from, to, ink }, mirrored);
  const place = async (words: Block | undefined, top: number, opacity: number) => {
    if (words === undefined) return;
    const drawn = await rasterised(letters(words.set, ink), areaOfLetters(words.set));
    paintOver(
      canvas,
      {
        ...drawn,
        left: drawn.left + (mirrored ? CARD_WIDTH - MARGIN - words.width : MARGIN),
        top: drawn.top + Math.round(top),
      },
      opacity,
    );
  };
  // Title and text stand together, a little below the middle.
  const gap = heading && body ? 34 : 0;
  const height = (heading?.height ?? 0) + gap + (body?.height ?? 0);
  const top = Math.max(150, Math.round((CARD_HEIGHT - height) / 2) + 26);
  await Promise.all([
    place(head, MARGIN - 8, SOFT),
    place(heading, top, 1),
    place(body, top + (heading?.height ?? 0) + gap, SOFT),
  ]);
  return canvas;
}

interface Block {
  set: SetText;
  width: number;
  height: number;
}

interface BlockOptions {
  height: number;
  mirrored: boolean;
  fonts: Fonts;
}

/** Sets words in lines that are as long as each other, as nearly as can be. */
function block(
  words: string,
  look: { size: number; bold: boolean; colour: string },
  { height, mirrored, fonts }: BlockOptions,
): Block | undefined {
  if (words.trim() === "") return undefined;
  const style: TextStyle = {
    ...{ ...look, font: "sans", vertical: "top", direction: directionOf(words) },
    align: mirrored ? "right" : "left",
  };
  const setIn = (width: number): Block => {
    const set = setText(words.trim(), style, { width, height }, fonts);
    return { set, width, height: set.lines.length * set.size * LINE_HEIGHT };
  };
  const widest = setIn(TEXT_WIDTH);
  const isAsGood = ({ set }: Block) =>
    set.size === widest.set.size && set.lines.length === widest.set.lines.length && !isCut(set);
  if (widest.set.lines.length === 1 || isCut(widest.set)) return widest;
  // Better two lines of a length than a long one and a word.
  return [0.62, 0.76, 0.88].map((share) => setIn(TEXT_WIDTH * share)).find(isAsGood) ?? widest;
}

const isCut = ({ lines }: SetText) => lines.at(-1)!.text.endsWith("…");

function titleSize(title: string): number {
  if (title.length <= 22) return 84;
  if (title.length <= 44) return 70;
  return title.length <= 80 ? 58 : 46;
}

const firstParagraph = (text: string) => text.trim().split("\n")[0]!;

type Colours = Pick<CardInput, "from" | "to" | "ink">;

/** 2.3 MB each, a few of them kept. */
const grounds = new Kept<Buffer>(16 * CARD_WIDTH * CARD_HEIGHT * 3);

/** The card without its words. */
async function groundOf(colours: Colours, mirrored: boolean): Promise<Picture> {
  const pixels = await grounds.of(
    JSON.stringify([colours, mirrored]),
    async () => {
      const picture = sharp(Buffer.from(groundSvg(colours))).removeAlpha();
      return await (mirrored ? picture.flop() : picture).raw().toBuffer();
    },
    ({ length }) => length,
  );
  return { pixels: Buffer.from(pixels), format: "rgb", width: CARD_WIDTH, height: CARD_HEIGHT };
}

function groundSvg({ from, to, ink }: Colours): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${CARD_WIDTH}" height="${CARD_HEIGHT}">
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
