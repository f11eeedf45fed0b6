/** What stands behind a sentence about an unknown name: ` Did you mean first_name?`, or nothing when no name is near. */
export function didYouMean(name: string, known: Iterable<string>): string {
  let best: string | undefined;
  // A slip of a key or two; of very short names every other one would be near.
  let least = name.length < 3 ? 1 : name.length < 5 ? 2 : 3;
  for (const each of known) {
    const steps = distance(name, each);
    if (steps < least) {
      least = steps;
      best = each;
    }
  }
  return best === undefined ? "" : ` Did you mean ${best}?`;
}

/** How many letters are to be added, taken away or changed (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const changed = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row.at(-1)!;
}
