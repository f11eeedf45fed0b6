import { expect, test } from "vitest";
import { ECHO_MS, type Judgement, judge, type KnownItem, type KnownVersion, type Told } from "./judge.ts";

const NOW = Date.parse("2026-11-20T12:00:00Z");
const A = { name: "a", price: "1" };
const B = { name: "b", price: "1" };
const C = { name: "b", price: "2" };

const told = (more: Partial<Told> = {}): Told => ({ values: C, receivedAtMs: NOW, ...more });
const version = (values: KnownVersion["values"], agoMs: number, more: Partial<KnownVersion> = {}): KnownVersion => ({
  ...{ values, atMs: NOW - agoMs, isTheirs: false, isUnsettled: false },
  ...more,
});
/** Long at rest: both sides have A. */
const known = (more: Partial<KnownItem> = {}): KnownItem => ({
  ...{ here: A, there: A, versions: [version(A, 10 * ECHO_MS)], isOutward: true },
  ...more,
});
/** We have changed A to B, a minute ago, and sent it. */
const sent = (more: Partial<KnownItem> = {}) =>
  known({
    here: B,
    there: B,
    pushedAtMs: NOW - 59_000,
    versions: [version(B, 60_000), version(A, 10 * ECHO_MS)],
    ...more,
  });

const why = (judgement: Judgement) => (judgement.take === "nothing" ? judgement.why : judgement.take);

test.each<[string, Told, KnownItem, string]>([
  ["a change there", told(), known(), "values"],
  ["an item that is not here", told(), known({ here: null, there: undefined, versions: [] }), "values"],
  ["what is here already", told({ values: A }), known(), "same"],
  ["some columns that are so here", told({ values: { price: "1" } }), known(), "same"],
  ["the echo of our push", told({ values: B }), sent(), "same"],
  ["what they had before our change, which is on its way", told({ values: A }), known({ here: B }), "known"],
  [
    "the echo of an earlier push",
    told({ values: B }),
    sent({ here: C, there: C, versions: [version(C, 10_000), version(B, 60_000), version(A, 10 * ECHO_MS)] }),
    "echo",
  ],
  ["what they had before our push, told late", told({ values: A }), sent(), "echo"],
  ["the same with a clock that is a little ahead", told({ values: A, changedAtMs: NOW - 58_000 }), sent(), "echo"],
  [
    "a value set back, long after our push",
    told({ values: A }),
    sent({ pushedAtMs: NOW - 2 * ECHO_MS, versions: [version(B, 2 * ECHO_MS), version(A, 10 * ECHO_MS)] }),
    "values",
  ],
  [
    "a value set back, and said to be set back after our push",
    told({ values: A, changedAtMs: NOW }),
    sent({ pushedAtMs: NOW - 70_000, versions: [version(B, 71_000), version(A, 10 * ECHO_MS)] }),
    "values",
  ],
  ["a value set back where nothing of ours goes", told({ values: A }), sent({ isOutward: false }), "values"],
  ["an older version", told({ version: "4" }), known({ version: "5" }), "old"],
  ["the same version with other values", told({ version: "5" }), known({ version: "5" }), "values"],
  ["a version that says nothing of before and after", told({ version: "x" }), known({ version: "y" }), "values"],
  ["a page asked for before our push was taken", told({ askedAtMs: NOW - 60_000 }), sent(), "overtaken"],
  ["a page asked for after it", told({ askedAtMs: NOW - 58_000 }), sent(), "values"],
  ["such a page that says nothing new", told({ values: B, askedAtMs: NOW - 60_000 }), sent(), "same"],
  ["a removal", told({ values: null }), known(), "removal"],
  ["a removal of what is not here", told({ values: null }), known({ here: null }), "same"],
  ["a removal of an older version", told({ values: null, version: "4" }), known({ version: "5" }), "old"],
  [
    "the echo of our removal, after the item came back",
    told({ values: null }),
    known({ there: undefined, versions: [version(A, 1_000), version(null, 2_000), version(A, 3_000)] }),
    "echo",
  ],
  [
    "the echo of a push, after we removed the item",
    told({ values: B }),
    known({ here: null, there: undefined, versions: [version(null, 1_000), version(B, 2_000)] }),
    "echo",
  ],
  [
    "an item that is added there again long after it was removed",
    told({ values: B }),
    known({ here: null, there: undefined, versions: [version(null, 2 * ECHO_MS), version(B, 3 * ECHO_MS)] }),
    "values",
  ],
])("%s", (_, said, about, expected) => {
  expect(why(judge(said, about))).toBe(expected);
});

test("only what differs from what they are known to have is taken, so that it undoes no change of ours", () => {
  // We have set the price; they, before they got it, the name.
  const ours = { name: "a", price: "9" };
  const about = known({
    here: ours,
    there: A,
    versions: [version(ours, 500, { isUnsettled: true }), version(A, 10 * ECHO_MS)],
  });
  expect(judge(told({ values: B }), about)).toEqual({
    take: "values",
    values: { name: "b" },
    atMs: NOW,
    isUnsure: true,
  });
});

test("after our push was taken, an event from before it brings only what is new", () => {
  const ours = { name: "a", price: "9" };
  const about = sent({ here: ours, there: ours, versions: [version(ours, 60_000), version(A, 10 * ECHO_MS)] });
  expect(judge(told({ values: B }), about)).toMatchObject({ take: "values", values: { name: "b" }, isUnsure: true });
});

test("stamps: the time of change, cut where the clock is ahead, else when we learned of it", () => {
  const at = (more: Partial<Told>) => (judge(told(more), known()) as { atMs: number }).atMs - NOW;
  expect(at({})).toBe(0);
  expect(at({ changedAtMs: NOW - 5_000 })).toBe(-5_000);
  expect(at({ changedAtMs: NOW + 86_400_000 })).toBe(2_000);
  expect(judge(told(), known())).toMatchObject({ isUnsure: false });
});
