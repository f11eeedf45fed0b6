import type { Storyboard } from "@inlet/contracts";
import { columnUses } from "../column-uses.ts";
import type { Path } from "../walk.ts";
import { didYouMeanOf } from "./nearest-name.ts";
import { error, type StoryboardProblem, warning } from "./problem.ts";

/** Columns by table. */
export type TableColumns = Readonly<Record<string, Iterable<string>>>;

/** Columns that no table of the project has, and those that only some have. */
export function columnProblems(storyboard: Storyboard, columns: TableColumns): StoryboardProblem[] {
  const tables = Object.entries(columns).map(([name, names]) => ({ name, columns: new Set(names) }));
  const known = new Set(tables.flatMap((table) => [...table.columns]));
  const didYouMean = didYouMeanOf(known);
  const problems: StoryboardProblem[] = [];
  const told = new Set<string>();
  for (const { path, column, written } of columnUses(storyboard)) {
    if (!known.has(column)) {
      problems.push(error(path, `${written}: no table of the project has such a column.${didYouMean(column)}`));
      continue;
    }
    const lacking = tables.filter((table) => !table.columns.has(column)).map(({ name }) => name);
    if (lacking.length === 0 || told.has(column)) continue;
    told.add(column);
    const where = lacking.length === 1 ? `the table ${lacking[0]}` : `the tables ${lacking.join(", ")}`;
    problems.push(warning(path, `${written} is empty in every row of ${where}, which has no such column.`));
  }
  const unused = (names: Iterable<string>, path: Path, what: string) => {
    for (const name of names) {
      if (known.has(name)) continue;
      problems.push(
        warning([...path, name], `${what} for ${name}, which is no column of the project.${didYouMean(name)}`),
      );
    }
  };
  unused(Object.keys(storyboard.fallbacks), ["fallbacks"], "There is a fallback");
  storyboard.samples.forEach(({ values }, index) => {
    unused(Object.keys(values), ["samples", index, "values"], "There is a value");
  });
  return problems;
}
