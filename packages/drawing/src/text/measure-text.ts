import LineBreaker from "linebreak";
import type { Fonts } from "../fonts/open-fonts.ts";
import type { Typeface } from "../fonts/typeface.ts";
import { type Run, runsOf } from "./runs.ts";

/** A paragraph, as wide as it is in any size: advances are not rounded to pixels. */
export interface MeasuredParagraph {
  text: string;
  runs: readonly Run[];
  /** Where lines may end, in UTF-16 units; the last is the text's end. */
  breaks: readonly number[];
  /** Where a character as a person counts them begins; the last is the text's end. */
  characters: readonly number[];
  /** The width of a stretch of the text on one line, as a share of the size. */
  width(start: number, end: number): number;
}

interface MeasureOptions {
  chain: readonly Typeface[];
  fonts: Fonts;
  direction: "ltr" | "rtl";
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Measures a text, paragraph by paragraph. */
export const measureText = (text: string, options: MeasureOptions): MeasuredParagraph[] =>
  text.split("\n").map((paragraph) => measureParagraph(paragraph, options));

function measureParagraph(text: string, options: MeasureOptions): MeasuredParagraph {
  const runs = runsOf(text, options);
  /** The width of all before each UTF-16 unit. */
  const before = new Float64Array(text.length + 1);
  for (const run of runs) {
    const shaped = run.typeface.shape(text.slice(run.start, run.end), run.level % 2 === 1 ? "rtl" : "ltr");
    for (const { cluster, advance } of shaped) before[run.start + cluster + 1]! += advance;
  }
  for (let i = 1; i <= text.length; i++) before[i]! += before[i - 1]!;
  return {
    text,
    runs,
    breaks: breaksOf(text),
    characters: [...Array.from(segmenter.segment(text), ({ index }) => index), text.length],
    width: (start, end) => before[end]! - before[start]!,
  };
}

/**
 * Browsers break between characters of ASCII by a table of their own, so that addresses stay whole: after `-` and `?` alone,
 * and a minus sign stays with its number (blink's `text_break_iterator.cc`). All else is UAX #14.
 */
function breaksOf(text: string): number[] {
  const breaker = new LineBreaker(text);
  const breaks = new Set<number>();
  for (let found = breaker.nextBreak(); found !== null; found = breaker.nextBreak()) breaks.add(found.position);
  for (let at = 1; at < text.length; at++) {
    const [before, after] = [text[at - 1]!, text[at]!];
    if (!VISIBLE_ASCII.test(before) || !VISIBLE_ASCII.test(after)) continue;
    const isAllowed =
      before === "-" && /[0-9]/.test(after)
        ? /[0-9A-Za-z]/.test(text[at - 2] ?? "")
        : (before === "-" || before === "?") && /[0-9A-Za-z]/.test(after);
    if (isAllowed) breaks.add(at);
    else breaks.delete(at);
  }
  return [...breaks.add(text.length)].sort((a, b) => a - b);
}

const VISIBLE_ASCII = /[!-~]/;
