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
