import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, labelSimilarity } from "./similarity.ts";

describe("how far two texts are from each other", () => {
  it.each([
    ["", "abc", 3],
    ["kitten", "sitting", 3],
    ["frist", "first", 1],
    ["name", "name", 0],
  ])("%j and %j: %i", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });

  const word = fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 9 }));

  it("is the same both ways, and never more than the longer text", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance === 0).toBe(a === b);
        expect(editDistance(a, b, 2) <= 2 ? editDistance(a, b, 2) : distance).toBe(distance);
        expect(editDistance(a, b, 2) > 2).toBe(distance > 2);
      }),
    );
  });
});

describe("whether a label is another one, misspelt", () => {
  it.each([
    ["quantity", "quantitiy", true],
    ["email address", "address email", true],
    ["orderDate", "order_dtae", true],
    ["Größe", "Grosse", true],
    ["address 1", "address 2", false],
    ["id", "ip", false],
    ["start date", "end date", false],
    ["net price", "gross price", false],
  ])("%j and %j: %j", (a, b, isAlike) => {
    expect(labelSimilarity(a, b) >= 0.75).toBe(isAlike);
  });
});
