import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";

const table = buildTable({
  columns: [{ name: "id", type: "integer" }, { name: "text" }, { name: "note" }],
  invalid: { policy: "skip" },
});
const fixesOf = async (line: string) => {
  const { issues } = await checkAll(`id,text,note\n1,ok,ok\n${line}\n2,"q",ok\n`, table);
  return issues.map(({ fix }) => fix);
};

describe("a record whose quotes were not doubled", () => {
  it.each<[string, (string | null)[]]>([
    ['3,5" pipe,x', ['3,"5"" pipe",x']],
    ['3,"say "hi"",x', ['3,"say ""hi""",x']],
    ['3,"say "hi" twice",x', ['3,"say ""hi"" twice",x']],
    ['3,"say "hi", you",x', ['3,"say ""hi"", you",x', null]],
    ['3,a "b",c "d"', ['3,"a ""b""","c ""d"""', null]],
    // Several ways to cut it into three cells.
    ['3,"a", "b", "c",x', [null, null]],
    // Too few cells, whatever is doubled.
    ['3,"a" b', [null]],
    // A pair and a single quote: which of them is escaped nobody knows.
    ['3,"a "" b " c",x', [null]],
    // Mended, but still no integer, which is a finding of its own.
    ['x,5" pipe,x', [null, null]],
  ])("%s → %j", async (line, fixes) => {
    expect(await fixesOf(line)).toEqual(fixes);
  });

  it("is shown as it should be written, and then reads right", async () => {
    const piece = fc.constantFrom("a", '"', '"', ",", " ", "é", "1");
    const cell = fc.array(piece, { maxLength: 6 }).map((parts) => parts.join(""));
    const style = fc.constantFrom("plain", "quoted");
    let mended = 0;
    await fc.assert(
      fc.asyncProperty(fc.tuple(cell, style, cell, style), async ([a, styleA, b, styleB]) => {
        const write = (text: string, how: string) => (how === "plain" ? text : `"${text}"`);
        const [fix] = (await fixesOf(`3,${write(a, styleA)},${write(b, styleB)}`)).filter((one) => one !== null);
        if (fix === undefined) return;
        mended += 1;
        const { issues, report } = await checkAll(`id,text,note\n${fix}\n`, table);
        expect(issues).toEqual([]);
        expect(report.counts).toEqual({ records: 1, valid: 1, rejected: 0 });
      }),
      { numRuns: 1500 },
    );
    expect(mended).toBeGreaterThan(100);
  });
});
