import { type Box, LINE_HEIGHT, TEXT_STEPS, type TextStyle } from "@inlet/storyboard/film";
import type { Fonts } from "../fonts/open-fonts.ts";
import type { ShapedGlyph, Typeface } from "../fonts/typeface.ts";
import { breakLines, clampLines, type Line } from "./break-lines.ts";
import { withoutUndrawable } from "./drawable-text.ts";
import { type MeasuredParagraph, measureText } from "./measure-text.ts";
import { inVisualOrder, runsOf } from "./runs.ts";

/** A text in its box: every glyph has its place. In the stage's pixels, from the box's top left. */
export interface SetText {
  size: number;
  lines: readonly SetLine[];
}

export interface SetLine {
  text: string;
  left: number;
  width: number;
  baseline: number;
  glyphs: readonly PlacedGlyph[];
}

export interface PlacedGlyph {
  typeface: Typeface;
  glyph: number;
  x: number;
  y: number;
}

const ELLIPSIS = "…";

/**
 * Sets a text in its box as the player's CSS does it; the rules are at `TEXT_STEPS`. Widths come from the same fonts by the
 * same shaping, so that lines break alike.
 */
export function setText(text: string, style: TextStyle, box: Pick<Box, "width" | "height">, fonts: Fonts): SetText {
  const chain = fonts.chain(style);
  const options = { chain, fonts, direction: style.direction };
  const { size, lines } = fitted(measureText(withoutUndrawable(text, fonts), options), style, box, () =>
    widthOf(ELLIPSIS, chain[0]!),
  );
  const lineHeight = size * LINE_HEIGHT;
  const slack = box.height - lines.length * lineHeight;
  const top = { top: 0, middle: slack / 2, bottom: slack }[style.vertical];
  const baseline = top + baselineInLine(chain[0]!, size, lineHeight);
  return {
    size,
    lines: lines.map((line, index) =>
      setLine(line, { ...options, style, size, box, baseline: baseline + index * lineHeight }),
    ),
  };
}

/** The first step that fits, or what can be made of the last. */
function fitted(
  paragraphs: readonly MeasuredParagraph[],
  style: TextStyle,
  box: Pick<Box, "width" | "height">,
  ellipsisWidth: () => number,
): { size: number; lines: Line[] } {
  const mostLines = (size: number) => Math.floor((box.height + ROUNDING_PX) / (size * LINE_HEIGHT));
  for (const step of TEXT_STEPS) {
    const size = style.size * step;
    const lines = breakLines(paragraphs, { width: box.width / size, breakWords: false });
    if (lines !== undefined && lines.length <= mostLines(size)) return { size, lines };
  }
  const size = style.size * TEXT_STEPS.at(-1)!;
  const room = { width: box.width / size, breakWords: true };
  const lines = breakLines(paragraphs, room)!;
  return { size, lines: clampLines(lines, Math.max(1, mostLines(size)), room, ellipsisWidth()) };
}

/** Browsers count a box's overflow in whole pixels. */
const ROUNDING_PX = 0.5;

/**
 * Where a line's letters stand, from its top. Chromium rounds a font's ascent and descent to whole pixels, and puts the
 * smaller half of what is left over above them (blink's `FontHeight::AddLeading`).
 */
function baselineInLine({ ascent, descent }: Typeface, size: number, lineHeight: number): number {
  const above = Math.round(ascent * size);
  const below = Math.round(descent * size);
  return Math.floor((lineHeight - above - below) / 2) + above;
}

interface LineOptions {
  chain: readonly Typeface[];
  fonts: Fonts;
  direction: "ltr" | "rtl";
  style: TextStyle;
  size: number;
  box: Pick<Box, "width">;
  baseline: number;
}

function setLine(line: Line, { size, box, baseline, style, ...options }: LineOptions): SetLine {
  const text = line.paragraph.text.slice(line.start, line.end) + (line.ellipsis ? ELLIPSIS : "");
  // The bidirectional algorithm looks at the paragraph; a line takes its part of the runs.
  const runs = line.ellipsis
    ? runsOf(text, options)
    : line.paragraph.runs
        .map((run) => ({
          ...run,
          start: Math.max(run.start, line.start) - line.start,
          end: Math.min(run.end, line.end) - line.start,
        }))
        .filter(({ start, end }) => start < end);
  const glyphs: PlacedGlyph[] = [];
  let x = 0;
  for (const { typeface, start, end, level } of inVisualOrder(runs)) {
    for (const { glyph, advance, dx, dy } of typeface.shape(text.slice(start, end), level % 2 === 1 ? "rtl" : "ltr")) {
      glyphs.push({ typeface, glyph, x: x + dx * size, y: baseline - dy * size });
      x += advance * size;
    }
  }
  const slack = box.width - x;
  const left = { left: 0, centre: slack / 2, right: slack }[style.align];
  return { text, left, width: x, baseline, glyphs: glyphs.map((each) => ({ ...each, x: each.x + left })) };
}

const widthOf = (text: string, typeface: Typeface) =>
  typeface.shape(text, "ltr").reduce((sum: number, { advance }: ShapedGlyph) => sum + advance, 0);
