import { describe, expect, it } from "vitest";
import { buildTable } from "../check/check-all.test-kit.ts";
import { mapHeader, normaliseLabel } from "./header.ts";

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
