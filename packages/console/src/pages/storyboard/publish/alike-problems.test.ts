import { expect, test } from "vitest";
import { alikeProblems } from "./alike-problems.ts";

test("what is wrong at several places alike is told once, by the first of them", () => {
  const missing = { message: "no such column", severity: "error" as const };
  const other = { path: ["title"], message: "too long", severity: "error" as const };
  const problems = [{ ...missing, path: ["scenes", 0] }, other, { ...missing, path: ["page"] }];
  expect(alikeProblems(problems)).toEqual([
    { ...problems[0], elsewhere: 1 },
    { ...other, elsewhere: 0 },
  ]);
  expect(
    alikeProblems([
      { ...missing, path: [] },
      { ...missing, path: [], severity: "warning" },
    ]),
  ).toHaveLength(2);
});
