import type { TableColumn } from "@inlet/contracts";
import { describe, expect, it, test } from "vitest";
import {
  askedOf,
  directionOf,
  FIRST_COLUMNS,
  filtersOf,
  nextOrder,
  readRowQuestion,
  shownColumns,
  whereOf,
} from "./row-question.ts";

const column = (name: string, changes: Partial<TableColumn> = {}): TableColumn => ({
  ...{ name, type: "string", postgresType: "text", key: false, own: false, live: true },
  ...changes,
});
const COLUMNS = [
  column("_batch", { own: true }),
  column("_record", { own: true }),
  column("sku"),
  column("revenue", { type: "decimal" }),
  column("old", { live: false }),
];
const names = (columns: readonly TableColumn[]) => columns.map(({ name }) => name);

test.each([
  [[{ column: "revenue", operator: "gte", value: "10" }] as const],
  [
    [
      { column: "sku", operator: "in", value: 'a,"b;c"' },
      { column: "sku", operator: "ne", value: "x:y" },
    ] as const,
  ],
  [[{ column: "sku", operator: "eq", value: "back\\slash;" }] as const],
  [[{ column: "sku", operator: "eq", value: "" }] as const],
  [[{ column: "sku", operator: "eq", value: "two\nlines" }] as const],
])("filters %j come back from the address as they were", (filters) => {
  expect(filtersOf({ where: whereOf(filters) })).toEqual(filters);
});

test.each(["", "sku", "sku:eq", "sku:like:x", ";;", ":eq:x"])("%j in an address is no filter", (where) => {
  expect(filtersOf({ where })).toEqual([]);
});

test("an address holds nothing but the question", () => {
  expect(readRowQuestion({ where: "sku:eq:a", order: "", columns: 3, other: "x" })).toEqual({ where: "sku:eq:a" });
});

describe("the columns that are shown", () => {
  it("are the client's own of the live profile, while nobody chose", () => {
    expect(names(shownColumns({}, COLUMNS))).toEqual(["sku", "revenue"]);
  });

  it("are the chosen ones, in the table's order", () => {
    expect(names(shownColumns({ columns: "revenue,old,_batch" }, COLUMNS))).toEqual(["_batch", "revenue", "old"]);
  });

  it("are the table's own choice when none of the chosen ones is there", () => {
    expect(names(shownColumns({ columns: "gone" }, COLUMNS))).toEqual(["sku", "revenue"]);
  });

  it("are the first ones of a very wide table", () => {
    const wide = Array.from({ length: 300 }, (_, at) => column(`c${at}`));
    expect(shownColumns({}, wide)).toHaveLength(FIRST_COLUMNS);
  });
});

test("a column orders upwards, downwards and no more", () => {
  const up = { order: nextOrder({}, "sku") };
  const down = { order: nextOrder(up, "sku") };
  expect([directionOf(up, "sku"), directionOf(down, "sku"), directionOf(down, "revenue")]).toEqual([
    "ascending",
    "descending",
    undefined,
  ]);
  expect(nextOrder(down, "sku")).toBe("");
  expect(nextOrder(down, "revenue")).toBe("revenue");
});

test("the API is asked for the shown columns and for where each row came from", () => {
  expect(askedOf({ where: "revenue:gte:10;revenue:lt:20", order: "-revenue", columns: "sku" }, COLUMNS)).toEqual({
    filters: [
      ["revenue", "gte:10"],
      ["revenue", "lt:20"],
    ],
    columns: ["sku", "_batch", "_record"],
    order: ["-revenue"],
  });
});
