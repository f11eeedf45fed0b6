import { Misconfigured, type Rule, type Table, type TypeFamily, typeFamily } from "@inlet/contracts";

/** What is wrong with a setting of a table, and where it stands in it. */
export interface TableProblem {
  path: (string | number)[];
  message: string;
}

/** The columns whose types a rule must fit. */
type TypedTable = Pick<Table, "columns" | "rules">;

/** What the schema alone cannot see in a table's rules: types that do not go together. */
export function ruleProblems({ columns, rules }: TypedTable): TableProblem[] {
  const families = new Map(columns.map(({ name, type }) => [name, typeFamily(type)]));
  return rules.flatMap((rule, index) =>
    problemsOf(rule, families).map(({ path, message }) => ({ path: ["rules", index, ...path], message })),
  );
}

/** @throws Misconfigured `rule_invalid` for the first rule that cannot work. */
export function assertRules(table: TypedTable): void {
  const [problem] = ruleProblems(table);
  if (problem === undefined) return;
  throw new Misconfigured({
    code: "rule_invalid",
    message: `${problem.path.join(".")}: ${problem.message}.`,
    context: { path: problem.path },
  });
}

function problemsOf(rule: Rule, families: ReadonlyMap<string, TypeFamily>): TableProblem[] {
  if (rule.rule === "compare") return comparisonProblems(rule, families);
  if (rule.rule !== "sum") return [];
  const named = [
    ...rule.columns.map((name, index) => ({ name, path: ["columns", index] })),
    { name: rule.equals, path: ["equals"] },
  ];
  return named
    .filter(({ name }) => families.get(name) !== "number")
    .map(({ name, path }) => ({ path, message: `${name} holds no numbers, so it cannot be part of a sum` }));
}

function comparisonProblems(
  { left, operator, right }: Extract<Rule, { rule: "compare" }>,
  families: ReadonlyMap<string, TypeFamily>,
): TableProblem[] {
  const [one, other] = [families.get(left), families.get(right)];
  if (one !== other) {
    return [{ path: ["right"], message: `${left} (${one}) and ${right} (${other}) cannot be compared` }];
  }
  if (one === "boolean" && operator !== "=" && operator !== "!=") {
    return [{ path: ["operator"], message: "booleans are the same or different, none is greater" }];
  }
  return [];
}
