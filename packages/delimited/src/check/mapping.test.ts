import type { Mapping } from "@inlet/contracts";
import { describe, expect, it } from "vitest";
import { memorySource } from "../scan/source.ts";
import { check } from "./check.ts";
import { buildTable } from "./check-all.test-kit.ts";

const columns = [{ name: "id", type: "integer", required: true }, { name: "name" }];

async function checkMapped(text: string, mapping: Mapping, overrides: object = {}) {
  const lines: Buffer[] = [];
  const codes: string[] = [];
  const report = await check(memorySource(Buffer.from(text)), {
    table: buildTable({ columns, ...overrides }),
    mapping,
    sinks: { canonical: (chunk) => void lines.push(Buffer.from(chunk)) },
    onIssue: ({ code, column }) => void codes.push(column === null ? code : `${code} ${column}`),
  });
  return { report, codes, canonical: Buffer.concat(lines).toString() };
}

const choose = (...chosen: [index: number, label: string, column: string | null][]): Mapping => ({
  columns: chosen.map(([index, label, column]) => ({ index, label, column })),
});

describe("a check of a file whose columns were chosen by hand", () => {
  it("takes the cells from where they are meant, and names findings by their columns", async () => {
    const mapping = choose([0, "Wer", "name"], [1, "name", null], [2, "Nr", "id"]);
    const { report, codes, canonical } = await checkMapped("Wer,name,Nr\nAda,x,1\nBob,y,z\n", mapping, {
      invalid: { policy: "skip" },
    });
    expect(report).toMatchObject({ verdict: "pass", counts: { records: 2, rejected: 1 } });
    expect(report.columns.map(({ column, matchedBy }) => [column, matchedBy])).toEqual([
      ["name", "chosen"],
      [null, "chosen"],
      ["id", "chosen"],
    ]);
    expect(canonical).toBe("1\t1\tAda\n");
    expect(codes).toEqual(["not_an_integer id"]);
  });

  it("finds the line of labels again, also below a title and with labels that no table knows", async () => {
    const text = "Bericht;2026;Mai\nNr;Wer;Wo\n1;Ada;x\n2;Bob;y\n3;Cy;z\n";
    const { report, canonical } = await checkMapped(text, choose([0, "Nr", "id"], [1, "Wer", "name"]));
    expect(report).toMatchObject({ verdict: "pass", scan: { header: { line: 2 } }, counts: { records: 3 } });
    expect(canonical).toBe("1\t1\tAda\n2\t2\tBob\n3\t3\tCy\n");
  });

  it("fails where the labels are others, or the table has the column no more", async () => {
    const other = await checkMapped("Nr,Wer\n1,Ada\n", choose([0, "Nr", "id"], [1, "Wem", "name"]));
    expect(other.report).toMatchObject({ verdict: "fail", reason: { code: "mapping_differs" }, scan: null });
    expect(other.codes).toEqual(["mapping_differs"]);
    const gone = await checkMapped("Nr,Wer\n1,Ada\n", choose([0, "Nr", "number"]));
    expect(gone.report.reason).toMatchObject({ code: "mapping_differs", message: expect.stringContaining("number") });
  });

  it("fails where it gives a column twice, or leaves one out that is needed", async () => {
    const twice = await checkMapped("a,b\n1,2\n", choose([0, "a", "id"], [1, "b", "id"]), {
      columns: [{ name: "id" }],
    });
    expect(twice.report.reason).toMatchObject({ code: "header_duplicate" });
    const missing = await checkMapped("id,name\n1,2\n", choose([0, "id", null]));
    expect(missing.report.reason).toMatchObject({ code: "column_missing" });
  });

  it("may have no header at all", async () => {
    const format = { headerLines: 0 };
    const { report, canonical } = await checkMapped("Ada,1\nBob,2\n", choose([0, "id", "name"], [1, "name", "id"]), {
      format,
    });
    expect(report.verdict).toBe("pass");
    expect(canonical).toBe("1\t1\tAda\n2\t2\tBob\n");
    const differs = await checkMapped("Ada,1\n", choose([0, "Wer", "name"]), { format });
    expect(differs.report.reason).toMatchObject({ code: "mapping_differs" });
  });
});
