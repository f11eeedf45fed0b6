import type { DraftEditor, DraftRow, EarlierEvent } from "@inlet/database";

/** Cells that are named one by one; how many there were is exact. */
export const CELLS_NAMED = 100;

/** What happened to a draft before it was submitted, for the history of its batch: who mended what, and what was chosen. */
export function historyOf(
  { mapping, updatedAt }: Pick<DraftRow, "mapping" | "updatedAt">,
  editors: readonly DraftEditor[],
  { labels, actor }: { labels: readonly string[]; actor: string },
): EarlierEvent[] {
  const mended = editors.map(({ by, at, cells, first }) => ({
    event: "mended",
    actor: by,
    at: at.toISOString(),
    detail: {
      cells,
      first: first.map(({ record, columnIndex }) => ({ record, column: labels[columnIndex] ?? null })),
    },
  }));
  if (mapping.length === 0) return mended;
  const columns = mapping.map(({ label, column }) => ({ label, column }));
  return [{ event: "mapped", actor, at: updatedAt.toISOString(), detail: { columns } }, ...mended];
}
