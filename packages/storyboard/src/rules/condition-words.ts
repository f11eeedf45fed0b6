import type { Comparison, Condition } from "@inlet/contracts";
import { comparisonsOf } from "./compile-condition.ts";

/** A condition as a person says it: `country is “AT” and due_on is filled`. */
export function conditionWords(condition: Condition): string {
  return comparisonsOf(condition)
    .map(comparisonWords)
    .join("all" in condition ? " and " : " or ");
}

function comparisonWords(comparison: Comparison): string {
  const { field } = comparison;
  switch (comparison.is) {
    case "empty":
      return `${field} is empty`;
    case "filled":
      return `${field} is filled`;
    case "equal":
      return `${field} is “${comparison.value}”`;
    case "not_equal":
      return `${field} is not “${comparison.value}”`;
    case "containing":
      return `${field} contains “${comparison.value}”`;
    case "starting_with":
      return `${field} starts with “${comparison.value}”`;
    case "greater":
      return `${field} is greater than ${comparison.value}`;
    case "less":
      return `${field} is less than ${comparison.value}`;
    case "at_least":
      return `${field} is at least ${comparison.value}`;
    case "at_most":
      return `${field} is at most ${comparison.value}`;
    case "one_of":
      return `${field} is one of ${comparison.values.map((value) => `“${value}”`).join(", ")}`;
  }
}
