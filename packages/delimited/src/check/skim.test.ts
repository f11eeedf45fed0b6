import fc from "fast-check";
import { expect, it } from "vitest";
import { memorySource } from "../scan/source.ts";
import { check } from "./check.ts";
import { buildTable } from "./check-all.test-kit.ts";

/** What is mostly good in a column of each type, and sometimes needs a closer look, or is wrong. */
const CELLS = {
  string: ["a", "b", "a b", "", "\\N", "a\\b", '"a"', '"x,y"', '"say ""yes"""', "é", "\x81", "Ã©"],
  integer: ["1", "2", "17", "-1", "", "007", '"17"', "+1", "x"],
  enum: ["DE", "FR", "é", "Ã©", "", "de"],
  boolean: ["true", "NO", "1", "", "ja"],
  timestamp: ["2024-01-01T10:00:00", "2024-01-01T10:00:00Z", "", "2024-13-01T10:00:00"],
} as const;
type Type = keyof typeof CELLS;
const TYPES = Object.keys(CELLS) as Type[];

const files = fc
  .record({
    types: fc.array(fc.constantFrom(...TYPES), { minLength: 2, maxLength: 4 }),
    unique: fc.subarray([0, 1]),
    encoding: fc.constantFrom("utf8", "latin1"),
    odd: fc.constantFrom("", 'st"ray', "one cell", "x\0"),
  })
  .chain(({ types, odd, ...rest }) =>
    fc.record({
      types: fc.constant(types),
      odd: fc.constant(odd),
      rows: fc.array(fc.tuple(...types.map((type) => fc.constantFrom(...CELLS[type]))), { maxLength: 8 }),
      ...{ unique: fc.constant(rest.unique), encoding: fc.constant(rest.encoding) },
    }),
  );

it("finds the same where no line is written as where lines are", async () => {
  await fc.assert(
    fc.asyncProperty(files, async ({ types, unique, encoding, rows, odd }) => {
      const columns = types.map((type, index) => ({
        ...{ name: `c${index}`, type, unique: unique.includes(index) },
        ...(type === "enum" && { values: ["DE", "FR", "é"] }),
      }));
      const format = { delimiter: ",", quote: '"', encoding: encoding === "utf8" ? "utf-8" : "windows-1252" };
      const table = buildTable({ columns, invalid: { policy: "skip" }, format });
      const lines = [columns.map(({ name }) => name).join(","), ...rows.map((row) => row.join(",")), odd];
      const text = lines.map((line) => `${line}\n`).join("");
      const bytes = Buffer.from(text, encoding as BufferEncoding);
      const run = async (writes: boolean) => {
        const issues: object[] = [];
        const report = await check(memorySource(bytes), {
          table,
          onIssue: (issue) => void issues.push(issue),
          sinks: writes ? { canonical: () => {} } : {},
        });
        return { ...report, canonicalBytes: 0, issues };
      };
      expect(await run(false)).toEqual(await run(true));
    }),
    { numRuns: 1500 },
  );
});
