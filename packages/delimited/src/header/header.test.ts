import { describe, expect, it } from "vitest";
import { buildTable } from "../check/check-all.test-kit.ts";
import { mapByPosition, mapHeader, mappingProblem, normaliseLabel } from "./header.ts";

const table = buildTable({
  columns: [
    { name: "id", header: "Kunden-Nr." },
    { name: "strasse", aliases: ["street", "Adresse 1"] },
    { name: "note", optional: true },
  ],
});
const columnsOf = (labels: string[]) => mapHeader(table, labels).labels.map((label) => label.column);
const codesOf = (labels: string[], reserved: string[] = []) =>
  mapHeader(table, labels, reserved).findings.map(({ code, severity }) => `${severity}:${code}`);

describe("which column a label means", () => {
  it.each([
    [
      ["Kunden-Nr.", "strasse", "note"],
      ["id", "strasse", "note"],
    ],
    [
      ["kunden nr", "STREET"],
      ["id", "strasse"],
    ],
    [
      ["\ufeffKUNDENNR", " Straße "],
      ["id", "strasse"],
    ],
    [
      ["id", "Adresse_1"],
      ["id", "strasse"],
    ],
    [
      ["Ñote", "id", "street"],
      ["note", "id", "strasse"],
    ],
    [
      ["id", "Kunden-Nr.", "street"],
      [null, "id", "strasse"],
    ],
  ])("%j → %j", (labels, columns) => {
    expect(columnsOf(labels)).toEqual(columns);
  });

  it("says how it was recognised", () => {
    const [exact, alias, normalised] = mapHeader(table, ["Kunden-Nr.", "street", "NOTE"]).labels;
    expect(exact).toMatchObject({ matchedBy: "exact", confidence: 1 });
    expect(alias).toMatchObject({ matchedBy: "alias", confidence: 1 });
    expect(normalised).toMatchObject({ matchedBy: "normalised", confidence: 0.9 });
  });

  it("takes away case, accents, spaces and punctuation", () => {
    expect(normaliseLabel(" Größe (cm)\u200b")).toBe("grossecm");
    expect(normaliseLabel("E-Mail_Adresse")).toBe("emailadresse");
    expect(normaliseLabel("名前")).toBe("名前");
    expect(normaliseLabel("--")).toBe("");
  });
});

describe("what is wrong with a header", () => {
  it.each([
    [["id", "street"], []],
    [["id"], ["error:column_missing"]],
    [["id", "street", "street"], ["error:header_duplicate"]],
    [["id", "street", "x", "x"], ["warning:header_duplicate"]],
    [["id", "", "street"], ["error:header_blank"]],
    [["id", "street", " "], ["warning:header_trailing_delimiter"]],
  ])("%j: %j", (labels, codes) => {
    expect(codesOf(labels)).toEqual(codes);
  });

  it("takes no label that Inlet adds itself, however it is written", () => {
    expect(codesOf(["id", "street", "Landing Page"], ["landingPage"])).toEqual(["error:header_reserved"]);
  });

  it("is not led astray by names that JavaScript knows", () => {
    expect(columnsOf(["__proto__", "constructor", "id", "street"])).toEqual([null, null, "id", "strasse"]);
  });
});

describe("a label that is misspelt", () => {
  const columns = [
    { name: "customer_id" },
    { name: "first_name" },
    { name: "address_1", optional: true },
    { name: "quantity", optional: true },
  ];
  const strict = buildTable({ columns });
  const tolerant = buildTable({ columns, format: { reading: "tolerant" } });

  it.each([
    [["customer_id", "frist_name"], "first_name"],
    [["customer_id", "Firstnmae"], "first_name"],
    [["customer_id", "name first"], "first_name"],
    [["custommer id", "first_name"], "customer_id"],
  ])("%j is taken for its column in tolerant reading, with a warning", (labels, column) => {
    const { labels: mapped, findings } = mapHeader(tolerant, labels);
    expect(findings).toMatchObject([{ code: "header_fuzzy", severity: "warning", column, fix: column }]);
    const entry = mapped.find((label) => label.matchedBy === "fuzzy")!;
    expect(entry.column).toBe(column);
    expect(entry.confidence).toBeLessThan(0.9);
  });

  it("is an error in strict reading that says what was probably meant", () => {
    const { labels, findings } = mapHeader(strict, ["customer_id", "frist_name"]);
    expect(labels[1]).toMatchObject({ column: null });
    expect(findings).toMatchObject([{ code: "column_missing", severity: "error", column: "first_name", index: 1 }]);
    expect(findings[0]).toMatchObject({
      fix: "first_name",
      message: expect.stringContaining("`frist_name` (column 2)"),
    });
  });

  it("is pointed out where the column may be left out", () => {
    const { findings } = mapHeader(strict, ["customer_id", "first_name", "quantitiy"]);
    expect(findings).toMatchObject([{ code: "header_similar", severity: "warning", fix: "quantity" }]);
  });

  it.each([
    ["another number", ["customer_id", "first_name", "address_2"]],
    ["another short word", ["customer_id", "first_name", "customer_no"]],
    ["a better match is there", ["customer_id", "first_name", "first_nam"]],
    ["another word", ["customer_id", "first_name", "last_name"]],
  ])("is not suspected: %s", (_, labels) => {
    const { findings } = mapHeader(tolerant, labels);
    expect(findings.filter(({ code }) => code === "header_fuzzy")).toEqual([]);
  });

  it("means nothing where two labels are as like", () => {
    const { labels } = mapHeader(tolerant, ["customer_id", "frist_name", "first_nmae"]);
    expect(labels.filter((label) => label.matchedBy === "fuzzy")).toEqual([]);
  });
});

