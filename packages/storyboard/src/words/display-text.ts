/**
 * Makes a cell's value fit to be shown among other text: nothing in it may turn, hide, overlap or crowd out what stands
 * around it. What a person would read stays.
 */
export function displayText(
  value: string,
  { maxCharacters, lines }: { maxCharacters: number; lines: boolean },
): string {
  if (value.length <= maxCharacters && PLAIN.test(value)) return value;
  const text = cut(value.slice(0, maxCharacters * 16 + 1000).toWellFormed())
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(lines ? /[^\S\n]+/g : /\s+/g, " ")
    .replace(INVISIBLE, "")
    .replace(STACKED_MARKS, "$1");
  return shorten(text.trim(), maxCharacters);
}

/** Most values are: nothing in them is to be taken out, doubled or at an end. */
const PLAIN = /^[!-~]+(?: [!-~]+)*$/;

/** A slice may have cut a surrogate pair in two. */
function cut(text: string): string {
  return text.replace(/\uFFFD$/, "");
}

/**
 * Control characters (but for the line feed), and the characters that reorder text (UAX #9: LRE to PDO, LRI to PDI),
 * annotate it, or are invisible marks of byte order or language. ZWJ, ZWNJ, LRM and RLM stay: scripts and emoji need them.
 */
const INVISIBLE = /[\0-\x09\x0B-\x1F\x7F-\x9F\u200B\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]|\u{E0001}/gu;

/** No script stacks more than some four marks on a letter; the hundreds of "Zalgo" text cover the lines around it. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** At most so many characters, as a person counts them; what was cut off shows as an ellipsis. */
function shorten(text: string, maxCharacters: number): string {
  // A character is one UTF-16 unit at least.
  if (text.length <= maxCharacters) return text;
  let kept = "";
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    if (count === maxCharacters - 1) {
      if (kept.length + segment.length === text.length) return text;
      return `${kept.trimEnd()}…`;
    }
    kept += segment;
    count += 1;
  }
  return kept;
}
