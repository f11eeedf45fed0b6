import { type Issue, storyboardSchema, tableSchema } from "@inlet/contracts";
import { check, memorySource } from "@inlet/delimited";
import { expect, test } from "vitest";
import { projectRules } from "./project-rules.ts";

const table = tableSchema.parse({
  name: "guests",
  columns: [{ name: "id", type: "integer" }, { name: "name" }, { name: "due_on", type: "date" }],
});

test("what keeps a row from its link is a warning of that row, and the row is valid", async () => {
  const storyboard = storyboardSchema.parse({
    title: "A film",
    scenes: [{ name: "one", durationMs: 1_000 }],
    requirements: [
      { condition: { all: [{ field: "name", is: "filled" }] }, message: "the name is missing" },
      { condition: { any: [{ field: "due_on", is: "at_least", value: "2026-12-01" }] }, message: "too early" },
    ],
  });
  const issues: Issue[] = [];
  const bytes = "id,name,due_on\n1,Zoë,2026-12-24\n2,,2026-11-30\n3,Ada,2026-11-30\n";
  const { counts, verdict } = await check(memorySource(Buffer.from(bytes)), {
    ...projectRules({ profile: {}, table }, { references: async () => ({ missing: "" }), hooks: {}, storyboard }),
    onIssue: (issue) => issues.push(issue),
  });
  expect([verdict, counts.valid, counts.rejected]).toEqual(["pass", 3, 0]);
  expect(issues.map(({ record, line, code, severity, message }) => [record, line, code, severity, message])).toEqual([
    [2, 3, "link_withheld", "warning", "No link: the name is missing"],
    [2, 3, "link_withheld", "warning", "No link: too early"],
    [3, 4, "link_withheld", "warning", "No link: too early"],
  ]);
});
