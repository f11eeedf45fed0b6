import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactSum } from "./exact-sum.ts";

function sumOf(texts: readonly string[]): ExactSum {
  const sum = new ExactSum();
  for (const text of texts) sum.addText(text);
  return sum;
}

describe("an exact sum", () => {
  it.each([
    [[], "0"],
    [["0.1", "0.2"], "0.3"],
    [["1.10", "2.20", "-3.3"], "0"],
    [["9007199254740993", "0.00000001"], "9007199254740993.00000001"],
    [["4503599627370496", "4503599627370496", "4503599627370496", "1"], "13510798882111489"],
    [["-0.05", "0.020"], "-0.03"],
    [["123456789012345678901234567890.5", "-0.25"], "123456789012345678901234567890.25"],
    [["5", `0.${"0".repeat(400)}1`], `5.${"0".repeat(400)}1`],
  ])("of %j is %s", (texts, expected) => {
    expect(sumOf(texts).toString()).toBe(expected);
  });

  const decimal = fc
    .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.integer({ min: 0, max: 12 }))
    .map(([negative, digits, scale]) => {
      const text = digits.toString().padStart(scale + 1, "0");
      return `${negative ? "-" : ""}${scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`}`;
    });
  const small = fc
    .tuple(fc.integer({ min: -10_000_000, max: 10_000_000 }), fc.integer({ min: 0, max: 3 }))
    .map(([units, scale]) => (units / 10 ** scale).toFixed(scale));

  it("is what BigInt says it is", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(decimal, small), { maxLength: 40 }), (texts) => {
        const units = texts.reduce((total, text) => {
          const [whole = "", fraction = ""] = text.split(".");
          return total + BigInt(whole + fraction.padEnd(12, "0"));
        }, 0n);
        const other = sumOf(texts);
        // Take the expected sum away, as a text of twelve decimals.
        const digits = (units < 0n ? -units : units).toString().padStart(13, "0");
        other.addText(`${units < 0n ? "-" : ""}${digits.slice(0, -12)}.${digits.slice(-12)}`, -1);
        expect(other.isWithin(new ExactSum())).toBe(true);
        expect(other.toString()).toBe("0");
      }),
      { numRuns: 500 },
    );
  });

  it("is within a tolerance or not, to the last digit", () => {
    expect(sumOf(["0.01"]).isWithin(sumOf(["0.01"]))).toBe(true);
    expect(sumOf(["-0.01"]).isWithin(sumOf(["0.01"]))).toBe(true);
    expect(sumOf(["0.0100000000000000000001"]).isWithin(sumOf(["0.01"]))).toBe(false);
    expect(sumOf(["0.01"]).isWithin(sumOf([]))).toBe(false);
  });
});
