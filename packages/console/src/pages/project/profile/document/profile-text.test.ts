import { describe, expect, it, test } from "vitest";
import { readText, textOf, withValue } from "./profile-text.ts";

const TEXT = `# What we agreed on in spring
client: spring
project: retail

notify:
  recipients: [data@spring.example] # asked for by phone
future: { kept: 0x10 } # a setting that the form does not know

tables:
  # the master
  - name: store
    columns:
      - { name: store_id, required: true } # their number
      - name: day
        type: date
        surprise: yes
  - name: stock
    columns: [{ name: id }]
`;

// biome-ignore lint/suspicious/noExplicitAny: as a form sees it
const saidBy = (text: string) => readText(text).value as any;

describe("a form's change", () => {
  it("leaves comments, style and unknown settings alone", () => {
    const value = saidBy(TEXT);
    const { columns } = value.tables[0];
    const changed = withValue(TEXT, {
      ...value,
      title: "Retail",
      notify: { recipients: ["data@spring.example", "ops@spring.example"] },
      tables: [{ ...value.tables[0], columns: [{ ...columns[0], type: "integer" }, columns[1]] }, value.tables[1]],
    });
    expect(changed).toBe(`# What we agreed on in spring
client: spring
project: retail
title: Retail

notify:
  recipients: [ data@spring.example, ops@spring.example ] # asked for by phone
future: { kept: 0x10 } # a setting that the form does not know

tables:
  # the master
  - name: store
    columns:
      - { name: store_id, type: integer, required: true } # their number
      - name: day
        type: date
        surprise: yes
  - name: stock
    columns: [ { name: id } ]
`);
  });

  it("takes a setting away with its line, and nothing else", () => {
    const { notify: _, ...value } = saidBy(TEXT);
    const changed = withValue(TEXT, value);
    expect(changed).not.toContain("notify");
    for (const comment of ["# What we agreed", "# a setting", "# the master", "# their number"]) {
      expect(changed).toContain(comment);
    }
  });

  it("lets comments travel with their table and column, also when they move or are renamed", () => {
    const value = saidBy(TEXT);
    const [store, stock] = value.tables;
    const moved = withValue(TEXT, { ...value, tables: [stock, { ...store, columns: store.columns.toReversed() }] });
    expect(saidBy(moved).tables.map(({ name }: { name: string }) => name)).toEqual(["stock", "store"]);
    expect(moved).toContain("{ name: store_id, required: true } # their number");
    const renamed = withValue(TEXT, {
      ...value,
      tables: [{ ...store, columns: [{ ...store.columns[0], name: "shop" }, store.columns[1]] }, stock],
    });
    expect(renamed).toContain("{ name: shop, required: true } # their number");
  });

  it("adds a table and a column as people write them", () => {
    const value = saidBy(TEXT);
    const tables = value.tables.with(1, {
      ...value.tables[1],
      columns: [{ name: "id" }, { name: "qty", type: "integer" }],
    });
    const changed = withValue(TEXT, {
      ...value,
      tables: [...tables, { name: "sku", files: ["sku.csv"], columns: [{ name: "sku" }] }],
    });
    expect(changed).toContain("columns: [ { name: id }, { name: qty, type: integer } ]");
    expect(changed).toContain("  - name: sku\n    files: [ sku.csv ]\n    columns:\n      - { name: sku }\n");
  });

  it.each(["no", "007", "2026-11-20", "a: b", "# c", " padded ", "two\nlines", "", "{date}"])(
    "%j stays the text that was typed",
    (title) => {
      expect(saidBy(withValue(TEXT, { ...saidBy(TEXT), title })).title).toBe(title);
    },
  );

  it("writes aliases out where one of them is to say something else", () => {
    const text = "client: a\nproject: b\none: &x { a: 1 }\ntwo: *x\ntables: []\n";
    const value = saidBy(text);
    expect(withValue(text, { ...value, title: "T" })).toContain("two: *x");
    const changed = { ...value, one: { a: 2 } };
    expect(saidBy(withValue(text, changed))).toEqual(changed);
  });
});

test("a profile that is written anew reads as one that a person wrote, and says the same", () => {
  const profile = saidBy(TEXT);
  const text = textOf(profile);
  expect(text).toContain("\n\nnotify:\n  recipients: [ data@spring.example ]\n");
  expect(text).toContain("      - { name: store_id, required: true }\n");
  expect(saidBy(text)).toEqual(profile);
});

describe("a path's line", () => {
  it.each([
    [["client"], 2],
    [["notify", "recipients", 0], 6],
    [["tables", 0, "name"], 11],
    [["tables", 0, "columns", 0, "required"], 13],
    [["tables", 0, "columns", 1], 14],
    [["tables", 0, "columns", 1, "type"], 15],
    [["tables", 1, "columns", 0, "name"], 18],
    // What is missing is looked for at what it is missing in.
    [["tables", 1, "key", 0], 17],
    [["tables", 7], 9],
    [["folders"], 1],
    [[], 1],
  ])("%j is in line %i", (path, line) => {
    expect(readText(TEXT).placeOf(path).line).toBe(line);
  });

  it("is marked over the value itself", () => {
    const { from, to } = readText(TEXT).placeOf(["tables", 0, "columns", 1, "type"]);
    expect(TEXT.slice(from, to)).toBe("date");
  });
});

test.each([
  ["client: [", 1],
  ["client: a\nclient: b\n", 2],
  ["a: &a [*b]\n", 1],
  ["a: b\n---\nc: d\n", 2],
])("%j is no YAML, and told with its line", (text, line) => {
  const { value, mistakes } = readText(text);
  expect(value).toBeUndefined();
  expect(mistakes[0]?.line).toBe(line);
});

test.each([
  [TEXT, true],
  ["# above\n\nclient: a\n", true],
  ["client: a\n# below\n", true],
  ['client: a\ncolour: "#2f7d4f"\n', false],
])("%j: comments are noticed", (text, hasComments) => {
  expect(readText(text).hasComments).toBe(hasComments);
});

test("text that refers to itself without end is a mistake, not a crash", () => {
  const levels = Array.from({ length: 30 }, (_, at) => `l${at + 1}: &l${at + 1} [*l${at}, *l${at}]`);
  const { value, mistakes } = readText(`l0: &l0 [x, x]\n${levels.join("\n")}\n`);
  expect([value, mistakes.length]).toEqual([undefined, 1]);
});
