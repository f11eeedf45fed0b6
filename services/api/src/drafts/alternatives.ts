import type { DraftColumn, Table } from "@inlet/contracts";
import { labelSimilarity } from "@inlet/delimited";

/** Columns that are offered for one label. */
const MOST_OFFERED = 3;
/** What is less like is no help. */
const LEAST_SIMILARITY = 0.4;
/** More labels and columns are not compared with each other: the work grows with their product. */
const MOST_PAIRS = 50_000;

/**
 * What else labels of a file may mean: for those that were not recognised for sure, the columns whose names are most like.
 * @returns by the label's place
 */
export function alternativesOf(
  columns: Table["columns"],
  labels: readonly { index: number; label: string; column: string | null; confidence: number }[],
): Map<number, DraftColumn["alternatives"]> {
  const unsure = labels.filter(({ label, confidence }) => label.trim() !== "" && label.length <= 200 && confidence < 1);
  if (unsure.length * columns.length > MOST_PAIRS) return new Map();
  return new Map(
    unsure.map(({ index, label, column }) => [
      index,
      columns
        .filter(({ name }) => name !== column)
        .map((candidate) => ({ column: candidate.name, confidence: likeness(candidate, label) }))
        .filter(({ confidence }) => confidence >= LEAST_SIMILARITY)
        .sort((one, other) => other.confidence - one.confidence)
        .slice(0, MOST_OFFERED),
    ]),
  );
}

function likeness({ name, header, aliases }: Table["columns"][number], label: string): number {
  const most = Math.max(...[header ?? name, name, ...aliases].map((own) => labelSimilarity(own, label)));
  return Math.round(most * 100) / 100;
}
