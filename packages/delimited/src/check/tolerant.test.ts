import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "./check-all.test-kit.ts";

const table = (reading: "strict" | "tolerant", more: object = {}) =>
  buildTable({
    format: { reading },
    columns: [{ name: "id", type: "integer" }, { name: "name" }, { name: "note", ...more }],
    invalid: { policy: "skip" },
  });
const text = 'id,name,note\n1,a\n2,b,c,,\n3,d,e,f\n4,"x" y,z\n,,\n5, "q" ,w\n';
const find = async (reading: "strict" | "tolerant", more?: object) => {
  const { issues, lines, report } = await checkAll(text, table(reading, more));
  return { lines, report, found: issues.map(({ code, line, severity }) => [code, line, severity]) };
};

describe("tolerant reading", () => {
  it("fills short records up, and leaves out what is too much, each with a warning", async () => {
    const { found, lines, report } = await find("tolerant");
    expect(found).toEqual([
      ["cells_missing", 2, "warning"],
      ["cells_extra", 4, "warning"],
      ["text_after_quote", 5, "warning"],
      ["record_blank", 6, "error"],
      ["spaces_round_quotes", 7, "warning"],
    ]);
    expect(lines).toEqual(["1\t1\ta\t\\N", "2\t2\tb\tc", "3\t3\td\te", "4\t4\tx y\tz", "6\t5\tq\tw"]);
    expect(report.counts).toEqual({ records: 6, valid: 5, rejected: 1 });
  });

  it("still asks for what is required", async () => {
    const { found } = await find("tolerant", { required: true });
    expect(found.slice(0, 2)).toEqual([
      ["cells_missing", 2, "warning"],
      ["value_missing", 2, "error"],
    ]);
  });

  it("is not what a contract gets", async () => {
    const { found, lines } = await find("strict");
    expect(found.map(([code, line]) => [code, line])).toEqual([
      ["cells_missing", 2],
      ["cells_extra", 3],
      ["cells_extra", 4],
      ["text_after_quote", 5],
      ["record_blank", 6],
      [expect.stringMatching(/quote/), 7],
    ]);
    expect(lines).toEqual([]);
  });
});
