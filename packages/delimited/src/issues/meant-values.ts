import type { Column } from "@inlet/contracts";

/** Words for yes and no in the languages of most files. */
const TRUE_WORDS = "1 t true y yes on ja j wahr oui vrai si sí vero verdadero sim verdadeiro tak prawda да".split(" ");
const FALSE_WORDS = "0 f false n no off nein falsch non faux falso não nao nie fałsz нет".split(" ");

/** The column's own word for what a text means. */
export function booleansMeant({ trueValues, falseValues }: Column, text: string): string[] {
  const word = text.toLowerCase();
  if (TRUE_WORDS.includes(word)) return trueValues.slice(0, 1);
  return FALSE_WORDS.includes(word) ? falseValues.slice(0, 1) : [];
}

/** In longer lists no slip of the pen is looked for: a file with a million of them would take minutes. */
const MOST_NEAR_MISSES = 200;

/** An enum's values by how they read without regard to case and spaces. */
const foldedValues = new WeakMap<readonly string[], ReadonlyMap<string, readonly string[]>>();

/**
 * The values of an enum that a text means: the same but for case and spaces; or else one edit away, with the same digits:
 * `A101` is no slip for `A100`. Where a short value, or one with other digits, is as near, none is certain.
 */
export function valuesMeant(values: readonly string[], text: string): readonly string[] {
  const folded = fold(text);
  const byFold = foldedValues.get(values) ?? foldAll(values);
  foldedValues.set(values, byFold);
  const same = byFold.get(folded);
  if (same !== undefined) return same;
  if (text.length < 4 || byFold.size > MOST_NEAR_MISSES) return [];
  const near = [...byFold].filter(([value]) => isOneEditAway(value, folded));
  const isCertain = near.every(([value]) => value.length >= 4 && digitsOf(value) === digitsOf(folded));
  return isCertain ? near.flatMap(([, written]) => written) : [];
}

const digitsOf = (text: string) => text.replace(/\P{N}/gu, "");

function foldAll(values: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byFold = new Map<string, string[]>();
  for (const value of values) byFold.set(fold(value), [...(byFold.get(fold(value)) ?? []), value]);
  return byFold;
}

/** The one address in `Name <name@example.com>` or `mailto:name@example.com`. */
export function addressesMeant(text: string): string[] {
  const [, address] = /^(?:mailto:|[^<>@]*<)([^<>\s]+?)>?$/i.exec(text) ?? [];
  return address === undefined ? [] : [address];
}

function fold(text: string): string {
  return text.trim().replace(/\s+/g, " ").toLowerCase();
}

/** One character more, less, another, or two neighbours exchanged. */
function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const left = a.slice(start, a.length - end);
  const right = b.slice(start, b.length - end);
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0];
}
