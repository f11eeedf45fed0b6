import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { buildStoryboard } from "../testing.ts";
import { compileRequirements, requirementColumns, unmetRequirements } from "./requirements.ts";

const storyboard = buildStoryboard({
  requirements: [
    { condition: { all: [{ field: "first_name", is: "filled" }] }, message: "The first name is missing" },
    {
      condition: {
        any: [
          { field: "due_on", is: "at_least", value: "2026-01-01" },
          { field: "first_name", is: "equal", value: "Iris" },
        ],
      },
      message: "The contract has ended",
    },
  ],
});

test("a row that lacks something gets the messages of what it lacks", () => {
  expect(unmetRequirements(storyboard, rowOf({ first_name: "Zoë", due_on: "2026-12-01" }))).toEqual([]);
  expect(unmetRequirements(storyboard, rowOf({ first_name: "iris" }))).toEqual([]);
  expect(unmetRequirements(storyboard, rowOf({ first_name: " " }))).toEqual([
    "The first name is missing",
    "The contract has ended",
  ]);
});

test("nothing but the columns of the requirements is read", () => {
  expect(requirementColumns(storyboard)).toEqual(["first_name", "due_on"]);
  const read = new Set<string>();
  compileRequirements(storyboard)((column) => {
    read.add(column);
    return undefined;
  });
  expect([...read]).toEqual(requirementColumns(storyboard));
});
