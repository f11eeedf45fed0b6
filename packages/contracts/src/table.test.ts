import { expect, test } from "vitest";
import { SYSTEM_COLUMNS } from "./names.ts";
import { tableSchema } from "./table.ts";

const problems = (table: object) =>
  tableSchema
    .safeParse({ name: "people", columns: [{ name: "id" }], ...table })
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];

const columns = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `c${index}` }));

test.each(SYSTEM_COLUMNS)("%s is PostgreSQL's own column", (name) => {
  expect(problems({ columns: [{ name }] })).toEqual([
    `columns.0.name: ${name} is a column that PostgreSQL gives every table; use another name and set \`header\``,
  ]);
  expect(problems({ columns: [{ name: `${name}_2` }] })).toEqual([]);
});

test("a table has as many columns as PostgreSQL can hold beside Inlet's two", () => {
  expect(problems({ columns: columns(1598), limits: { columns: 1598 } })).toEqual([]);
  expect(problems({ columns: columns(1599) })).toEqual([
    "columns: at most 1598 columns: PostgreSQL has no room for more",
  ]);
  expect(problems({ limits: { columns: 1599 } })).toEqual([expect.stringMatching(/^limits.columns: .*1598/)]);
});

test.each([
  ["{table}_{client}_{project}_{date}_{timestamp}.{ext}", []],
  ["*.csv", []],
  ["{foo}-{date}.csv", ["{foo}"]],
  ["{Table}-{}.csv", ["{Table}", "{}"]],
])("the placeholders of %s are known, or refused by name", (pattern, unknown) => {
  expect(problems({ files: [pattern] })).toEqual(
    unknown.map(
      (token) =>
        `files.0: ${token} is no placeholder; there are {table}, {client}, {project}, {date}, {timestamp}, {ext}`,
    ),
  );
});

test.each([
  [{ rule: "unique", columns: ["id", "no"] }, ["rules.0.columns.1: no is no column of this table"]],
  [{ rule: "compare", left: "no", operator: "<", right: "id" }, ["rules.0.left: no is no column of this table"]],
  [{ rule: "sum", columns: ["id"], equals: "no" }, ["rules.0.equals: no is no column of this table"]],
  [
    { rule: "references", columns: ["id"], table: "style", to: ["a", "b"] },
    ["rules.0.to: `to` names as many columns as `columns`"],
  ],
  [{ rule: "hook", name: "own" }, []],
])("a rule names the table's columns: %o", (rule, found) => {
  expect(problems({ rules: [rule] })).toEqual(found);
});

test("a control total names a column of the table, and a trailer that the format has", () => {
  const control = { total: { sum: "no" }, from: { place: "trailer", cell: 2 } };
  expect(problems({ controls: [control] })).toEqual([
    "controls.0.total.sum: no is no column of this table",
    "controls.0.from: a trailer's cell needs `format.trailer`: what the trailer line begins with",
  ]);
  expect(problems({ format: { trailer: "T" }, controls: [{ ...control, total: "records" }] })).toEqual([]);
});

test.each(["^", ":", "\u0001", "~"])("%j may part cells", (delimiter) => {
  expect(problems({ format: { delimiter } })).toEqual([]);
});

test.each(["a", "1", '"', "\\", "\n", ";;", "é"])("%j parts no cells", (delimiter) => {
  expect(problems({ format: { delimiter } })).toHaveLength(1);
});

test("the number of records has bounds in their order", () => {
  expect(problems({ records: { min: 10, max: 10 } })).toEqual([]);
  expect(problems({ records: { min: 10, max: 9 } })).toEqual(["records.max: must not be below `min`"]);
  expect(problems({ records: { min: 0 } })).toHaveLength(1);
});

test("a comment begins with another character than the delimiter, and a trailer is one line", () => {
  expect(problems({ format: { trailer: "T\n" } })).toEqual(["format.trailer: a trailer is one line"]);
  expect(problems({ format: { delimiter: ";", comment: ";" } })).toEqual([
    "format.comment: a comment cannot begin with the delimiter",
  ]);
});
