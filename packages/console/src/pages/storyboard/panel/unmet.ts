import type { Storyboard } from "@inlet/contracts";
import { compileCondition, rowOf } from "@inlet/storyboard";
import type { PreviewRow } from "../preview/preview-row.ts";

/** What a row lacks to get a link, in the storyboard's own words. */
export function unmetBy({ requirements }: Storyboard, { values }: Pick<PreviewRow, "values">): string[] {
  const row = rowOf(values);
  return requirements.flatMap(({ condition, message }) => (compileCondition(condition)(row) ? [] : message));
}
