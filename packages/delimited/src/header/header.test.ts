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
