import type { z } from "zod";
import type { Problem } from "./errors.ts";

type ZodIssue = z.core.$ZodIssue;

/** zod's findings as problems: one for each unknown setting, with the words that help a person. */
export function problemsOf(issues: readonly ZodIssue[]): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((key) => (typeof key === "number" ? key : String(key)));
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: [...path, key], message: "there is no such setting" }));
    }
    return [{ path, message: wordsFor(issue) }];
  });
}

function wordsFor(issue: ZodIssue): string {
  if (issue.code === "invalid_value") return oneOf(issue.values);
  if (issue.code === "invalid_type" && issue.message.endsWith("received undefined")) {
    return `is missing; ${aOrAn(issue.expected)} is needed`;
  }
  if (issue.code === "invalid_union") {
    if ("options" in issue && issue.options !== undefined) return oneOf(issue.options);
    const branches = issue.errors.flatMap((errors) => (errors[0] === undefined ? [] : [wordsFor(errors[0])]));
    if (branches.length > 0) return branches.join(", or ");
  }
  return issue.message.replace(/^Invalid (input|string): /, "").replace(/^Invalid /, "is no valid ");
}

function oneOf(values: readonly unknown[]): string {
  const words = values.map((value) =>
    value === "\t" ? "a tab" : typeof value === "string" ? value : JSON.stringify(value),
  );
  return words.length === 1 ? `must be ${words[0]}` : `must be one of ${words.join(", ")}`;
}

function aOrAn(noun: string): string {
  return `${/^[aeio]/.test(noun) ? "an" : "a"} ${noun}`;
}
