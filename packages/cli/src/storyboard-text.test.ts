import { expect, test } from "vitest";
import { problemCount, problemLines, type ShownProblem } from "./storyboard-text.ts";
import type { Terminal } from "./terminal.ts";

const NARROW: Terminal = { isTTY: false, columns: 40, write: () => {}, line: () => {}, paint: (_, text) => text };

const problem = (severity: "error" | "warning", path: ShownProblem["path"], message: string): ShownProblem => ({
  severity,
  path,
  message,
});

test("problems are told errors first, the same words once, and in lines that fit", () => {
  const problems = [
    problem("warning", [], "Nobody will see it."),
    problem("error", ["scenes", 0, "caption"], "{{age}}: no table of the project has such a column."),
    problem("error", ["scenes", 1, "caption"], "{{age}}: no table of the project has such a column."),
    { ...problem("error", ["title"], "is missing"), file: "a.json", line: 2 },
  ];
  expect(problemLines(problems, NARROW)).toEqual([
    "error    scenes[0].caption and 1 other place",
    "         {{age}}: no table of the",
    "         project has such a column.",
    "error    a.json:2:1 title",
    "         is missing",
    "warning  Nobody will see it.",
  ]);
  expect(problemCount(problems)).toBe("3 errors and 1 warning");
  expect(problemCount(problems.slice(0, 1))).toBe("1 warning");
  expect(problemCount([])).toBeUndefined();
});
