import type { DraftCheck, DraftColumn } from "@inlet/contracts";

/** Below this a person should look whether it is right. */
const SURE = 0.85;

/** How a label came to mean its column. */
export function confidenceText({ column, matchedBy, confidence }: DraftColumn): string {
  if (matchedBy === "chosen") return "chosen by hand";
  if (column === null) return "";
  if (matchedBy === "exact") return "same name";
  if (matchedBy === "alias") return "known name";
  if (matchedBy === "position") return "by its place";
  return `${Math.round(confidence * 100)} % sure`;
}

/**
 * Whether a person should look at it. A label that nobody knows is no mistake, unless it may mean a column of the table: one
 * that sounds alike, or one that is missing.
 */
export function needsLook(
  { column, matchedBy, confidence, alternatives }: DraftColumn,
  { missing }: Pick<DraftCheck, "missing">,
): boolean {
  if (matchedBy === "chosen") return false;
  return column === null ? alternatives.length > 0 || missing.length > 0 : confidence < SURE;
}
