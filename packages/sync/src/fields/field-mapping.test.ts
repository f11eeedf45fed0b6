import { randomInt } from "node:crypto";
import { type Column, columnSchema, tableSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { checkItems } from "../check-items/check-items.ts";
import { parseLossless } from "../subscriber-http/lossless-json.ts";
import { inwardColumns, mapFields } from "./field-mapping.ts";
import { isoTime } from "./iso-time.ts";
import { exactNumber } from "./outside-value.ts";

const column = (name: string, type: Column["type"], more: object = {}) => columnSchema.parse({ name, type, ...more });
const COLUMNS = [
  column("sku", "string", { required: true }),
  column("name", "string"),
  column("price", "decimal", { precision: 30, scale: 18, decimalSeparator: "," }),
  column("stock", "integer"),
  column("active", "boolean", { trueValues: ["ja"], falseValues: ["nein"] }),
  column("since", "date", { format: "dd.MM.yyyy" }),
  column("seen", "timestamp", { timezone: "Europe/Berlin" }),
  column("mail", "email"),
];

test("items are told in the outside system's words: typed, nested, and only what is mapped", () => {
  const mapping = mapFields(COLUMNS, {
    name: "title.en",
    price: "variants.price",
    stock: "variants.stock",
    active: "is\\.active",
    seen: "seen_at",
    sku: "id",
  });
  const values = {
    ...{ sku: "a-1", name: "Chair", price: "12.50", stock: "7", active: "t" },
    ...{ since: "2026-11-20", seen: "2026-11-20 10:00:00.25+01", mail: "iris@example.com" },
  };
  const outside = {
    id: "a-1",
    title: { en: "Chair" },
    variants: { price: 12.5, stock: 7 },
    "is.active": true,
    seen_at: "2026-11-20T09:00:00.25Z",
  };
  expect(mapping.toOutside(values)).toEqual(outside);
  expect(mapping.paths).toEqual(["id", "title.en", "variants.price", "variants.stock", "is\\.active", "seen_at"]);
  expect(mapping.toOutside({ sku: "a-2" })).toEqual({
    id: "a-2",
    title: { en: null },
    variants: { price: null, stock: null },
    "is.active": null,
    seen_at: null,
  });
  const cells = mapping.toCells({ ...outside, more: [1], variants: { stock: null } });
  expect(cells).toEqual({ sku: "a-1", name: "Chair", stock: null, active: "true", seen: outside.seen_at });
});

test("what is told that is no plain value reaches the check as it is", () => {
  const mapping = mapFields(COLUMNS, undefined);
  expect(mapping.toCells({ sku: 7, name: ["a", { b: 1 }], price: 1e-7, stock: 1e21 })).toEqual({
    ...{ sku: "7", name: '["a",{"b":1}]', price: "0.0000001", stock: "1000000000000000000000" },
  });
  expect(mapFields(COLUMNS, { sku: "ids.1", name: "a.b" }).toCells({ ids: ["x", "y"], a: "text" })).toEqual({
    sku: "y",
  });
});

test.each([
  ["0", 0],
  ["-0.00", 0],
  ["12.50", 12.5],
  ["0.1", 0.1],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", undefined],
  ["-9223372036854775808", undefined],
  ["0.30000000000000004", 0.30000000000000004],
  ["0.3000000000000000400", 0.30000000000000004],
  ["0.300000000000000041", undefined],
  ["0.0000001", 0.0000001],
  ["123456789012345678.9", undefined],
  ["NaN", undefined],
  ["", undefined],
  [".", undefined],
])("%s is told as the number %s", (text, number) => {
  expect(exactNumber(text)).toBe(number);
});

test.each([
  ["2026-11-20 09:00:00+00", "2026-11-20T09:00:00Z"],
  ["2026-11-20 09:00:00.120000+00", "2026-11-20T09:00:00.12Z"],
  ["2026-11-20 09:00:00.000001-05:30", "2026-11-20T14:30:00.000001Z"],
  ["1883-11-18 12:03:57-00:00:02", "1883-11-18T12:03:59Z"],
  ["2026-01-01 00:30:00+01", "2025-12-31T23:30:00Z"],
  ["0001-01-01 00:00:00+01", undefined],
  ["infinity", undefined],
  ["0044-03-15 12:00:00+00 BC", undefined],
])("the time %s is told as %s", (text, told) => {
  expect(isoTime(text)).toBe(told);
});

test("fields that are in each other's way are named together", () => {
  expect(() =>
    mapFields(COLUMNS, { sku: "a", name: "a.b", price: "c", stock: "c", mail: "__proto__.x", seen: "x..y" }),
  ).toThrow(
    "name at a.b and sku at a are in each other's way; price and stock are both at c; seen: x..y holds an empty name; mail: __proto__.x holds __proto__",
  );
  expect(() => mapFields(COLUMNS, { sku: "a", name: "ab", price: "b.a" })).not.toThrow();
});

test("whatever an item holds comes back as it was, over JSON and the check of rows", async () => {
  const table = tableSchema.parse({ name: "product", columns: COLUMNS, key: ["sku"], mode: "upsert" });
  const mapping = mapFields(table.columns, {
    ...{ sku: "id", name: "texts.name", price: "money.net", stock: "money.stock" },
    ...{ active: "on", since: "times.since", seen: "times.seen", mail: "mail" },
  });
  const items = Array.from({ length: 2_000 }, (_, at) => randomItem(`k${at}`));
  const told = parseLossless(JSON.stringify(items.map(mapping.toOutside))) as ReturnType<typeof mapping.toOutside>[];
  const checked = await checkItems({ ...table, columns: inwardColumns(table.columns) }, told.map(mapping.toCells));
  expect(checked.flatMap(({ findings }) => findings)).toEqual([]);
  for (const [at, { values }] of checked.entries()) {
    const { price, ...rest } = items[at]!;
    expect(values).toMatchObject(rest);
    // Zeros at the end of a fraction may go; PostgreSQL puts them back by the column's scale.
    expect(values!.price?.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "")).toBe(
      price?.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, ""),
    );
  }
});

function randomItem(sku: string) {
  const maybe = (value: string) => (randomInt(5) === 0 ? null : value);
  const digits = (most: number) => Array.from({ length: 1 + randomInt(most) }, () => randomInt(10)).join("");
  const sign = () => (randomInt(2) === 0 ? "-" : "");
  const plain = (text: string) => text.replace(/^(-?)0+(?=\d)/, "$1").replace(/^-(0(\.0+)?)$/, "$1");
  const time = new Date(randomInt(253_402_300_799) * 1000).toISOString().slice(0, 19).replace("T", " ");
  const micros =
    randomInt(3) === 0
      ? ""
      : `.${String(1 + randomInt(999_999))
          .padStart(6, "0")
          .replace(/0+$/, "")}`;
  return {
    sku,
    name: maybe(["größe", '"quoted",\n\tlines', "\\N", "=1+1", "true", "12.50", " ", "0"][randomInt(8)]!),
    price: maybe(plain(`${sign()}${digits(12)}.${digits(18)}`)),
    stock: maybe(plain(`${sign()}${digits(18)}`)),
    active: maybe(randomInt(2) === 0 ? "t" : "f"),
    since: maybe(time.slice(0, 10)),
    seen: maybe(`${time}${micros}+00`),
    mail: maybe("iris@example.com"),
  };
}
