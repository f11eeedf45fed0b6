import { expect, test } from "vitest";
import { linksSchema, profileSchema } from "./profile.ts";

const accepts = (links: object) => linksSchema.safeParse(links).success;

test.each(["", "PURL_", "Für Sie - ", "v1.", "リンク_"])("%j may begin the result file's name", (prefix) => {
  expect(accepts({ prefix })).toBe(true);
});

test.each(["a/b", "a\\b", "a\0", "a\r\n", "a\u0085", "a\u202E", "a\uD800", "a:b", "a*", "a?", 'a"', "<a", "a>", "a|b"])(
  "%j fits into no file's name",
  (part) => {
    expect(accepts({ prefix: part })).toBe(false);
    expect(accepts({ suffix: part })).toBe(false);
  },
);

test("a result file is not hidden", () => {
  expect(linksSchema.safeParse({ prefix: ".PURL_" }).error?.issues[0]?.message).toBe("must not begin with a dot");
  expect(accepts({ suffix: ".links" })).toBe(true);
});

test.each<[object, object[], string[]]>([
  [{ columns: ["sku"], table: "style" }, [{ name: "sku" }], []],
  [{ columns: ["sku"], table: "sales" }, [{ name: "sku" }], []],
  [
    { columns: ["sku"], table: "nope" },
    [{ name: "sku" }],
    ["tables.0.rules.0.table: nope is no table of this profile"],
  ],
  [
    { columns: ["sku"], table: "style" },
    [{ name: "code" }],
    ["tables.0.rules.0.columns.0: sku is no column of table style"],
  ],
  [
    { columns: ["sku"], table: "style", to: ["no"] },
    [{ name: "no", type: "integer" }],
    ["tables.0.rules.0.to.0: sku (string) and style.no (integer) are not of one kind"],
  ],
])("a reference names a table and columns of its own kind: %j", (rule, columns, found) => {
  const parsed = profileSchema.safeParse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/Uploads" },
    tables: [
      { name: "sales", columns: [{ name: "sku" }], rules: [{ rule: "references", ...rule }] },
      { name: "style", columns },
    ],
  });
  expect(parsed.error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? []).toEqual(found);
});

test.each<[unknown, object, string[]]>([
  ["records", { name: "records" }, []],
  ["records", { name: "rows" }, ["tables.0.controls.0.from"]],
  [{ sum: "sku" }, { name: "records" }, ["tables.0.controls.0.from"]],
])("no total is asked for that nobody can declare: %j as %j", (total, from, found) => {
  const parsed = profileSchema.safeParse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/Uploads" },
    tables: [
      { name: "sales", columns: [{ name: "sku" }], controls: [{ total, from: { place: "declared", ...from } }] },
    ],
  });
  expect(parsed.error?.issues.map(({ path }) => path.join(".")) ?? []).toEqual(found);
});
