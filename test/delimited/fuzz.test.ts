import { expect, it } from "vitest";
import { fuzzCase } from "./fuzz-case.ts";
import { holdToPromises } from "./fuzz-promises.ts";

// A short run with a seed that stays; `npm run fuzz` goes on for as long as it is let.
const SEED = 20_261_121;
const CASES = 120;

it("keeps its promises about damaged files", { timeout: 240_000 }, async () => {
  const broken: string[] = [];
  const outcomes = new Set<string>();
  for (let index = 0; index < CASES; index += 1) {
    try {
      outcomes.add(await holdToPromises(fuzzCase(SEED, index)));
    } catch (error) {
      broken.push(`npm run fuzz -- --seed ${SEED} --only ${index}: ${(error as Error).message}`);
    }
  }
  expect(broken).toEqual([]);
  expect(outcomes).toContain("pass");
  expect(outcomes).toContain("fail");
});

it("makes the same case from the same seed", () => {
  for (const index of [0, 1, 2, 50]) expect(fuzzCase(7, index)).toEqual(fuzzCase(7, index));
});
