import type { Comparison, Condition, Scene, Storyboard } from "@inlet/contracts";
import { rowOf } from "../row.ts";
import { compileCondition } from "../rules/compile-condition.ts";
import { decimalOf } from "../rules/decimal.ts";
import { momentOf } from "../rules/moment.ts";
import { conditionsOf } from "../walk.ts";
import { error, type StoryboardProblem, warning } from "./problem.ts";

/** Whether a scene plays for every row. */
export function always({ when, group }: Scene, { groups }: Pick<Storyboard, "groups">): boolean {
  return when === undefined && (group === undefined || groups.find(({ name }) => name === group)?.when === undefined);
}

/** Conditions that cannot hold, or not be asked, and what follows of it for scenes, groups, poster and requirements. */
export function reachProblems(storyboard: Storyboard): StoryboardProblem[] {
  const { scenes, groups, requirements, poster } = storyboard;
  const problems = conditionsOf(storyboard).flatMap(({ path, condition }) => {
    const [kind] = Object.keys(condition) as [string];
    return comparisonsIn(condition).flatMap((comparison, index) => {
      const fault = comparisonFault(comparison);
      return fault === undefined ? [] : [error([...path, kind, index, "value"], fault)];
    });
  });
  requirements.forEach(({ condition }, index) => {
    if (!neverHolds([condition])) return;
    const message = "No row can fulfil this requirement: its comparisons exclude each other. No row would get a link.";
    problems.push(error(["requirements", index, "condition"], message));
  });
  groups.forEach(({ name, when }, index) => {
    if (when !== undefined && neverHolds([when])) {
      problems.push(
        warning(["groups", index, "when"], `The group ${name} never plays: its comparisons exclude each other.`),
      );
    }
  });
  scenes.forEach((scene, index) => {
    const group = groups.find(({ name }) => name === scene.group);
    const conditions = [scene.when, group?.when].filter((each) => each !== undefined);
    if (scene.when !== undefined && neverHolds(conditions)) {
      const reason = neverHolds([scene.when]) ? "its comparisons" : "its condition and its group's";
      problems.push(
        warning(["scenes", index, "when"], `The scene ${scene.name} never plays: ${reason} exclude each other.`),
      );
    }
    scene.layers.forEach(({ when }, at) => {
      if (when !== undefined && neverHolds([when])) {
        const message = "The layer is never shown: its comparisons exclude each other.";
        problems.push(warning(["scenes", index, "layers", at, "when"], message));
      }
    });
  });
  if (!scenes.some((scene) => always(scene, storyboard))) {
    const shown = scenes.find(({ when }) => when === undefined) ?? scenes[0]!;
    const message = `Every scene has a condition. A row for which none holds sees the scene ${shown.name}; better give it one that always plays.`;
    problems.push(warning(["scenes"], message));
  }
  const posterAt = scenes.findIndex(({ name }) => name === poster?.scene);
  if (posterAt !== -1 && !always(scenes[posterAt]!, storyboard)) {
    const message = `The scene ${scenes[posterAt]!.name} does not play for every row; the others get the middle of their first scene as their poster.`;
    problems.push(warning(["poster", "scene"], message));
  }
  return problems;
}

const comparisonsIn = (condition: Condition) => ("all" in condition ? condition.all : condition.any);

const ORDERED: readonly Comparison["is"][] = ["greater", "less", "at_least", "at_most"];

function comparisonFault(comparison: Comparison): string | undefined {
  if (!("value" in comparison)) return undefined;
  const { is, value } = comparison;
  const text = value.trim();
  if (ORDERED.includes(is) && decimalOf(text) === undefined && momentOf(text) === undefined) {
    return `${is} compares numbers (1250.50) and dates (2026-12-01); “${value}” is neither.`;
  }
  return text === "" ? `Nothing is ${is} nothing; ask for empty or filled.` : undefined;
}

/**
 * Whether conditions can never hold together, as far as that is plain: the same field is to be two things at once. What is
 * not found is a scene that never plays, and harms nobody.
 */
function neverHolds(conditions: readonly Condition[]): boolean {
  const together = conditions.flatMap((condition) =>
    "all" in condition ? condition.all : condition.any.length === 1 ? condition.any : [],
  );
  const fields = new Map<string, Comparison[]>();
  for (const comparison of together)
    fields.set(comparison.field, [...(fields.get(comparison.field) ?? []), comparison]);
  return [...fields.values()].some(excludeEachOther);
}

/** Beyond this many comparisons nobody waits to hear that a scene never plays. */
const MOST_TRIED = 1_000;

function excludeEachOther(comparisons: readonly Comparison[]): boolean {
  if (comparisons.length < 2) return false;
  const hold = compileCondition({ all: [...comparisons] });
  const test = (value: string) => hold(rowOf({ [comparisons[0]!.field]: value }));
  // Where the field is to be one of these very values, trying them tells all; but a cell that is true is written `t`, and what
  // letters a number is written with nobody knows.
  const named = comparisons.find(({ is }) => is === "equal" || is === "one_of" || is === "empty");
  if (named !== undefined) {
    const values = "values" in named ? named.values : "value" in named ? [named.value] : [""];
    if (values.length * comparisons.length > MOST_TRIED) return false;
    if (values.some(isNumber) && comparisons.some(looksAtLetters)) return false;
    return ![...values, ...(values.some(isLogical) ? ["t", "f"] : [])].some(test);
  }
  const least = bound(comparisons, ["greater", "at_least"]);
  const most = bound(comparisons, ["less", "at_most"]);
  return least !== undefined && most !== undefined && !compatible(least, most);
}

const isNumber = (value: string) => decimalOf(value.trim()) !== undefined;
const isLogical = (value: string) => /^\s*(true|false)\s*$/i.test(value);
const looksAtLetters = ({ is }: Comparison) => is === "containing" || is === "starting_with";

function bound(comparisons: readonly Comparison[], kinds: readonly Comparison["is"][]): Comparison | undefined {
  return comparisons.find(({ is }) => kinds.includes(is));
}

/** Whether something lies between: at least one of the two bounds' own values would have to fulfil the other. */
function compatible(least: Comparison, most: Comparison): boolean {
  if (!("value" in least) || !("value" in most)) return true;
  // After ten in the morning of a day, and on that day at most: neither bound's own value is both.
  const [from, to] = [momentOf(least.value.trim()), momentOf(most.value.trim())];
  if (from?.day === to?.day && (from?.atMs === undefined) !== (to?.atMs === undefined)) return true;
  const holds = (comparison: Comparison, value: string) =>
    compileCondition({ all: [comparison] })(rowOf({ [comparison.field]: value }));
  return holds(least, most.value) || (holds(most, least.value) && least.is === "at_least");
}
