/** A label in lower case, cut into its words: at spaces, punctuation, and where camel case begins a new one. */
export function wordsOf(label: string): string[] {
  return label
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1 $2")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== "");
}

/** Words shorter than this mean something else with one letter changed: `id`, `ip`. */
const SHORTEST_MISSPELLED = 4;
/** From this length on, two slips are believed in one word. */
const LONG_WORD = 8;
/** The same words in another order. */
const REORDERED = 0.85;

/**
 * How likely one label is a misspelling of another, from 0 to 1; 0 where it may as well mean something else. Slips of the pen
 * (a letter more, less, another, or two neighbours exchanged) count per word and only in words that are long enough, and
 * numbers must be the same: `address 1` is not `address 2`.
 */
export function labelSimilarity(a: string, b: string): number {
  return wordSimilarity(wordsOf(a), wordsOf(b));
}

/** The same for labels that have been cut into their words already. */
export function wordSimilarity(left: readonly string[], right: readonly string[]): number {
  if (left.length === 0 || right.length === 0) return 0;
  if (digitsOf(left) !== digitsOf(right)) return 0;
  if (left.length === right.length) {
    if (left.length > 1 && [...left].sort().join(" ") === [...right].sort().join(" ")) {
      return left.join(" ") === right.join(" ") ? 1 : REORDERED;
    }
    return similarWords(left, right);
  }
  return similarWords([left.join("")], [right.join("")]);
}

function similarWords(left: readonly string[], right: readonly string[]): number {
  let slips = 0;
  let length = 0;
  for (const [i, word] of left.entries()) {
    const other = right[i]!;
    const shorter = Math.min(word.length, other.length);
    length += Math.max(word.length, other.length);
    if (word === other) continue;
    if (shorter < SHORTEST_MISSPELLED) return 0;
    const most = shorter < LONG_WORD ? 1 : 2;
    if (Math.abs(word.length - other.length) > most) return 0;
    const distance = editDistance(word, other, most);
    if (distance > most) return 0;
    slips += distance;
  }
  return 1 - slips / length;
}

function digitsOf(words: readonly string[]): string {
  return words
    .join(" ")
    .replace(/[^\p{N}]+/gu, " ")
    .trim();
}

/**
 * Insertions, deletions, replacements and exchanges of two neighbours that make one text the other (Damerau-Levenshtein,
 * optimal string alignment); any number above `most` where there are more.
 */
export function editDistance(a: string, b: string, most: number = Number.POSITIVE_INFINITY): number {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length - start + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length - start; i += 1) {
    const current = [i];
    let least = i;
    const letter = a[start + i - 1];
    for (let j = 1; j <= b.length - start; j += 1) {
      const other = b[start + j - 1];
      let slips = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (letter === other ? 0 : 1));
      const isExchange = i > 1 && j > 1 && letter === b[start + j - 2] && a[start + i - 2] === other;
      if (isExchange) slips = Math.min(slips, before[j - 2]! + 1);
      current.push(slips);
      least = Math.min(least, slips);
    }
    // An exchange reaches back two rows: what both exceed cannot become less again.
    if (least > most && Math.min(...previous) > most) return least;
    before = previous;
    previous = current;
  }
  return previous.at(-1)!;
}
