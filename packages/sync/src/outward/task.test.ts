import { expect, test } from "vitest";
import { mapFields } from "../fields/field-mapping.ts";
import { linkHash } from "./link-hash.ts";
import { isKnownThere, outgoing } from "./task.ts";

const change = {
  changeId: 7,
  seq: 70,
  key: "1",
  version: 3,
  operation: "put" as const,
  origin: "import",
  values: { id: "1", price: "1.50", note: null },
  changedAt: new Date("2026-11-20T09:00:00.000Z"),
};
const known = { link: { hash: "h" }, hash: "h", isNewest: true, ownOrigin: "shop" };

type Case = [
  string,
  { isForced?: true; operation?: "remove"; origin?: string },
  Partial<Omit<typeof known, "link">> & { link?: { hash: string | null } | null },
  boolean,
];

test.each<Case>([
  ["it has just that", {}, {}, true],
  ["it has something else", {}, { link: { hash: "other" } }, false],
  ["nobody knows what it has", {}, { link: { hash: null } }, false],
  ["it never had it", {}, { link: null }, false],
  ["it is sent once more on purpose", { isForced: true }, {}, false],
  ["it is removed", { operation: "remove" }, {}, false],
  ["it was removed there", { operation: "remove", origin: "shop" }, {}, true],
  ["it came from there", { origin: "shop" }, {}, true],
  ["it came from there first", { origin: "shop" }, { link: null }, true],
  ["it came from there, but is not what was said there last", { origin: "shop" }, { link: { hash: "other" } }, false],
  [
    "it came from there, and something came after it",
    { origin: "shop" },
    { link: { hash: "other" }, isNewest: false },
    true,
  ],
])("%s", (_what, { isForced = false, ...of }, about, expected) => {
  expect(isKnownThere({ change: { ...change, ...of }, isForced }, { ...known, ...about })).toBe(expected);
});

test("what goes out, in the other side's words", () => {
  const fields = mapFields([{ name: "price", type: "decimal", precision: 10, scale: 2 }] as never, {
    price: "cost.net",
  });
  const task = { key: "1", change, repetition: null };
  const about = { id: "x1", fields, catalogId: 4, subscription: "shop" };
  expect(outgoing(task, about)).toEqual({
    ...{ key: "1", id: "x1", fields: { cost: { net: 1.5 } }, version: 3, seq: 70 },
    ...{ changedAt: "2026-11-20T09:00:00.000Z", idempotencyKey: "4.7.shop", isRemoved: false },
  });
  expect(outgoing({ ...task, repetition: "2" }, about).idempotencyKey).toBe("4.7.shop.2");
});

test("the hash is of what goes there, and of where it goes", () => {
  const columns = [{ name: "price", type: "text" }] as never;
  const of = (values: Record<string, string | null>, path = "price") => linkHash({ columns, paths: [path] }, values);
  expect(of({ price: "1", note: "a" })).toBe(of({ price: "1", note: "b" }));
  expect(of({ price: "1" })).not.toBe(of({ price: null }));
  expect(of({})).toBe(of({ price: null }));
  expect(of({ price: "1" }, "cost")).not.toBe(of({ price: "1" }));
});
