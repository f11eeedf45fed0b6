import { Misconfigured, type Rule, type Table } from "@inlet/contracts";
import type { ColumnPlan } from "../cells/column-plan.ts";
import { CompareRule } from "./compare.ts";
import { HookRule, type Hooks, type OwnRule } from "./hook.ts";
import type { RecordRule } from "./record-rule.ts";
import { type ReferenceLookUp, ReferenceRule } from "./references.ts";
import { SumRule } from "./sum.ts";

/** A table's rules about single records, ready for the hot path. Those of kind `unique` are watched elsewhere. */
export interface PlannedRules {
  records: readonly RecordRule[];
  /** Those of `records` that ask somebody else. */
  references: readonly ReferenceRule[];
  hooks: readonly HookRule[];
  /** Rules that nobody can answer here. */
  unchecked: readonly Rule[];
}

/**
 * Makes a table's rules ready. A rule about a column that the file does not have is left out: its header says so already,
 * or the column is optional and all its cells are empty.
 * @throws Misconfigured `hook_unknown` when a rule names a hook that the module of rules does not have.
 */
export function planRules(
  { rules, columns }: Pick<Table, "rules" | "columns">,
  plans: readonly ColumnPlan[],
  {
    references,
    hooks,
    ownRules = [],
  }: { references?: ReferenceLookUp | undefined; hooks?: Hooks | undefined; ownRules?: readonly OwnRule[] | undefined },
): PlannedRules {
  const planOf = (name: string) => plans.find(({ column }) => column.name === name);
  const plansOf = (names: readonly string[]) => names.map(planOf).filter((plan) => plan !== undefined);
  const names = columns.map(({ name }) => name);
  const planned = {
    records: [] as RecordRule[],
    references: [] as ReferenceRule[],
    hooks: ownRules.map(({ code, severity, hook }) => new HookRule({ name: code, severity }, hook, names, code)),
    unchecked: [] as Rule[],
  };
  for (const rule of rules) {
    switch (rule.rule) {
      case "unique":
        break;
      case "compare": {
        const [left, right] = [planOf(rule.left), planOf(rule.right)];
        if (left !== undefined && right !== undefined) planned.records.push(new CompareRule(rule, left, right));
        break;
      }
      case "sum": {
        const [addends, total] = [plansOf(rule.columns), planOf(rule.equals)];
        if (addends.length === rule.columns.length && total !== undefined) {
          planned.records.push(new SumRule(rule, addends, total));
        }
        break;
      }
      case "references": {
        const own = plansOf(rule.columns);
        if (references === undefined) {
          planned.unchecked.push(rule);
        } else if (own.length === rule.columns.length) {
          const reference = new ReferenceRule(rule, own, references);
          planned.references.push(reference);
          planned.records.push(reference);
        }
        break;
      }
      case "hook":
        if (hooks === undefined) planned.unchecked.push(rule);
        else planned.hooks.push(new HookRule(rule, hookOf(rule.name, hooks), names));
    }
  }
  return planned;
}

function hookOf(name: string, hooks: Hooks) {
  const hook = Object.hasOwn(hooks, name) ? hooks[name] : undefined;
  if (hook !== undefined) return hook;
  const known = Object.keys(hooks);
  throw new Misconfigured({
    code: "hook_unknown",
    message: `The table names the hook ${name}, but the module of rules has ${known.length === 0 ? "none" : `only ${known.join(", ")}`}. Add it to the module, or take the rule out of the profile.`,
    context: { hook: name, known },
  });
}
