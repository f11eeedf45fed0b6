import type { MeasuredParagraph } from "./measure-text.ts";

/** A stretch of a paragraph that stands on one line, without the blanks at its end. */
export interface Line {
  paragraph: MeasuredParagraph;
  start: number;
  end: number;
  /** Set behind it: what is cut off. */
  ellipsis: boolean;
}

/** What lines have room for. As a share of the size, like a paragraph's widths. */
interface Room {
  width: number;
  /** Whether words that are too wide are broken anywhere. */
  breakWords: boolean;
}

/** Fills line after line. Undefined when a word is too wide and must not be broken. */
export function breakLines(paragraphs: readonly MeasuredParagraph[], room: Room): Line[] | undefined {
  const lines: Line[] = [];
  for (const paragraph of paragraphs) {
    const broken = breakParagraph(paragraph, room);
    if (broken === undefined) return undefined;
    lines.push(...broken);
  }
  return lines;
}

function breakParagraph(paragraph: MeasuredParagraph, room: Room): Line[] | undefined {
  const { text, breaks } = paragraph;
  const lines: Line[] = [];
  const fits = (start: number, end: number) => paragraph.width(start, visibleEnd(text, end)) <= room.width + ROUNDING;
  const endLine = (end: number) => {
    lines.push({ paragraph, start, end: Math.max(start, visibleEnd(text, end)), ellipsis: false });
    start = end;
  };
  let start = 0;
  let fitting = 0;
  for (const next of breaks) {
    if (!fits(start, next) && fitting > start) endLine(fitting);
    if (!fits(start, next)) {
      if (!room.breakWords) return undefined;
      for (let cut = lastFitting(paragraph, start, next, fits); cut < next; ) {
        endLine(cut);
        cut = lastFitting(paragraph, start, next, fits);
      }
    }
    fitting = next;
  }
  endLine(text.length);
  return lines;
}

/** In shares of the size: what adding up in another order makes of the same width. */
const ROUNDING = 1e-6;

/** How much of a word fits on a line of its own: one character at least. */
function lastFitting(
  { characters }: MeasuredParagraph,
  start: number,
  end: number,
  fits: (start: number, end: number) => boolean,
): number {
  let last = start;
  for (const at of characters) {
    if (at <= start || at > end) continue;
    if (last > start && !fits(start, at)) break;
    last = at;
  }
  return last;
}

function visibleEnd(text: string, end: number): number {
  let visible = end;
  while (visible > 0 && /\s/.test(text[visible - 1]!)) visible--;
  return visible;
}

/** Keeps the first `count` lines; what is left out shows as an ellipsis, as wide as `ellipsisWidth`. */
export function clampLines(lines: readonly Line[], count: number, room: Room, ellipsisWidth: number): Line[] {
  if (lines.length <= count) return [...lines];
  const last = lines[count - 1]!;
  const { paragraph, start } = last;
  let { end } = last;
  while (end > start && paragraph.width(start, end) + ellipsisWidth > room.width) {
    end = paragraph.characters.findLast((at) => at < end)!;
  }
  return [
    ...lines.slice(0, count - 1),
    { paragraph, start, end: Math.max(start, visibleEnd(paragraph.text, end)), ellipsis: true },
  ];
}
