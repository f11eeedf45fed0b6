import { catalogSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import type { Incoming, ItemState } from "./item.ts";
import { fieldValue, isLive, mergeItem } from "./merge-item.ts";
import { mergeRules, missingFunctions } from "./rules.ts";
import { decodeState, encodeStamps, shownValue } from "./stamps.ts";

const FIELDS = ["name", "price", "stock", "note"];
const greatest = { greatest: (a: { value: string | null }, b: { value: string | null }) => max(a.value, b.value) };
const max = (a: string | null, b: string | null) => (a === null || (b !== null && b > a) ? b : a);

const rulesOf = (conflicts: object = {}) =>
  mergeRules(
    catalogSchema.parse({ table: "product", conflicts }),
    { columns: ["sku", ...FIELDS], key: ["sku"] },
    greatest,
  );
const put = (atMs: number, origin: string, values: Record<string, string | null>): Incoming => ({
  operation: "put",
  atMs,
  origin,
  values,
});
const remove = (atMs: number, origin: string): Incoming => ({ operation: "remove", atMs, origin });
const mergeAll = (said: readonly Incoming[], rules = rulesOf()) =>
  said.reduce<ItemState | undefined>((state, each) => mergeItem(state, each, rules).state, undefined);
const shown = (state: ItemState | undefined) =>
  state && isLive(state) ? Object.fromEntries(FIELDS.map((name) => [name, fieldValue(state, name)])) : null;

test("the newest value of each field stays, and what lost is told", () => {
  const rules = rulesOf();
  const first = mergeItem(undefined, put(10, "import", { sku: "a", name: "Chair", price: "1" }), rules);
  expect(first).toMatchObject({ operation: "put", changed: FIELDS, losses: [], isStored: true });
  const other = mergeItem(first.state, put(20, "shop", { price: "2" }), rules);
  expect(other).toMatchObject({ operation: "put", changed: ["price"] });
  const late = mergeItem(other.state, put(15, "erp", { name: "Stool", price: "3" }), rules);
  expect(late).toMatchObject({
    operation: "put",
    changed: ["name"],
    losses: [{ field: "price", value: "3", atMs: 15, origin: "erp", kept: "2", keptOrigin: "shop", rule: "newest" }],
  });
  expect(shown(late.state)).toEqual({ name: "Stool", price: "2", stock: null, note: null });
});

test("the same once more is nothing, and the same values later on are no change", () => {
  const rules = rulesOf();
  const said = put(10, "import", { name: "Chair" });
  const { state } = mergeItem(undefined, said, rules);
  expect(mergeItem(state, said, rules)).toEqual({ state, operation: null, changed: [], losses: [], isStored: false });
  const later = mergeItem(state, put(20, "shop", { name: "Chair" }), rules);
  expect(later).toMatchObject({ operation: null, changed: [], losses: [], isStored: true });
  expect(mergeItem(later.state, put(15, "erp", { name: "Stool" }), rules)).toMatchObject({ operation: null });
});

test("a removal takes away what is older, and what is newer brings the item back without it", () => {
  const rules = rulesOf();
  const { state } = mergeItem(undefined, put(10, "import", { name: "Chair", price: "1" }), rules);
  const gone = mergeItem(state, remove(20, "shop"), rules);
  expect(gone).toMatchObject({ operation: "remove", changed: [] });
  expect(mergeItem(gone.state, put(15, "erp", { price: "2" }), rules)).toMatchObject({ operation: null, losses: [] });
  const back = mergeItem(gone.state, put(30, "erp", { price: "2" }), rules);
  expect(back).toMatchObject({ operation: "put", changed: FIELDS });
  expect(shown(back.state)).toEqual({ name: null, price: "2", stock: null, note: null });
  expect(mergeItem(back.state, remove(25, "shop"), rules)).toMatchObject({
    operation: null,
    losses: [{ field: null, origin: "shop", rule: "newest" }],
  });
});

test("what another side owns stands until that one has said it, and is not taken from then on", () => {
  const rules = rulesOf({ fields: { price: { rule: "source", origin: "erp" } } });
  const first = mergeItem(undefined, put(10, "import", { name: "Chair", price: "1" }), rules);
  expect(shown(first.state)).toMatchObject({ name: "Chair", price: "1" });
  const erp = mergeItem(first.state, put(5, "erp", { price: "2" }), rules);
  expect(erp).toMatchObject({ operation: "put", changed: ["price"], losses: [] });
  const late = mergeItem(erp.state, put(20, "import", { price: "3" }), rules);
  expect(shown(late.state)).toMatchObject({ price: "2" });
  expect(late.losses).toMatchObject([{ field: "price", value: "3", kept: "2", rule: "source" }]);
  const owned = rulesOf({ default: { rule: "source", origin: "erp" } });
  expect(mergeItem(undefined, put(10, "shop", { name: "Chair" }), owned)).toMatchObject({ operation: null });
  expect(mergeItem(erp.state, remove(20, "shop"), owned)).toMatchObject({
    operation: null,
    losses: [{ field: null, rule: "source" }],
  });
});

test("whether an item is there its source alone says; what others say of their fields waits for that", () => {
  const rules = rulesOf({ default: { rule: "source", origin: "erp" }, fields: { note: { rule: "newest" } } });
  const early = mergeItem(undefined, put(10, "shop", { note: "nice" }), rules);
  expect(early).toMatchObject({ operation: null, isStored: true, losses: [] });
  const made = mergeItem(early.state, put(20, "erp", { name: "Chair" }), rules);
  expect(made.operation).toBe("put");
  expect(shown(made.state)).toMatchObject({ name: "Chair", note: "nice" });
  const gone = mergeItem(made.state, remove(30, "erp"), rules);
  expect(mergeItem(gone.state, put(40, "shop", { note: "late" }), rules)).toMatchObject({ operation: null });
});

test("a function settles its field, and one that is not there is named", () => {
  const rules = rulesOf({ fields: { stock: { rule: "function", name: "greatest" } } });
  const { state } = mergeItem(undefined, put(10, "import", { stock: "7" }), rules);
  expect(mergeItem(state, put(20, "shop", { stock: "5" }), rules)).toMatchObject({
    operation: null,
    losses: [{ field: "stock", value: "5", kept: "7", rule: "function" }],
  });
  const asking = catalogSchema.parse({ table: "product", conflicts: { default: { rule: "function", name: "least" } } });
  expect(missingFunctions(asking, greatest)).toEqual(["least"]);
  expect(() => rulesOf({ default: { rule: "function", name: "least" } })).toThrow(/least.*it has greatest/);
});

test("a column may be called as something that every object has", () => {
  const fields = ["name", "constructor"];
  const rules = mergeRules(catalogSchema.parse({ table: "race" }), { columns: ["id", ...fields], key: ["id"] }, {});
  const partial = mergeItem(undefined, put(10, "import", { name: "Monza" }), rules);
  const stored = decodeState(encodeStamps(partial.state, fields), { name: "Monza", constructor: null }, fields);
  expect(stored).toEqual(partial.state);
  const whole = mergeItem(stored, put(20, "shop", { constructor: "Ferrari" }), rules);
  expect(whole).toMatchObject({ changed: ["constructor"], losses: [] });
  expect(fieldValue(whole.state, "constructor")).toBe("Ferrari");
});

/** Mulberry32: small, seeded, good enough for choosing. */
function random(seed: number) {
  let state = seed;
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

test.each([
  ["newest", {}],
  ["a source", { fields: { price: { rule: "source", origin: "erp" } } }],
  ["a source of all", { default: { rule: "source", origin: "erp" }, fields: { note: { rule: "newest" } } }],
  ["a function", { fields: { stock: { rule: "function", name: "greatest" } } }],
])("in whatever order and however often words come, the item is the same: %s", (_, conflicts) => {
  const rules = rulesOf(conflicts);
  for (let seed = 1; seed <= 400; seed += 1) {
    const next = random(seed);
    // Few times and values, so that many are the same.
    const said = Array.from({ length: 2 + next(7) }, (): Incoming => {
      const origin = ["import", "api", "erp", "shop"][next(4)]!;
      if (next(5) === 0) return remove(next(6), origin);
      const fields = FIELDS.filter(() => next(2) === 0);
      return put(next(6), origin, Object.fromEntries(fields.map((name) => [name, [null, "1", "2", "3"][next(4)]!])));
    });
    const expected = shown(mergeAll(said, rules));
    for (let round = 0; round < 6; round += 1) {
      const shuffled = [...said, ...said.filter(() => next(3) === 0)]
        .map((each) => ({ each, place: next(1_000_000) }))
        .sort((one, other) => one.place - other.place)
        .map(({ each }) => each);
      // As it is stored and read between two words.
      const state = shuffled.reduce<ItemState | undefined>((known, each) => {
        const { state: merged } = mergeItem(known, each, rules);
        const values = Object.fromEntries(FIELDS.map((name) => [name, shownValue(merged, name)]));
        return decodeState(JSON.parse(JSON.stringify(encodeStamps(merged, FIELDS))), values, FIELDS);
      }, undefined);
      expect(shown(state), `seed ${seed}: ${JSON.stringify(said)}`).toEqual(expected);
    }
  }
});
