import { tableSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { checkItems } from "./check-items.ts";
import { plainNumber } from "./item-text.ts";

const tableOf = (more: object = {}) =>
  tableSchema.parse({
    name: "product",
    key: ["sku"],
    mode: "upsert",
    columns: [
      { name: "sku", header: "Article", aliases: ["No"] },
      { name: "name", required: true, maxLength: 20 },
      { name: "price", type: "decimal", precision: 10, scale: 2, min: 0, decimalSeparator: "," },
      { name: "active", type: "boolean", trueValues: ["ja"], falseValues: ["nein"] },
      { name: "since", type: "date", format: "dd.MM.yyyy" },
      { name: "seen", type: "timestamp", timezone: "Europe/Berlin" },
      { name: "mail", type: "email", severity: "warning" },
    ],
    ...more,
  });

const good = { sku: "a-1", name: "Chair" };
const codes = (findings: readonly { column: string | null; code: string }[]) =>
  findings.map(({ column, code }) => `${column} ${code}`);

test("values come out canonical, however JSON has them", async () => {
  const item = {
    ...good,
    price: 12.5,
    active: true,
    since: "2026-11-20",
    seen: "2026-11-20T10:00:00+01:00",
    mail: null,
  };
  const canonical = {
    ...{ sku: "a-1", name: "Chair", price: "12.5", active: "t", since: "2026-11-20" },
    ...{ seen: "2026-11-20 09:00:00+00", mail: null },
  };
  const inFileForm = { ...item, since: "20.11.2026", price: "12,5", active: "Ja" };
  const text = { ...item, sku: 'say "a", b\n\tc', name: "=\\N;'" };
  expect(await checkItems(tableOf(), [item, inFileForm, text, good])).toEqual([
    { values: canonical, findings: [] },
    { values: canonical, findings: [] },
    { values: { ...canonical, sku: text.sku, name: text.name }, findings: [] },
    { values: { ...good, price: null, active: null, since: null, seen: null, mail: null }, findings: [] },
  ]);
});

test("each faulty item has its findings, and the others are good", async () => {
  const items = [
    { ...good, name: "" },
    { ...good, price: "12.5", active: "yes" },
    { name: "without key" },
    { ...good, name: { first: "a" } },
    { ...good, colour: "red" },
    { ...good, since: "31.02.2026", price: -1 },
    { ...good, sku: "x".repeat(2501) },
    { ...good, mail: "nobody" },
    good,
    good,
  ];
  const checked = await checkItems(tableOf(), items);
  expect(checked.map(({ findings }) => codes(findings))).toEqual([
    ["name value_missing"],
    ["price not_a_decimal", "active not_a_boolean"],
    ["sku value_missing"],
    ["name not_a_single_value", "name value_missing"],
    ["colour column_unknown"],
    ["price too_small", "since not_a_date"],
    ["sku key_too_long"],
    ["mail not_an_email"],
    [],
    [],
  ]);
  expect(checked.map(({ values }) => values !== null)).toEqual([
    ...[false, false, false, false, false, false, false, false, true, true],
  ]);
  expect(checked[1]!.findings[0]).toMatchObject({
    value: "12.5",
    severity: "error",
    message: expect.stringMatching(/\w/),
  });
});

test("rules of one record hold, those of a file are not asked", async () => {
  const table = tableOf({
    columns: [
      { name: "sku", unique: true },
      { name: "net", type: "integer" },
      { name: "gross", type: "integer" },
    ],
    rules: [
      { rule: "compare", left: "net", operator: "<=", right: "gross" },
      { rule: "unique", columns: ["net"] },
      { rule: "references", columns: ["sku"], table: "style" },
    ],
    controls: [{ total: "records", from: { place: "name", pattern: "(\\d+)" } }],
    records: { min: 5 },
  });
  const items = [
    { sku: "a", net: 1, gross: 2 },
    { sku: "a", net: 1, gross: 0 },
    { sku: "b", net: 1, gross: 1 },
  ];
  expect((await checkItems(table, items)).map(({ findings }) => codes(findings))).toEqual([
    [],
    ["net,gross comparison_fails"],
    [],
  ]);
  const known = await checkItems(table, items, { references: async ({ keys }) => keys[0]!.map((key) => key === "a") });
  expect(known.map(({ findings }) => findings.map(({ code }) => code))).toEqual([
    [],
    ["comparison_fails"],
    ["reference_unknown"],
  ]);
  const missing = await checkItems(table, items, { references: async () => ({ missing: "There is no table style." }) });
  expect(missing.map(({ values }) => values)).toEqual([null, null, null]);
});

test("a column that is called as something every object has is empty where it is not said", async () => {
  const columns = [{ name: "id" }, { name: "constructor" }];
  const table = tableSchema.parse({ name: "race", key: ["id"], mode: "upsert", columns });
  const checked = await checkItems(table, [{ id: "1" }, { id: "2", constructor: "Ferrari" }]);
  expect(checked.map(({ values }) => ({ ...values }))).toEqual([
    Object.fromEntries([
      ["id", "1"],
      ["constructor", null],
    ]),
    { id: "2", constructor: "Ferrari" },
  ]);
});

test("a table of one column, an empty list, thousands of items", async () => {
  const table = tableSchema.parse({ name: "tag", columns: [{ name: "tag" }] });
  expect(await checkItems(table, [{}, { tag: " " }])).toEqual([
    { values: null, findings: [expect.objectContaining({ code: "record_blank" })] },
    { values: { tag: " " }, findings: [] },
  ]);
  expect(await checkItems(table, [])).toEqual([]);
  const many = Array.from({ length: 5_000 }, (_, at) => ({ tag: `t${at}` }));
  expect((await checkItems(table, many)).map(({ values }) => values)).toEqual(many);
});

test.each([
  [1e21, "1000000000000000000000"],
  [-1.5e-7, "-0.00000015"],
  [1.25e22, "12500000000000000000000"],
  [12.5, "12.5"],
])("%d is written %s", (value, text) => {
  expect(plainNumber(value)).toBe(text);
});
