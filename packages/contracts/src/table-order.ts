import type { Table } from "./table.ts";

type Ordered = Pick<Table, "name" | "rules" | "after">;

/** A table that goes after others in a way that cannot be. */
interface OrderProblem {
  /** From the list of tables on. */
  path: (string | number)[];
  message: string;
}

/**
 * The tables whose files of the same run are imported before a table's own: those that its rules `references` look things up
 * in, and those that `after` names. Itself is never among them.
 */
export function tablesBefore(table: Ordered): string[] {
  const looked = table.rules.flatMap((rule) => (rule.rule === "references" ? [rule.table] : []));
  return [...new Set([...looked, ...(table.after ?? [])])].filter((name) => name !== table.name);
}

/** What is wrong with the order of a project's tables: unknown names, and circles, in which each waits for another. */
export function orderProblems(tables: readonly Ordered[]): OrderProblem[] {
  const problems = tables.flatMap((table, at) =>
    (table.after ?? []).flatMap((name, place): OrderProblem[] => {
      const path = [at, "after", place];
      if (name === table.name) return [{ path, message: "a table does not go after itself" }];
      return tables.some((other) => other.name === name)
        ? []
        : [{ path, message: `${name} is no table of this profile` }];
    }),
  );
  const circle = circleOf(tables);
  if (circle === undefined) return problems;
  const at = tables.findIndex(({ name }) => name === circle[0]);
  const words = [...circle, circle[0]].join(" → ");
  return [...problems, { path: [at], message: `these tables go after one another in a circle: ${words}` }];
}

/** The first circle in the order of tables, each name after the one that it waits for. */
function circleOf(tables: readonly Ordered[]): string[] | undefined {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const done = new Set<string>();
  const visit = (name: string, trail: readonly string[]): string[] | undefined => {
    const seen = trail.indexOf(name);
    if (seen !== -1) return trail.slice(seen);
    const table = byName.get(name);
    if (table === undefined || done.has(name)) return undefined;
    for (const before of tablesBefore(table)) {
      const circle = visit(before, [...trail, name]);
      if (circle) return circle;
    }
    done.add(name);
    return undefined;
  };
  for (const { name } of tables) {
    const circle = visit(name, []);
    if (circle) return circle;
  }
  return undefined;
}
