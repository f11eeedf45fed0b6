import type { Comparison, Condition } from "@inlet/contracts";

/** How a comparison is read between its field and its value. */
export const IS_WORDS: Readonly<Record<Comparison["is"], string>> = {
  equal: "is",
  not_equal: "is not",
  one_of: "is one of",
  containing: "contains",
  starting_with: "starts with",
  greater: "is greater than",
  at_least: "is at least",
  less: "is less than",
  at_most: "is at most",
  filled: "is filled",
  empty: "is empty",
};

/** The comparisons of a condition, whether all of them or one must hold. */
export const comparisonsOf = (condition: Condition): Comparison[] =>
  "all" in condition ? condition.all : condition.any;

/** Another question about a field; what was typed as a value is kept where it can be. */
export function asked(comparison: Comparison, is: Comparison["is"]): Comparison {
  const { field } = comparison;
  const value = "value" in comparison ? comparison.value : "values" in comparison ? (comparison.values[0] ?? "") : "";
  if (is === "empty" || is === "filled") return { field, is };
  if (is === "one_of") {
    return { field, is, values: "values" in comparison ? comparison.values : value === "" ? [] : [value] };
  }
  return { field, is, value };
}

export function conditionOf(kind: "all" | "any", comparisons: Comparison[]): Condition {
  return kind === "all" ? { all: comparisons } : { any: comparisons };
}
