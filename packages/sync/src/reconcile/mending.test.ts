import { expect, test } from "vitest";
import { type Drifted, type Mending, mendingOf, mostRemovals } from "./mending.ts";

const both = { isOutward: true, isInward: true };
const out = { isOutward: true, isInward: false };
const inward = { isOutward: false, isInward: true };
const base: Drifted = {
  ...{ drift: "different", ...both, changedAtMs: undefined, removedHereAtMs: undefined },
  ...{ wasThere: true, hadOurs: true },
};

test.each<[string, Partial<Drifted>, Mending]>([
  ["outward alone: ours", { ...out, changedAtMs: 5 }, "send"],
  ["inward alone: theirs", { ...inward, hadOurs: false }, "take"],
  ["both, and they say when it changed: merged", { changedAtMs: 5, hadOurs: false }, "take"],
  ["both, they had ours: they have changed it", {}, "take"],
  ["both, they never had ours: they have missed it", { hadOurs: false }, "send"],
  ["missing there, outward alone", { drift: "missing_there", ...out }, "send"],
  ["missing there, both, never there", { drift: "missing_there", wasThere: false, hadOurs: false }, "send"],
  ["missing there, both, they had ours: removed there", { drift: "missing_there" }, "take"],
  ["missing there, both, they had another state", { drift: "missing_there", hadOurs: false }, "send"],
  ["missing there, inward alone, was there", { drift: "missing_there", ...inward, hadOurs: false }, "take"],
  ["missing there, inward alone, never there", { drift: "missing_there", ...inward, wasThere: false }, "leave"],
  ["missing here, inward", { drift: "missing_here", wasThere: false }, "take"],
  ["missing here, outward alone: nobody asked us", { drift: "missing_here", ...out }, "leave"],
  ["missing here, removed here", { drift: "missing_here", removedHereAtMs: 9 }, "send"],
  [
    "missing here, removed here, changed there later",
    { drift: "missing_here", removedHereAtMs: 9, changedAtMs: 10 },
    "take",
  ],
  ["missing here, removed here, inward alone", { drift: "missing_here", ...inward, removedHereAtMs: 9 }, "leave"],
])("%s", (_, drifted, mending) => {
  expect(mendingOf({ ...base, ...drifted })).toBe(mending);
});

test("a tenth of the items may be removed at once, and ten in any case, but nothing by an empty list", () => {
  expect([0, 50, 1_000, 1_000_000].map((here) => mostRemovals({ here, there: 1 }))).toEqual([10, 10, 100, 10_000]);
  expect(mostRemovals({ here: 5, there: 0 })).toBe(0);
});
