import { pullSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { knownKey, literal } from "./entity-key.ts";
import { nextTail } from "./next-link.ts";
import { changeStamp, filterOf, incrementalCondition, momentOf, queryOf, topFields } from "./question.ts";
import { readingError, refusalOf } from "./refusal.ts";

const asItIs = (text: string) => text;

const pullBy = (by: string, kind: "time" | "key" = "time") =>
  pullSchema.parse({ table: "t", resource: "Items", incremental: { by, kind } });

test("what changed is asked for by date and by the time beside it, as the entity has it", () => {
  const since = "2026-11-20T10:20:30Z";
  const asked = (item: Record<string, unknown> | null, by = "UpdateDate") =>
    incrementalCondition(pullBy(by), since, { item });
  expect(asked({ UpdateDate: "2026-11-20", UpdateTime: "10:00:00" })).toBe(
    "(UpdateDate gt '2026-11-20' or (UpdateDate eq '2026-11-20' and UpdateTime ge '10:20:30'))",
  );
  expect(asked({ UpdateDate: "2026-11-20", UpdateTS: 95_900 })).toBe(
    "(UpdateDate gt '2026-11-20' or (UpdateDate eq '2026-11-20' and UpdateTS ge 102030))",
  );
  expect(asked({ UpdateDate: "2026-11-20" })).toBe("UpdateDate ge '2026-11-20'");
  expect(asked({ UpdateDate: "2026-11-20", UpdateTime: null })).toBe("UpdateDate ge '2026-11-20'");
  expect(asked(null)).toBe("UpdateDate ge '2026-11-20'");
  expect(asked({ UpdateDate: null, CreateDate: "2026-11-01" })).toBe(
    "(UpdateDate ge '2026-11-20' or CreateDate ge '2026-11-20')",
  );
  expect(asked({ U_Changed: "2026-11-20" }, "U_Changed")).toBe("U_Changed ge '2026-11-20'");
});

test("a growing key is a number or a text, as items have it", () => {
  expect(incrementalCondition(pullBy("DocEntry", "key"), "17", { item: { DocEntry: 20 } })).toBe("DocEntry gt 17");
  expect(incrementalCondition(pullBy("Code", "key"), "17", { item: { Code: "20" } })).toBe("Code gt '17'");
  expect(incrementalCondition(pullBy("Code", "key"), null, { item: null })).toBeUndefined();
});

test.each([
  ["2026-11-20", { day: "2026-11-20", time: "00:00:00" }],
  ["2026-11-20T00:00:00Z", { day: "2026-11-20", time: "00:00:00" }],
  ["2026-11-19T23:55:00.000Z", { day: "2026-11-19", time: "23:55:00" }],
  ["2026-11-19 23:55:00", { day: "2026-11-19", time: "23:55:00" }],
])("%s is read by SAP's own clock", (text, moment) => {
  expect(momentOf(text)).toEqual(moment);
});

test("what is no time is not asked for", () => {
  expect(() => momentOf("yesterday")).toThrow(/incremental\.by/);
});

test("a person's filter keeps its meaning among others", () => {
  expect(filterOf(["A eq 1 or B eq 2", undefined, "C gt 'x'"])).toBe("(A eq 1 or B eq 2) and (C gt 'x')");
  expect(filterOf([undefined, "A eq 1 or B eq 2"])).toBe("A eq 1 or B eq 2");
  expect(filterOf([])).toBeUndefined();
});

test("quotes and signs in values stay values", () => {
  expect(literal("O'Neill & Söhne", false)).toBe("'O''Neill & Söhne'");
  expect(literal("12 or 1 eq 1", true)).toBe("'12 or 1 eq 1'");
  expect(queryOf({ filter: "A eq 'x & y'", select: undefined, top: "1" })).toBe(
    "?$filter=A%20eq%20'x%20%26%20y'&$top=1",
  );
});

test("fields are taken at their top, and names that can be none are refused", () => {
  expect(topFields(["ItemCode", "ItemPrices.0.Price", "ItemPrices.1.Price"], "Items")).toEqual([
    "ItemCode",
    "ItemPrices",
  ]);
  expect(() => topFields(["Item Code"], "Items")).toThrow(/no field named "Item Code"/);
});

test.each([
  ["Items?$skip=20", "Items?$skip=20"],
  ["/b1s/v1/Items?$select=ItemCode&$skip=20", "Items?$select=ItemCode&$skip=20"],
  ["https://b1-internal:50000/b1s/v2/Items?$skip=20", "Items?$skip=20"],
  ["/sap/b1s/v2/view.svc/STOCK?$skip=20", "view.svc/STOCK?$skip=20"],
  ["SQLQueries('stock')/List?whs='01'&$skip=1", "SQLQueries('stock')/List?whs='01'&$skip=1"],
])("the next link %s leads below the root", (link, tail) => {
  expect(nextTail(link)).toBe(tail);
});

test.each([
  "https://elsewhere.example/Items?$skip=20",
  "//elsewhere.example/x?y",
  "/etc/passwd",
  "../../admin?x=1",
  "a/../../x?y",
  "a/%2E./x?y",
])("the next link %s is not followed", (link) => {
  expect(() => nextTail(link)).toThrow(/none of its own/);
});

test("only what is known to be a key is one", () => {
  expect(knownKey("Items", { ItemCode: "A" })).toEqual({ name: "ItemCode", isNumber: false });
  expect(knownKey("Orders", { DocEntry: 7, DocNum: 9 })).toEqual({ name: "DocEntry", isNumber: true });
  expect(knownKey("U_COLOURS", { Code: "1" })).toEqual({ name: "Code", isNumber: false });
  expect(knownKey("view.svc/LINES", { DocEntry: 7 })).toBeNull();
  expect(knownKey("SpecialPrices", { CardCode: "C", ItemCode: "A" })).toBeNull();
});

test("the two versions word an error differently, and a gateway has none", () => {
  const v1 = '{"error":{"code":301,"message":{"lang":"en-us","value":"Invalid session\\n or timeout."}}}';
  const v2 = '{"error":{"code":"301","details":[{"code":"","message":""}],"message":"Invalid session"}}';
  expect(refusalOf(Buffer.from(v1), asItIs)).toEqual({ code: "301", message: "Invalid session or timeout." });
  expect(refusalOf(Buffer.from(v2), asItIs)).toEqual({ code: "301", message: "Invalid session" });
  expect(refusalOf(Buffer.from("<html>502</html>"), asItIs)).toBeNull();
  // Half of a password that the quote's end cuts in two would be known no more.
  const echo = JSON.stringify({ error: { code: "-1", message: `${"x".repeat(290)} pass  word-17` } });
  const conceal = (text: string) => text.replaceAll("pass  word-17", "…");
  expect(refusalOf(Buffer.from(echo), conceal)?.message).toBe(`${"x".repeat(290)} …`);
});

test("a time's field is found beside its date", () => {
  expect(changeStamp("UpdateDate", { UpdateTime: "10:00:00" })).toEqual({
    date: "UpdateDate",
    time: { name: "UpdateTime", isNumber: false },
  });
});

test.each([
  [400, { code: "200", message: "Unrecognized resource path." }, "system_resource_unknown"],
  [400, { code: "-1002", message: "Invalid entityset 'Itemz'" }, "system_resource_unknown"],
  [400, { code: "-1000", message: "Property 'X' of 'Item' is invalid" }, "system_field_unknown"],
  [403, null, "system_not_permitted"],
  [400, { code: "-1", message: "The license does not allow this" }, "system_licence_missing"],
  [400, { code: "-5002", message: "Query string error" }, "system_question_refused"],
  [503, null, "system_failed"],
  [429, null, "system_busy"],
])("%i %o is %s", (status, refusal, code) => {
  const error = readingError(status, refusal, { where: "https://sap.example", resource: "Items", username: "inlet" });
  expect(error.code).toBe(code);
  expect(error.retryable).toBe(code === "system_failed" || code === "system_busy");
});
