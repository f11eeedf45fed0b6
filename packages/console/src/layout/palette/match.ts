/** A place, a thing or an action that can be gone to by its name. */
export interface Named {
  label: string;
  /** Further words that it is found by. */
  words?: string;
}

/**
 * How well a text fits a name: the lower the better; undefined: it does not. Every word of the text must begin a word of the
 * name, or stand in it: `re st` finds “Retail: store”. Names that begin with the text come first, then words, then parts.
 */
export function fitOf({ label, words = "" }: Named, text: string): number | undefined {
  const sought = wordsOf(text);
  if (sought.length === 0) return 0;
  const name = label.toLowerCase();
  const known = wordsOf(`${label} ${words}`);
  let fit = name.startsWith(text.trim().toLowerCase()) ? 0 : 1;
  for (const word of sought) {
    if (known.some((each) => each.startsWith(word))) continue;
    if (!known.some((each) => each.includes(word))) return undefined;
    fit += 1;
  }
  return fit;
}

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

/** Those that a text fits, the best first; equally good ones stay in their order. */
export function found<Item extends Named>(items: readonly Item[], text: string, most: number): Item[] {
  return items
    .flatMap((item) => {
      const fit = fitOf(item, text);
      return fit === undefined ? [] : [{ item, fit }];
    })
    .sort((a, b) => a.fit - b.fit)
    .slice(0, most)
    .map(({ item }) => item);
}

/** What is looked for among batches: a number alone is a batch's number too. Undefined: too little to look for. */
export function batchTexts(text: string): string[] {
  const sought = text.trim();
  const number = /^#?(\d{1,15})$/.exec(sought)?.[1];
  if (number !== undefined)
    return sought.startsWith("#") || sought.length < 3 ? [`#${number}`] : [`#${number}`, sought];
  return sought.length < 2 ? [] : [sought];
}