describe("a mapping that a person chose", () => {
  const choose = (...columns: [index: number, label: string, column: string | null][]) => ({
    columns: columns.map(([index, label, column]) => ({ index, label, column })),
  });
  const mapChosen = (labels: string[], chosen: ReturnType<typeof choose>, of = table) => {
    const { labels: mapped, findings } = mapHeader(of, labels, ["landingPage"], chosen);
    return { columns: mapped.map(({ column }) => column), mapped, codes: findings.map(({ code }) => code), findings };
  };

  it("goes before all recognition; the other labels are recognised as without it", () => {
    const labels = ["Kunden-Nr.", "strasse", "STREET", "note"];
    const { columns, mapped, codes } = mapChosen(labels, choose([1, "strasse", "note"]));
    expect(columns).toEqual(["id", "note", "strasse", null]);
    expect(mapped[1]).toMatchObject({ matchedBy: "chosen", confidence: 1 });
    expect(mapped[2]).toMatchObject({ matchedBy: "normalised" });
    expect(codes).toEqual([]);
  });

  it("tells labels of one name apart by their places", () => {
    const chosen = choose([0, "x", "strasse"], [2, "x", "id"]);
    expect(mapChosen(["x", "x", "x"], chosen).columns).toEqual(["strasse", null, "id"]);
  });

  it("leaves out what is not to be imported, and asks no more about it", () => {
    const strict = buildTable({ ...table, extraColumns: "reject" });
    const labels = ["Kunden-Nr.", "strasse", "", "odd", "odd"];
    expect(mapChosen(labels, choose(), strict).codes).toEqual([
      ...["header_blank", "header_unknown", "header_duplicate", "header_unknown"],
    ]);
    const ignored = choose([2, "", null], [3, "odd", null], [4, "odd", null]);
    const { codes, mapped } = mapChosen(labels, ignored, strict);
    expect(codes).toEqual([]);
    expect(mapped[3]).toMatchObject({ column: null, matchedBy: "chosen", confidence: 1 });
  });

  it("cannot give a column twice, nor leave out one that is needed or take a label that is added later", () => {
    const twice = mapChosen(["a", "b"], choose([0, "a", "id"], [1, "b", "id"]));
    expect(twice.columns).toEqual(["id", null]);
    expect(twice.codes).toEqual(["header_duplicate", "column_missing"]);
    expect(twice.findings[0]).toMatchObject({ severity: "error", index: 1, column: "id" });
    expect(mapChosen(["Kunden-Nr.", "strasse"], choose([0, "Kunden-Nr.", null])).codes).toEqual(["column_missing"]);
    const reserved = mapChosen(["Kunden-Nr.", "strasse", "landingPage"], choose([2, "landingPage", null]));
    expect(reserved.codes).toEqual(["header_reserved"]);
  });

  it("is not guessed at: a label that was left out is no misspelling", () => {
    const tolerant = buildTable({ columns: [{ name: "first_name" }], format: { reading: "tolerant" } });
    expect(mapChosen(["frist_name"], choose(), tolerant).columns).toEqual(["first_name"]);
    const { columns, findings } = mapChosen(["frist_name"], choose([0, "frist_name", null]), tolerant);
    expect(columns).toEqual([null]);
    expect(findings).toMatchObject([{ code: "column_missing", index: null }]);
  });

  it("also says what the cells are of a file without header", () => {
    const columnsOf = (chosen: ReturnType<typeof choose>) => mapByPosition(table, chosen);
    const swapped = columnsOf(choose([0, "Kunden-Nr.", "strasse"], [1, "strasse", "id"]));
    expect(swapped.labels.map(({ column }) => column)).toEqual(["strasse", "id", "note"]);
    expect(swapped.labels.map(({ matchedBy }) => matchedBy)).toEqual(["chosen", "chosen", "position"]);
    expect(swapped.findings).toEqual([]);
    const moved = columnsOf(choose([2, "note", "id"]));
    expect(moved.labels.map(({ column }) => column)).toEqual([null, "strasse", "id"]);
    expect(columnsOf(choose([0, "Kunden-Nr.", null])).findings).toMatchObject([{ code: "column_missing" }]);
  });

  it.each([
    ["another label there", choose([0, "b", "id"]), /column 1 should be `b`, but it is `a` there/],
    ["fewer labels there", choose([2, "b", "id"]), /column 3 should be `b`, but the file has 2 columns/],
    ["a label of another spelling", choose([0, "A", "id"]), /should be `A`/],
    ["a column that the table has no more", choose([0, "a", "gone"]), /`a` was chosen to be the column gone/],
    ["one label chosen twice", choose([0, "a", "id"], [0, "a", null]), /was chosen twice/],
  ])("is refused with %s", (_, chosen, message) => {
    expect(mappingProblem(table, ["a", "b"], chosen)).toMatch(message);
  });

  it("fits the file that it was made for", () => {
    expect(mappingProblem(table, ["a", "b"], choose([0, "a", "id"], [1, "b", null]))).toBeUndefined();
  });
});
