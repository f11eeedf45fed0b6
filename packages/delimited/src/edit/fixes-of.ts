import type { Issue } from "@inlet/contracts";
import type { MappedLabel } from "../header/header.ts";
import type { Edit } from "./edits.ts";

/** The fix of such a finding is the whole record with its quotes doubled, and not a cell. */
const OF_RECORD: ReadonlySet<string> = new Set(["quote_stray", "text_after_quote"]);

/**
 * The edits that apply what findings suggest, in their order: from `listFindings` in that of the records. A finding without a
 * fix, of the header, or of several columns gives none.
 * @param columns of the check that found them: `report.columns`.
 */
export async function* fixesOf(
  findings: AsyncIterable<Issue> | Iterable<Issue>,
  columns: readonly MappedLabel[],
): AsyncGenerator<Edit, void> {
  const places = new Map<string, number>();
  for (const { column, index } of columns) if (column !== null) places.set(column, index);
  for await (const { record, column, code, fix } of findings) {
    if (record === null || fix === null) continue;
    if (OF_RECORD.has(code)) {
      yield { record, columnIndex: null, value: fix };
      continue;
    }
    const columnIndex = column === null ? undefined : places.get(column);
    if (columnIndex !== undefined) yield { record, columnIndex, value: fix };
  }
}
