import type { Storyboard } from "@inlet/contracts";
import { expect, test } from "vitest";
import { rowOf, type StoredAssets } from "../row.ts";
import { BOX, buildAsset, buildScene, buildStoryboard, buildText } from "../testing.ts";
import { filmOf } from "./film-of.ts";
import { pageWordsOf } from "./page-words-of.ts";
import { openVariants } from "./variants.ts";

const mark = (index: number) => `\u0001${index}\u0002`;

/** Film and words of a row, by what is shared and the row's own words. */
function showing(storyboard: Storyboard, assets: StoredAssets, most = 100) {
  let times = 0;
  const of = openVariants(storyboard, {
    ...{ assets, most, mark },
    make(film, words) {
      times += 1;
      return JSON.stringify([film, words]);
    },
  });
  return {
    made: () => times,
    show(values: Record<string, string>): unknown {
      const shown = of(rowOf(values));
      if (shown === undefined) return undefined;
      const { made, texts } = shown;
      return JSON.parse(
        made.replace(/\\u0001(\d+)\\u0002/g, (_, index) => JSON.stringify(texts[Number(index)]).slice(1, -1)),
      );
    },
  };
}

const storyboard = buildStoryboard({
  language: { default: "en", column: "language" },
  fallbacks: { city: "here" },
  groups: [{ name: "loyal", when: { all: [{ field: "years", is: "at_least", value: "5" }] } }],
  scenes: [
    buildScene({
      background: { asset: { name: "{{product}}.webp", fallback: "any.webp" } },
      layers: [
        buildText({ en: "Hello {{name}} in {{city}}", he: "שלום {{name}}" }),
        buildText("{{note}}"),
        { kind: "button", name: "go", label: "Go, {{name}}", url: "https://e.example/{{code}}", box: BOX },
      ],
      caption: "For {{name|you}}",
    }),
    buildScene({ name: "thanks", group: "loyal", layers: [buildText("Since {{years:number}} years")] }),
    buildScene({ name: "blue", when: { any: [{ field: "product", is: "equal", value: "blue" }] } }),
  ],
  page: {
    title: "{{name}}",
    fields: [{ column: "note", label: { en: "Note", he: "הערה" } }],
    button: { label: "Go", url: "https://e.example/?c={{code}}" },
  },
});
const assets = { "blue.webp": buildAsset("blue.webp"), "any.webp": buildAsset("any.webp") };

const VALUES: Record<string, string[]> = {
  name: ["", "Iris", "נועה", 'Zoë & "co" </script>', "\u0001", "$&"],
  language: ["", "he", "xx"],
  city: ["", "Graz"],
  years: ["", "4", "5"],
  product: ["", "blue", "red"],
  note: ["", "a note"],
  code: ["", "..", "a/b"],
};

test("what is shared and a row's own words make the very film and page that the row has by itself", () => {
  const { show, made } = showing(storyboard, assets);
  let seed = 7;
  const random = (count: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 16) % count;
  };
  for (let round = 0; round < 1_000; round += 1) {
    const row = Object.fromEntries(Object.entries(VALUES).map(([column, all]) => [column, all[random(all.length)]!]));
    const shown = show(row);
    const options = { assets };
    const own = [filmOf(storyboard, rowOf(row), options), pageWordsOf(storyboard, rowOf(row), options)];
    expect(shown).toEqual(JSON.parse(JSON.stringify(own)));
  }
  // Six answers that decide: language, loyalty, product, and whether there is a name, a note and an address.
  expect(made()).toBe(2 ** 6);
});

test("rows that differ in words alone share one, and what finds no room is left to its own", () => {
  const { show, made } = showing(storyboard, assets, 2);
  for (let n = 0; n < 50; n += 1) expect(show({ name: `Name ${n}`, code: `${n}`, note: "x" })).toBeDefined();
  expect(made()).toBe(1);
  expect([show({ years: "5" }), show({ years: "5", product: "blue" })]).toEqual([expect.anything(), undefined]);
  expect(show({ name: "Iris", code: "1", note: "x" })).toBeDefined();
  expect(made()).toBe(2);
});
