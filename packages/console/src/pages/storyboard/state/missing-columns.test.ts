import { type Storyboard, storyboardSchema } from "@inlet/contracts";
import { filmOf, pageWordsOf, rowOf, storyboardColumns } from "@inlet/storyboard";
import { readyStoryboards } from "@inlet/storyboard/ready";
import { expect, test } from "vitest";
import type { Draft } from "./draft.ts";
import { withColumn, withoutColumn } from "./missing-columns.ts";

const ready = readyStoryboards.map(({ name, document }) => ({ name, draft: document as Draft }));
const shown = (storyboard: Storyboard, values: Record<string, string>) => ({
  film: filmOf(storyboard, rowOf(values), { assets: {} }),
  page: pageWordsOf(storyboard, rowOf(values), { assets: {} }),
});

test.each(ready)("without its columns $name shows what it shows of an empty row", ({ draft }) => {
  const before = storyboardSchema.parse(draft);
  let without = draft;
  for (const column of storyboardColumns(before)) without = withoutColumn(without, column);
  const after = storyboardSchema.parse(without);
  expect(storyboardColumns(after)).toEqual([]);
  expect(shown(after, {})).toEqual(shown(before, {}));
  expect(after.samples.flatMap(({ values }) => Object.keys(values))).toEqual([]);
});

test("around a value that is left out the words close as films close them", () => {
  const texts = ["Hello, {{name}}!", " {{name}}, welcome", "{{name:title}}: {{city}}, {{name}}", "For{{name}}you"];
  const draft: Draft = { title: "Spring", scenes: [{ name: "hello", durationMs: 1_000 }], page: { title: "" } };
  for (const text of texts) {
    const before = { ...draft, page: { title: text } };
    const [was, is] = [before, withoutColumn(before, "name")].map((each) => storyboardSchema.parse(each));
    expect(shown(is!, { city: "Wien" }).page.title, text).toEqual(shown(was!, { city: "Wien" }).page.title);
  }
});

test.each(ready)("with its columns called otherwise $name shows the same", ({ draft }) => {
  const before = storyboardSchema.parse(draft);
  const columns = storyboardColumns(before);
  let renamed = draft;
  for (const column of columns) renamed = withColumn(renamed, column, `my_${column}`);
  const after = storyboardSchema.parse(renamed);
  expect(storyboardColumns(after).toSorted()).toEqual(columns.map((column) => `my_${column}`).toSorted());
  for (const [at, { values }] of before.samples.entries()) {
    expect(shown(after, after.samples[at]!.values)).toEqual(shown(before, values));
  }
});

test("what could never hold is gone, and what always does is said no more", () => {
  const draft: Draft = {
    title: "Spring",
    groups: [{ name: "offers", when: { all: [{ field: "code", is: "filled" }] } }],
    requirements: [
      { condition: { all: [{ field: "code", is: "filled" }] }, message: "no code" },
      {
        condition: {
          any: [
            { field: "code", is: "filled" },
            { field: "name", is: "filled" },
          ],
        },
        message: "nobody",
      },
    ],
    poster: { scene: "offer" },
    scenes: [
      { name: "hello", durationMs: 1_000, when: { all: [{ field: "code", is: "empty" }] } },
      { name: "offer", durationMs: 1_000, group: "offers" },
    ],
  };
  expect(withoutColumn(draft, "code")).toEqual({
    title: "Spring",
    groups: [],
    requirements: [{ condition: { any: [{ field: "name", is: "filled" }] }, message: "nobody" }],
    scenes: [{ name: "hello", durationMs: 1_000 }],
  });
});
