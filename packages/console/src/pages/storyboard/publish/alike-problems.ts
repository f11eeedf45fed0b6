import type { DraftProblem } from "../state/editor-context.ts";

/** One thing that is wrong, at one place or at several. */
export interface AlikeProblems extends DraftProblem {
  /** How many more places it is wrong at. */
  elsewhere: number;
}

/** Problems that say the same of several places as one: a column that is missing is missing wherever it is named. */
export function alikeProblems(problems: readonly DraftProblem[]): AlikeProblems[] {
  const found = new Map<string, AlikeProblems>();
  for (const problem of problems) {
    const key = `${problem.severity} ${problem.message}`;
    const first = found.get(key);
    if (first === undefined) found.set(key, { ...problem, elsewhere: 0 });
    else first.elsewhere += 1;
  }
  return [...found.values()];
}
