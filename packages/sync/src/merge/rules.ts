import { type Catalog, type ConflictRule, Misconfigured } from "@inlet/contracts";
import type { Register } from "./item.ts";
import { ownValue } from "./own-value.ts";

/**
 * A conflict rule of the platform team's own: the value that stays, of two. Called with the older one first. It looks at nothing
 * but its arguments, and it must not matter in which order or how often values come: of `(a, b)` and then `c` it makes the same
 * as of `(b, c)` and then `a`, and of what it made and one of the two the same again, as greatest, least and longest do.
 */
export type ConflictFunction = (older: Register, newer: Register, field: string) => string | null;

/** The platform team's functions by their names. */
export type ConflictFunctions = Readonly<Record<string, ConflictFunction>>;

/** How one field's conflicts end. */
export type FieldRule =
  | { rule: "newest" }
  | { rule: "source"; origin: string }
  | { rule: "function"; name: string; decide: ConflictFunction };

/** How a catalog's conflicts end. */
export interface MergeRules {
  /** The columns besides the key's, in their order. */
  fields: readonly string[];
  ruleOf: ReadonlyMap<string, FieldRule>;
  /** Also for whether an item is there. */
  default: FieldRule;
}

/**
 * Makes a catalog's rules of its profile.
 * @param columns all of its table, in their order
 * @throws Misconfigured `conflict_function_missing`
 */
export function mergeRules(
  { table, conflicts }: Pick<Catalog, "table" | "conflicts">,
  { columns, key }: { columns: readonly string[]; key: readonly string[] },
  functions: ConflictFunctions,
): MergeRules {
  const resolved = (rule: ConflictRule): FieldRule => {
    if (rule.rule !== "function") return rule;
    const decide = Object.hasOwn(functions, rule.name) ? functions[rule.name] : undefined;
    if (decide !== undefined) return { rule: "function", name: rule.name, decide };
    throw missing(table, [rule.name], functions);
  };
  const byDefault = resolved(conflicts.default);
  const fields = columns.filter((name) => !key.includes(name));
  const ruleOf = new Map(
    fields.map((name) => {
      const own = ownValue(conflicts.fields, name);
      return [name, own ? resolved(own) : byDefault];
    }),
  );
  return { fields, ruleOf, default: byDefault };
}

/** The functions that a catalog asks for and that are not there. */
export function missingFunctions({ conflicts }: Pick<Catalog, "conflicts">, functions: ConflictFunctions): string[] {
  const asked = [conflicts.default, ...Object.values(conflicts.fields)];
  const names = asked.flatMap((rule) => (rule.rule === "function" ? [rule.name] : []));
  return [...new Set(names)].filter((name) => !Object.hasOwn(functions, name));
}

function missing(table: string, names: readonly string[], functions: ConflictFunctions): Misconfigured {
  const known = Object.keys(functions);
  const there = known.length === 0 ? "it has none" : `it has ${known.join(", ")}`;
  return new Misconfigured({
    code: "conflict_function_missing",
    message: `Catalog ${table} settles conflicts with the function ${names.join(", ")}, which the module of INLET_CONFLICTS_MODULE does not have (${there}). Add it there, or take another rule.`,
    context: { table, names },
  });
}
