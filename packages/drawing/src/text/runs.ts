import bidiFactory from "bidi-js";
import type { Fonts } from "../fonts/open-fonts.ts";
import type { Typeface } from "../fonts/typeface.ts";

/** A stretch of a text that one font draws in one direction. In UTF-16 units of the text. */
export interface Run {
  start: number;
  end: number;
  typeface: Typeface;
  /** Of the bidirectional algorithm: odd ones go from right to left. */
  level: number;
}

// Its types are those of an ES module; Node takes the CommonJS one, whose whole export is the function.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
/** Characters that join or vary others and are never drawn themselves. */
const UNDRAWN = /^[\p{Default_Ignorable_Code_Point}\s]$/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Regional_Indicator}/u;

/**
 * Splits a text without line breaks into runs, in its own order. As browsers do it, each character as a person counts them
 * is drawn by the first font that has all of it.
 */
export function runsOf(
  text: string,
  { chain, fonts, direction }: { chain: readonly Typeface[]; fonts: Fonts; direction: "ltr" | "rtl" },
): Run[] {
  const { levels } = bidi.getEmbeddingLevels(text, direction);
  const runs: Run[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    const typeface = typefaceOf(segment, chain, fonts);
    const level = levels[index]!;
    const last = runs.at(-1);
    if (last && last.typeface === typeface && last.level === level) last.end += segment.length;
    else runs.push({ start: index, end: index + segment.length, typeface, level });
  }
  return runs;
}

function typefaceOf(segment: string, chain: readonly Typeface[], { emoji }: Fonts): Typeface {
  if (EMOJI.test(segment) && covers(emoji, segment)) return emoji;
  return chain.find((typeface) => covers(typeface, segment)) ?? (covers(emoji, segment) ? emoji : chain[0]!);
}

function covers(typeface: Typeface, segment: string): boolean {
  for (const character of segment) {
    if (!UNDRAWN.test(character) && !typeface.has(character.codePointAt(0)!)) return false;
  }
  return true;
}

/** Puts a line's runs into the order that they are seen in, from left to right (UAX #9, rule L2). */
export function inVisualOrder(runs: readonly Run[]): Run[] {
  const ordered = [...runs];
  const levels = runs.map(({ level }) => level);
  const lowestOdd = Math.min(...levels.filter((level) => level % 2 === 1));
  for (let level = Math.max(0, ...levels); level >= lowestOdd; level--) {
    for (let start = 0; start < ordered.length; start++) {
      if (ordered[start]!.level < level) continue;
      let end = start;
      while (end < ordered.length && ordered[end]!.level >= level) end++;
      ordered.splice(start, end - start, ...ordered.slice(start, end).reverse());
      start = end;
    }
  }
  return ordered;
}
