import { columnSchema, type Table } from "@inlet/contracts";
import { expect, test } from "vitest";
import { planTable } from "./table-plan.ts";

const column = (name: string, type: string, more = {}) => columnSchema.parse({ name, type, ...more });
const table = (columns: ReturnType<typeof column>[], mode: Table["mode"] = "append") => ({
  name: "sales",
  mode,
  columns,
});

test("a table that is not there is created", () => {
  expect(planTable(table([column("a", "string")]), undefined)).toEqual({ action: "create" });
});

test("a new column is added, wherever the profile puts it", () => {
  const existing = { kind: "table" as const, columns: [{ name: "b", type: "bigint" }] };
  expect(planTable(table([column("a", "string"), column("b", "integer")]), existing)).toEqual({
    action: "add",
    columns: [{ name: "a", type: "text" }],
  });
});

test.each([
  ["a changed type", [column("b", "string")], "append", /column b is bigint and would become text/],
  ["a dropped column", [column("a", "string")], "append", /column b is missing from the profile/],
  ["another mode", [column("b", "integer")], "replace", /mode was append or upsert and is now replace/],
] as const)("%s is refused with its name", (_, columns, mode, message) => {
  const existing = { kind: "table" as const, columns: [{ name: "b", type: "bigint" }] };
  expect(() => planTable(table([...columns], mode), existing)).toThrow(message);
});
