/** So many different unknown names are compared with all that there are; whoever has more of them is not helped by guesses. */
const MOST_GUESSES = 100;

/** What stands behind a sentence about an unknown name: ` Did you mean first_name?`, or nothing when no name is near. */
export type DidYouMean = (name: string) => string;

/** Guesses which of these names were meant by others. Each guess is made once, however often it is asked for. */
export function didYouMeanOf(known: Iterable<string>): DidYouMean {
  const names = [...known];
  const guesses = new Map<string, string>();
  return (name) => {
    const guessed = guesses.get(name);
    if (guessed !== undefined) return guessed;
    if (guesses.size === MOST_GUESSES) return "";
    const nearest = nearestOf(name, names);
    const guess = nearest === undefined ? "" : ` Did you mean ${nearest}?`;
    guesses.set(name, guess);
    return guess;
  };
}

function nearestOf(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  // A slip of a key or two; of very short names every other one would be near.
  let least = name.length < 3 ? 1 : name.length < 5 ? 2 : 3;
  for (const each of known) {
    if (Math.abs(each.length - name.length) >= least) continue;
    const steps = distance(name, each);
    if (steps < least) {
      least = steps;
      best = each;
    }
  }
  return best;
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
