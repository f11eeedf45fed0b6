import type { Table } from "@inlet/contracts";
import { wordSimilarity, wordsOf } from "./similarity.ts";

/** A label that is probably a misspelling of a column's. */
export interface NearMiss {
  /** Index of the label in the file. */
  index: number;
  column: string;
  /** The column's own label that it is most like. */
  meant: string;
  /** From 0 to 1. */
  similarity: number;
}

/** Less is not believed. */
const LEAST_SIMILARITY = 0.75;
/** How far the second best must be behind, for the label and for the column. */
const LEAST_LEAD = 0.1;
/** More labels or columns are not compared with each other: the work grows with their product. */
const MOST_PAIRS = 100_000;
/** In characters. */
const LONGEST_LABEL = 60;

/**
 * The misspelt labels among those that mean no column yet. A label is believed only where no other column, taken or not, is
 * nearly as like, and no other label nearly as like the column.
 */
export function findNearMisses(
  columns: Table["columns"],
  free: readonly { index: number; label: string }[],
  isTaken: (column: string) => boolean,
): NearMiss[] {
  const missing = columns.filter((column) => !isTaken(column.name));
  const labels = free.filter(({ label }) => label !== "" && label.length <= LONGEST_LABEL);
  if (missing.length === 0 || labels.length * columns.length > MOST_PAIRS) return [];
  const expected = columns.map((column) => ({ column: column.name, ways: waysOf(column) }));
  const pairs: NearMiss[] = [];
  const ofLabel = new Ranking<number>();
  const ofColumn = new Ranking<string>();
  for (const { index, label } of labels) {
    const words = wordsOf(label);
    for (const { column, ways } of expected) {
      const { meant, similarity } = mostAlike(ways, words);
      if (similarity === 0) continue;
      ofLabel.add(index, similarity);
      ofColumn.add(column, similarity);
      pairs.push({ index, column, meant, similarity });
    }
  }
  return pairs.filter(
    ({ index, column, similarity }) =>
      similarity >= LEAST_SIMILARITY &&
      !isTaken(column) &&
      ofLabel.leads(index, similarity) &&
      ofColumn.leads(column, similarity),
  );
}

/** The best and the second best of each. */
class Ranking<Key> {
  readonly #best = new Map<Key, [first: number, second: number]>();

  add(key: Key, similarity: number): void {
    const [first, second] = this.#best.get(key) ?? [0, 0];
    if (similarity > first) this.#best.set(key, [similarity, first]);
    else this.#best.set(key, [first, Math.max(second, similarity)]);
  }

  /** Whether this is the best one, clearly. */
  leads(key: Key, similarity: number): boolean {
    const [first, second] = this.#best.get(key) ?? [0, 0];
    return similarity === first && second <= similarity - LEAST_LEAD;
  }
}

/** The ways in which a column may be labelled, each cut into its words. */
interface Way {
  label: string;
  words: string[];
}

function waysOf(column: Table["columns"][number]): Way[] {
  const labels = new Set([column.header ?? column.name, ...column.aliases, column.name]);
  return [...labels].map((label) => ({ label, words: wordsOf(label) }));
}

function mostAlike(ways: readonly Way[], words: readonly string[]): { meant: string; similarity: number } {
  let best = { meant: "", similarity: 0 };
  for (const way of ways) {
    const similarity = wordSimilarity(way.words, words);
    if (similarity > best.similarity) best = { meant: way.label, similarity };
  }
  return best;
}
