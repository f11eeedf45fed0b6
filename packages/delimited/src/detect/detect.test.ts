import { describe, expect, it } from "vitest";
import { buildTable } from "../check/check-all.test-kit.ts";
import { expectedLabels } from "../header/header.ts";
import { WIDE_LIMITS } from "../scan/scan-all.test-kit.ts";
import { detectDialect } from "./detect.ts";

const columns = [{ name: "id" }, { name: "first_name", aliases: ["Vorname"] }, { name: "city" }];

function detect(text: string, settings: object = {}) {
  const bytes = Buffer.from(`${text}\0`);
  const table = buildTable({ columns, ...settings });
  const found = detectDialect(
    { bytes, start: 0, length: bytes.length - 1, final: true },
    {
      fixed: table.format,
      expected: { labels: expectedLabels(table), columnCount: table.columns.length },
      encoding: "utf-8",
      limits: WIDE_LIMITS,
    },
  );
  return { ...found, ...found.marks };
}

describe("the dialect found in a file's beginning", () => {
  it.each<[string, string, string, string | null]>([
    ["comma", "id,first_name,city\n1,a,b\n", ",", '"'],
    ["semicolon, decimal commas", "id;Vorname;city\n1,5;a,b,c;d,e\n2,5;a,b,c;d,e\n", ";", '"'],
    ["bar", "id|first name|city\n1|a;b|c,d\n", "|", '"'],
    ["tab", "id\tfirst_name\tcity\n1\ta, b\tc\n", "\t", '"'],
    ["quoted delimiters", '"id";"first_name";"city"\n"1,2";"a,b";"c,d"\n', ";", '"'],
    ["single quotes", "'id','first_name','city'\n'1','a,b','c'\n", ",", "'"],
    [
      "single quotes, and a cell too many",
      "id,first_name,city\n1,a,'b, c'\n2,b,c,d\n3,d,'e, f'\n4,d,'e, f'\n",
      ",",
      "'",
    ],
    ["apostrophes are no quotes", "id,first_name,city\n1,O'Neil,'s-Hertogenbosch\n2,a,b\n", ",", '"'],
    [
      "quotes in a tab file that stand round no cell",
      'id\tfirst_name\tcity\n1\t"A" pipe\tx\n2\t5" pipe\tx\n',
      "\t",
      null,
    ],
    ["one quote in a tab file is a fault", 'id\tfirst_name\tcity\n1\t5" pipe\tx\n', "\t", '"'],
    ["inches in a comma file are a fault", 'id,first_name,city\n1,5" pipe,x\n', ",", '"'],
    ["line ends inside quotes", 'id,first_name,city\n1,"a;b;c;d\ne;f;g;h",x\n', ",", '"'],
  ])("%s", (_, text, delimiter, quote) => {
    expect(detect(text)).toMatchObject({ delimiter, quote });
  });

  it("goes by the shape of the records where no label is known", () => {
    const found = detect("kunde;ort;umsatz\n1;a,b;2,5\n2;c;3,5\n");
    expect(found).toMatchObject({ delimiter: ";", headerMatch: 0 });
    expect(found.confidence).toBeLessThan(0.9);
  });

  it("is sure when the header says so, and says when every cell is quoted", () => {
    expect(detect('"id","first_name","city"\n"1","a","b"\n')).toMatchObject({ confidence: 1, quoteAll: true });
    expect(detect('"id","first_name","city"\n1,"a","b"\n')).toMatchObject({ quoteAll: false });
  });

  it("keeps what the profile fixes", () => {
    const table = { format: { delimiter: ",", quote: "none" } };
    expect(detect("id;first_name;city\n1;2;3\n", table)).toMatchObject({ delimiter: ",", quote: null });
  });

  it("finds the header below title lines, and reads a single column", () => {
    expect(detect("Report,2026\n\nid,first_name,city\n1,a,b\n").table).toMatchObject({
      offset: 13,
      line: 3,
      nextLine: 4,
    });
    expect(detect("id\n1\n2\n", { columns: [{ name: "id" }] })).toMatchObject({ delimiter: ",", headerMatch: 1 });
  });
});
