import { expect, test } from "vitest";
import { hopeless, judgePull, type PulledFacts, type Underway } from "./judge-pull.ts";

const buildFacts = (overrides: Partial<PulledFacts> = {}): PulledFacts => ({
  ...{ table: "items", monitored: true, isIncremental: false, expected: 100, again: 100 },
  ...{ received: 100, duplicates: 0, rounds: 0, ...overrides },
});
const codeOf = (overrides: Partial<PulledFacts>) => {
  const verdict = judgePull(buildFacts(overrides));
  return verdict.verdict === "stopped" ? verdict.reason.code : verdict.verdict;
};

test.each<[string, Partial<PulledFacts>, string]>([
  ["all that was expected", {}, "whole"],
  ["fewer", { received: 99 }, "pull_incomplete"],
  ["more", { received: 101 }, "pull_incomplete"],
  ["a number that changed", { again: 101 }, "anew"],
  ["a number that changed, and as many came", { again: 101, received: 101 }, "anew"],
  ["a number that changed for the third time", { again: 101, received: 101, rounds: 2 }, "pull_count_changed"],
  ["changes that grew meanwhile, all of which came", { isIncremental: true, again: 103, received: 103 }, "whole"],
  [
    "changes that grew meanwhile, some of which are missing",
    { isIncremental: true, again: 103, received: 102 },
    "anew",
  ],
  ["a number that is not said any more", { again: null }, "pull_count_missing"],
  ["no change", { isIncremental: true, expected: 0, again: 0, received: 0 }, "nothing new"],
  ["nothing at all", { expected: 0, again: 0, received: 0 }, "pull_empty"],
  ["anything, unmonitored", { monitored: false, expected: null, again: null, received: 7 }, "whole"],
  ["nothing at all, unmonitored", { monitored: false, expected: null, again: null, received: 0 }, "pull_empty"],
])("%s", (_what, facts, outcome) => {
  expect(codeOf(facts)).toBe(outcome);
});

test("what is stopped says what was expected, what came and what to do", () => {
  const verdict = judgePull(buildFacts({ received: 97, duplicates: 3 }));
  const { reason } = verdict as Extract<typeof verdict, { verdict: "stopped" }>;
  expect(reason.message).toMatch(/has 100 items, but 97 different ones came, 3 of them more than once/);
  expect(reason.message).toMatch(/Nothing was imported.*Pull again/);
});

const buildUnderway = (overrides: Partial<Underway> = {}): Underway => ({
  ...{ table: "items", pages: 9, received: 9_000, duplicates: 10, expected: 10_000, idlePages: 0 },
  ...{ sizeBytes: 1_000, mostBytes: 2_000, ...overrides },
});

test.each<[string, Partial<Underway>, string | undefined]>([
  ["a few items at pages' edges twice", {}, undefined],
  ["three pages with nothing new", { idlePages: 3 }, "pull_duplicates"],
  ["a third of all twice", { duplicates: 3_000 }, "pull_duplicates"],
  ["far more than there should be", { received: 40_000 }, "pull_incomplete"],
  ["more bytes than a table may have", { sizeBytes: 2_001 }, "pull_too_large"],
])("%s", (_what, facts, code) => {
  expect(hopeless(buildUnderway(facts))?.code).toBe(code);
});
