import type { DraftRows } from "@inlet/contracts";

/**
 * Reads a block of rows whole: of long rows the API answers with fewer than were asked for.
 * @param ask the API, for `count` rows from the record `from` on.
 */
export async function readBlock(
  ask: (range: { from: number; count: number }) => Promise<DraftRows>,
  { from, count }: { from: number; count: number },
): Promise<DraftRows> {
  const answer = await ask({ from, count });
  const rows = [...answer.rows];
  const last = Math.min(from + count - 1, answer.recordCount ?? 0);
  while (from + rows.length <= last) {
    const next = await ask({ from: from + rows.length, count: last + 1 - from - rows.length });
    // The file was mended meanwhile: then this block is asked for anew in any case.
    if (next.rows.length === 0 || next.contentVersion !== answer.contentVersion) break;
    rows.push(...next.rows);
  }
  return { ...answer, rows };
}
