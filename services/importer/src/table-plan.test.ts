import { columnSchema, type Table } from "@inlet/contracts";
import { expect, test } from "vitest";
import { planTable } from "./table-plan.ts";

const column = (name: string, type: string, more = {}) => columnSchema.parse({ name, type, ...more });
const table = (columns: ReturnType<typeof column>[], mode: Table["mode"] = "append", key: string[] = []) => ({
  name: "sales",
  mode,
  key,
  columns,
});
const none = new Set<string>();
const b = { name: "b", type: "bigint" };

test("a table that is not there is created", () => {
  expect(planTable(table([column("a", "string")]), undefined, none)).toEqual({
    action: "create",
    missing: [{ name: "a", type: "text" }],
    unknown: [],
  });
});

test("a new column is added, wherever the profile puts it", () => {
  const existing = { kind: "table" as const, columns: [b] };
  expect(planTable(table([column("a", "string"), column("b", "integer")]), existing, none)).toEqual({
    action: "add",
    missing: [{ name: "a", type: "text" }],
    unknown: [],
  });
});

test("a column that a newer version of the profile added is left to be empty", () => {
  const existing = { kind: "table" as const, columns: [{ name: "a", type: "text" }, b] };
  expect(planTable(table([column("a", "string")]), existing, new Set(["b"]))).toEqual({
    action: "none",
    missing: [],
    unknown: [b],
  });
});

test.each([
  ["a changed type", [column("b", "string")], "append", [], /column b is bigint and would become text/],
  ["a dropped column", [column("a", "string")], "append", [], /column b is missing from the profile/],
  ["another mode", [column("b", "integer")], "replace", [], /mode was append or upsert and would become replace/],
  ["another key", [column("b", "integer"), column("c", "string")], "upsert", ["c"], /key was b and would become c/],
] as const)("%s is refused with its name", (_, columns, mode, key, message) => {
  const existing = { kind: "table" as const, columns: [b], key: ["b"] };
  expect(() => planTable(table([...columns], mode, [...key]), existing, none)).toThrow(message);
});

test("every difference is named at once, and a newer version's column of another type stays one", () => {
  const existing = { kind: "table" as const, columns: [{ name: "a", type: "text" }, b] };
  expect(() => planTable(table([column("b", "string")]), existing, new Set(["b"]))).toThrow(
    /column a is missing from the profile; its column b is bigint and would become text/,
  );
});
