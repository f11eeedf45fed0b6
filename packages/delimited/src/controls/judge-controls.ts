import { type Control, Misconfigured, type Table, typeFamily } from "@inlet/contracts";
import { RE2JS } from "re2js";
import type { TableProblem } from "../rules/judge-rules.ts";

/** What the schema alone cannot see in a table's control totals: sums over text, patterns that do not work. */
export function controlProblems({ controls, columns }: Pick<Table, "controls" | "columns">): TableProblem[] {
  return controls.flatMap(({ total, from }, index) => {
    const problems: TableProblem[] = [];
    const column = typeof total === "object" ? columns.find(({ name }) => name === total.sum) : undefined;
    if (column !== undefined && typeFamily(column.type) !== "number") {
      problems.push({
        path: ["controls", index, "total", "sum"],
        message: `${column.name} holds no numbers, so it has no sum`,
      });
    }
    const problem = "pattern" in from ? patternProblem(from.pattern) : undefined;
    if (problem !== undefined) problems.push({ path: ["controls", index, "from", "pattern"], message: problem });
    return problems;
  });
}

/** @throws Misconfigured `control_invalid` for the first control total that cannot work. */
export function assertControls(table: Pick<Table, "controls" | "columns">): void {
  const [problem] = controlProblems(table);
  if (problem === undefined) return;
  throw new Misconfigured({
    code: "control_invalid",
    message: `${problem.path.join(".")}: ${problem.message}.`,
    context: { path: problem.path },
  });
}

/** What a pattern finds in a text: its first group; undefined where it does not match. Linear in time. */
export function firstGroup(pattern: string, text: string): string | undefined {
  const matcher = RE2JS.compile(pattern).matcher(text);
  return matcher.find() ? (matcher.group(1) ?? undefined) : undefined;
}

/** What a total is called in a message. */
export function totalName(total: Control["total"]): string {
  switch (total) {
    case "records":
      return "number of records";
    case "bytes":
      return "size in bytes";
    case "sha256":
      return "SHA-256";
    default:
      return `sum of ${total.sum}`;
  }
}

function patternProblem(pattern: string): string | undefined {
  try {
    return RE2JS.compile(pattern).groupCount() > 0
      ? undefined
      : "it has no group; put the value in brackets, as in records=(\\d+)";
  } catch (error) {
    return `it is not valid RE2 syntax: ${(error as Error).message}`;
  }
}
