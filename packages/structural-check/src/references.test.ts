import { type Issue, type Table, tableSchema } from "@inlet/contracts";
import {
  addClientColumns,
  type ClientColumn,
  clientTable,
  columnsOf,
  createClientTable,
  type Database,
  ensureClientSchema,
  flipView,
  openDatabase,
  transaction,
} from "@inlet/database";
import { check, memorySource } from "@inlet/delimited";
import { openTestStack } from "@inlet/stack";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openReferences } from "./references.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  database = openDatabase(stack.databaseUrl, { applicationName: "test" });
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

const project = { client: "acme", project: "spring", rehearsal: false };
const referenced = tableSchema.parse({
  name: "style",
  columns: [
    { name: "code" },
    { name: "no", type: "integer" },
    { name: "price", type: "decimal", precision: 10, scale: 2 },
    { name: "day", type: "date" },
    { name: "at", type: "timestamp" },
    { name: "live", type: "boolean" },
  ],
});

/** A client's table with some rows, as the importer makes it. */
async function givenTable(name: string, rows: string, columns: ClientColumn[] = columnsOf(referenced)) {
  const table = clientTable("acme", "spring", name);
  await transaction(database, async (tx) => {
    await ensureClientSchema(tx, table);
    await createClientTable(tx, table, columns);
    await tx.client.query(
      `INSERT INTO "${table.schema}"."${table.name}" (${columns.map((c) => c.name).join()}) ${rows}`,
    );
  });
  return table;
}

function referring(table: string, columns: object[], to: string[]): Table {
  const names = columns.map((_, index) => `c${index}`);
  return tableSchema.parse({
    name: "sales",
    columns: [...columns.map((column, index) => ({ name: names[index], ...column })), { name: "rest" }],
    rules: [{ rule: "references", columns: names, table, to }],
    invalid: { policy: "skip" },
  });
}

async function unknownOf(table: Table, text: string, rehearsal = false) {
  const issues: Issue[] = [];
  await check(memorySource(Buffer.from(text)), {
    table,
    references: openReferences(database, { ...project, rehearsal }),
    onIssue: (issue) => void issues.push(issue),
  });
  return issues.map(({ code, record }) => (record === null ? code : record));
}

it("finds values of every type as PostgreSQL compares them", async () => {
  await givenTable(
    "style",
    `VALUES ('A\\b', 1, 1.50, '2026-01-31', '2026-01-31 10:00:00+00', true),
            ('é', 9223372036854775807, 2, '2026-02-01', '2026-02-01 00:00:00.5+00', false)`,
  );
  const cases: [object, string, string[], number[]][] = [
    [{}, "code", ["A\\b", "é", "a", "A\\\\b"], [3, 4]],
    [{ type: "integer" }, "no", ["01", "9223372036854775807", "2"], [3]],
    [{ type: "decimal" }, "no", ["1.0", "1.5", "99999999999999999999", "-1"], [2, 3, 4]],
    [{ type: "decimal" }, "price", ["1.5", "2.00", "1.501"], [3]],
    [{ type: "integer" }, "price", ["2", "1"], [2]],
    [{ type: "date", format: "dd.MM.yyyy" }, "day", ["31.01.2026", "01.01.2026"], [2]],
    [{ type: "timestamp" }, "at", ["2026-01-31T12:00:00+02:00", "2026-02-01T00:00:00.5Z", "2026-02-01T00:00:00Z"], [3]],
    [{ type: "boolean" }, "live", ["yes", "no"], []],
  ];
  for (const [column, to, cells, unknown] of cases) {
    const text = `c0|rest\n${cells.map((cell) => `${cell}|x`).join("\n")}\n`;
    expect([to, await unknownOf(referring("style", [column], [to]), text)]).toEqual([to, unknown]);
  }
});

it("finds rows by several columns together", async () => {
  const table = referring("style", [{}, { type: "integer" }], ["code", "no"]);
  expect(await unknownOf(table, "c0|c1|rest\né|9223372036854775807|\né|1|\n|1|\n")).toEqual([2]);
});

it("looks up more keys than one statement takes, in a replace table's view", async () => {
  const columns = [{ name: "code", type: "text" }];
  const generation = await givenTable("item__g7", "SELECT 'K' || n FROM generate_series(1, 20000) n", columns);
  const view = clientTable("acme", "spring", "item");
  await transaction(database, (tx) => flipView(tx, { view, generation, columns: ["code"], lockTimeoutMs: 1000 }));
  const lines = Array.from({ length: 30_000 }, (_, i) => `K${i + 1}|`);
  const unknown = await unknownOf(referring("item", [{}], ["code"]), `c0|rest\n${lines.join("\n")}\n`);
  expect(unknown).toEqual(Array.from({ length: 10_000 }, (_, i) => 20_001 + i));
});

it("says that a table, or a column of it, is not there yet", async () => {
  expect(await unknownOf(referring("nothing", [{}], ["code"]), "c0|rest\nA|\n")).toEqual(["reference_table_missing"]);
  const table = await givenTable("shop", "VALUES ('A')", [{ name: "code", type: "text" }]);
  expect(await unknownOf(referring("shop", [{}], ["name"]), "c0|rest\nA|\n")).toEqual(["reference_table_missing"]);
  // A rehearsal could never make it.
  expect(await unknownOf(referring("shop", [{}], ["name"]), "c0|rest\nA|\n", true)).toEqual([]);
  await transaction(database, (tx) => addClientColumns(tx, table, [{ name: "name", type: "text" }]));
  expect(await unknownOf(referring("shop", [{}], ["name"]), "c0|rest\nA|\n", true)).toEqual([1]);
  expect(await unknownOf(referring("shop", [{}], ["name"]), "c0|rest\nA|\n")).toEqual([1]);
});

it("does not look up in a rehearsal what is not there, and what is there as ever", async () => {
  await givenTable("city", "VALUES ('A')", [{ name: "code", type: "text" }]);
  const text = "c0|rest\nA|\nB|\n";
  expect(await unknownOf(referring("nowhere", [{}], ["code"]), text, true)).toEqual([]);
  expect(await unknownOf(referring("city", [{}], ["code"]), text, true)).toEqual([2]);
});
