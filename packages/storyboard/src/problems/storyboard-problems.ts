import type { Storyboard } from "@inlet/contracts";
import { assetProblems, type KnownAssets } from "./asset-problems.ts";
import { columnProblems, type TableColumns } from "./column-problems.ts";
import { contrastProblems } from "./contrast-problems.ts";
import { nameProblems } from "./name-problems.ts";
import type { StoryboardProblem } from "./problem.ts";
import { reachProblems } from "./reach-problems.ts";
import { textProblems } from "./text-problems.ts";
import { timeProblems } from "./time-problems.ts";

/** What a storyboard's names are held against. What is left out is not looked at. */
export interface Surroundings {
  /** The columns of the project's tables, by table. */
  columns?: TableColumns | undefined;
  /** The project's assets that are ready, by name. */
  assets?: KnownAssets | undefined;
}

/**
 * What the schema cannot see: parts that refer to nothing, times that do not fit, texts that are missing or hard to read.
 * In the order of the document.
 */
export function storyboardProblems(
  storyboard: Storyboard,
  { columns, assets }: Surroundings = {},
): StoryboardProblem[] {
  return [
    ...nameProblems(storyboard),
    ...(columns === undefined ? [] : columnProblems(storyboard, columns)),
    ...textProblems(storyboard),
    ...assetProblems(storyboard, assets),
    ...timeProblems(storyboard),
    ...reachProblems(storyboard),
    ...contrastProblems(storyboard),
  ].sort(byPlace);
}

const PARTS = "language fallbacks requirements groups scenes poster music page samples".split(" ");

function byPlace({ path: left }: StoryboardProblem, { path: right }: StoryboardProblem): number {
  const part = PARTS.indexOf(String(left[0])) - PARTS.indexOf(String(right[0]));
  if (part !== 0) return part;
  const at = left.findIndex((step, index) => step !== right[index]);
  // What is about a part as a whole comes before what is about something in it.
  if (at === -1 || at === right.length) return left.length - right.length;
  const [one, other] = [left[at], right[at]];
  return typeof one === "number" && typeof other === "number" ? one - other : 0;
}
