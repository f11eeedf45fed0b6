import type { Comparison, StoryboardInput } from "@inlet/contracts";
import { expect, test } from "vitest";
import { BOX, buildScene, buildStoryboard, buildText } from "../testing.ts";
import { storyboardProblems } from "./storyboard-problems.ts";

type Overrides = Partial<StoryboardInput>;
type Expected = readonly [place: string, severity: "error" | "warning", words: string];

const columns = {
  contacts: ["first_name", "due_on", "language"],
  orders: new Set(["first_name", "due_on", "language", "total"]),
};
const assets = { "cake.webp": { kind: "image" as const }, "loop.m4a": { kind: "audio" as const } };
const equal = (field: string, value: string) => ({ field, is: "equal" as const, value });
const layered = (...layers: NonNullable<ReturnType<typeof buildScene>["layers"]>): Overrides => ({
  scenes: [buildScene({ layers })],
});
const button = (url: string) => ({ kind: "button" as const, name: "go", label: "Go", url, box: BOX });

test("a sound storyboard has no problem", () => {
  const sound = buildStoryboard({
    language: { column: "language" },
    fallbacks: { first_name: "you" },
    groups: [{ name: "late", when: { all: [{ field: "due_on", is: "less", value: "2026-12-01" }] } }],
    requirements: [{ condition: { any: [{ field: "first_name", is: "filled" }] }, message: "No name" }],
    scenes: [
      buildScene({
        background: { colour: "#102040" },
        layers: [
          buildText({ en: "Hi {{first_name:first|you}}", de: "Hallo {{first_name}}" }),
          { kind: "image", asset: { name: "{{first_name}}.webp", fallback: "cake.webp" }, box: BOX },
          button("https://www.example.org/{{first_name}}"),
        ],
        caption: { en: "Hi", de: "Hallo" },
        audio: { asset: "loop.m4a" },
      }),
      buildScene({ name: "late", group: "late" }),
    ],
    poster: { scene: "hello", atMs: 100 },
    samples: [{ name: "Iris", values: { first_name: "Iris" } }],
  });
  expect(storyboardProblems(sound, { columns, assets })).toEqual([]);
});

test.each<[what: string, Overrides, ...Expected[]]>([
  [
    "a mistyped column",
    layered(buildText("{{first_nam}}")),
    ["scenes.0.layers.0.text", "error", "Did you mean first_name?"],
  ],
  [
    "a mistyped column in one language",
    layered(buildText({ en: "{{nobody}}" })),
    ["scenes.0.layers.0.text.en", "error", "no table"],
  ],
  [
    "a column of some tables",
    layered(buildText("{{total}}")),
    ["scenes.0.layers.0.text", "warning", "the table contacts"],
  ],
  [
    "an unknown column in a rule",
    {
      groups: [{ name: "a", when: { any: [equal("x", "1")] } }],
      scenes: [buildScene(), buildScene({ name: "b", group: "a" })],
    },
    ["groups.0.when.any.0.field", "error", "no table"],
  ],
  ["an unknown language column", { language: { column: "lang" } }, ["language.column", "error", "no table"]],
  [
    "fallbacks and samples of unknown columns",
    { fallbacks: { firstname: "x" }, samples: [{ name: "a", values: { zzz: "1" } }] },
    ["fallbacks.firstname", "warning", "first_name"],
    ["samples.0.values.zzz", "warning", "no column"],
  ],
  [
    "what looks like a placeholder",
    layered(buildText("{{first name}}")),
    ["scenes.0.layers.0.text", "error", "is no placeholder"],
  ],
  [
    "an unknown format",
    layered(buildText("{{due_on:datum}}")),
    ["scenes.0.layers.0.text", "error", "formats are date"],
  ],
  ["an open placeholder", layered(buildText("Hi {{first_name")), ["scenes.0.layers.0.text", "error", "never closed"]],
  ["a stray end", layered(buildText("Hi first_name}}")), ["scenes.0.layers.0.text", "error", "never opened"]],
  [
    "an address without a host",
    layered(button("/order/{{first_name}}")),
    ["scenes.0.layers.0.url", "error", "begins with https://"],
  ],
  ["a script", layered(button("javascript:alert(1)")), ["scenes.0.layers.0.url", "error", "begins with https://"]],
  [
    "a host out of a value",
    { page: { button: { label: "Go", url: "https://{{first_name}}/" } } },
    ["page.button.url", "error", "not in its host"],
  ],
  [
    "a text that a language lacks",
    {
      ...layered(buildText({ en: "Hi", de: "Hallo" })),
      language: { column: "language" },
      page: { title: { en: "Hi" } },
    },
    ["page.title", "warning", "missing in de"],
  ],
  [
    "languages and no column",
    layered(buildText({ en: "Hi", de: "Hallo" })),
    ["language", "warning", "language.column"],
  ],
  [
    "an unknown asset",
    layered({ kind: "image", asset: "cak.webp", box: BOX }),
    ["scenes.0.layers.0.asset", "error", "Did you mean cake.webp?"],
  ],
  [
    "a sound as a picture",
    layered({ kind: "image", asset: "loop.m4a", box: BOX }),
    ["scenes.0.layers.0.asset", "error", "is a sound; here stands an image"],
  ],
  [
    "an unknown fallback",
    { music: { asset: { name: "{{first_name}}.m4a", fallback: "none.m4a" } } },
    ["music.asset.fallback", "error", "There is no asset none.m4a"],
  ],
  [
    "a choice that may show nothing",
    layered({ kind: "image", asset: { name: "{{first_name}}.webp" }, box: BOX }),
    ["scenes.0.layers.0.asset.name", "warning", "name a fallback"],
  ],
  [
    "no asset's name",
    layered({ kind: "image", asset: { name: "a/{{first_name}}.webp", fallback: "cake.webp" }, box: BOX }),
    ["scenes.0.layers.0.asset.name", "error", "letters, digits"],
  ],
  [
    "scenes of one name",
    { scenes: [buildScene(), buildScene()] },
    ["scenes.1.name", "error", "Two scenes are named hello"],
  ],
  [
    "groups of one name",
    { groups: [{ name: "a" }, { name: "a" }], scenes: [buildScene({ group: "a" })] },
    ["groups.1.name", "error", "Two groups"],
  ],
  ["an unknown group", { scenes: [buildScene({ group: "a" })] }, ["scenes.0.group", "error", "There is no group a"]],
  ["a group of no scene", { groups: [{ name: "a" }] }, ["groups.0", "warning", "No scene"]],
  ["an unknown poster", { poster: { scene: "helo" } }, ["poster.scene", "error", "Did you mean hello?"]],
  ["a poster after its scene", { poster: { scene: "hello", atMs: 4_000 } }, ["poster.atMs", "error", "lasts 4 s"]],
  [
    "a poster that not everybody sees",
    {
      scenes: [buildScene(), buildScene({ name: "b", when: { all: [equal("first_name", "Iris")] } })],
      poster: { scene: "b" },
    },
    ["poster.scene", "warning", "does not play for every row"],
  ],
  [
    "too long a film",
    { scenes: [1, 2, 3].map((each) => buildScene({ name: `s${each}`, durationMs: 120_000 })) },
    ["scenes", "error", "300 s is the longest"],
  ],
  [
    "what may be too long a film",
    {
      scenes: [1, 2, 3].map((each) =>
        buildScene({
          name: `s${each}`,
          durationMs: 120_000,
          ...(each === 3 && { when: { all: [equal("first_name", "Iris")] } }),
        }),
      ),
    },
    ["scenes", "warning", "360 s"],
  ],
  [
    "a transition longer than its scene",
    { scenes: [buildScene(), buildScene({ name: "b", durationMs: 300 })] },
    ["scenes.1.transition.durationMs", "error", "longer (0.5 s)"],
  ],
  [
    "a layer after its scene",
    layered(buildText("a", { fromMs: 4_000 })),
    ["scenes.0.layers.0.fromMs", "error", "is over"],
  ],
  [
    "a layer that ends before it begins",
    layered(buildText("a", { fromMs: 2_000, untilMs: 1_000 })),
    ["scenes.0.layers.0.untilMs", "error", "before it begins"],
  ],
  [
    "a layer that outlives its scene",
    layered(buildText("a", { untilMs: 5_000 })),
    ["scenes.0.layers.0.untilMs", "warning", "beyond its scene"],
  ],
  [
    "a layer that never rests",
    layered(buildText("a", { fromMs: 3_800 })),
    ["scenes.0.layers.0.enter", "warning", "never stands still"],
  ],
  [
    "a layer off the stage",
    layered(buildText("a", { box: { x: 1_400, y: 0, width: 10, height: 10 } })),
    ["scenes.0.layers.0.box", "warning", "outside the stage"],
  ],
  [
    "a sound without a caption",
    { scenes: [buildScene({ audio: { asset: "loop.m4a" } })] },
    ["scenes.0.caption", "warning", "no caption"],
  ],
  [
    "a film of conditions alone",
    { scenes: [buildScene({ when: { all: [equal("first_name", "Iris")] } })] },
    ["scenes", "warning", "sees the scene hello"],
  ],
  [
    "a scene that never plays",
    {
      scenes: [
        buildScene(),
        buildScene({ name: "b", when: { all: [equal("first_name", "a"), equal("first_name", "b")] } }),
      ],
    },
    ["scenes.1.when", "warning", "never plays"],
  ],
  [
    "a scene against its group",
    {
      groups: [{ name: "g", when: { all: [{ field: "due_on", is: "empty" }] } }],
      scenes: [buildScene(), buildScene({ name: "b", group: "g", when: { all: [{ field: "due_on", is: "filled" }] } })],
    },
    ["scenes.1.when", "warning", "its group's exclude"],
  ],
  [
    "a requirement that nobody meets",
    {
      requirements: [
        {
          condition: {
            all: [
              { field: "total", is: "greater", value: "9" },
              { field: "total", is: "at_most", value: "9" },
            ],
          },
          message: "x",
        },
      ],
    },
    ["requirements.0.condition", "error", "No row would get a link"],
    ["requirements.0.condition.all.0.field", "warning", "contacts"],
  ],
  [
    "an order of words",
    layered(buildText("a", { when: { all: [{ field: "due_on", is: "less", value: "soon" }] } })),
    ["scenes.0.layers.0.when.all.0.value", "error", "“soon” is neither"],
  ],
  [
    "white on yellow",
    { scenes: [buildScene({ background: { colour: "#ffe000" }, layers: [buildText("a")] })] },
    ["scenes.0.layers.0.colour", "warning", "is needed"],
  ],
  [
    "a pale button",
    layered({ ...button("https://www.example.org/"), background: "#eeeeee" }),
    ["scenes.0.layers.0.colour", "warning", "contrast is 1.1"],
  ],
])("%s", (_, overrides, ...expected) => {
  const found = storyboardProblems(buildStoryboard(overrides), { columns, assets });
  expect(found.map(({ path, severity }) => [path.join("."), severity])).toEqual(
    expected.map(([place, severity]) => [place, severity]),
  );
  for (const [index, [, , words]] of expected.entries()) expect(found[index]!.message).toContain(words);
});

test("text on a shape is judged by the shape, text on a picture not at all", () => {
  const shape = (width: number) => ({ kind: "shape" as const, colour: "#ffffff", box: { ...BOX, width } });
  const problems = (...layers: NonNullable<ReturnType<typeof buildScene>["layers"]>) =>
    storyboardProblems(buildStoryboard(layered(...layers))).map(({ path }) => path.join("."));
  expect(problems(shape(600), buildText("a"))).toEqual(["scenes.0.layers.1.colour"]);
  expect(problems(shape(600), buildText("a", { colour: "#000000" }))).toEqual([]);
  expect(problems(shape(300), buildText("a"))).toEqual([]);
  expect(problems(shape(600), { kind: "image", asset: "cake.webp", box: BOX }, buildText("a"))).toEqual([]);
});

test("without columns and assets those are not looked at", () => {
  expect(
    storyboardProblems(buildStoryboard(layered(buildText("{{x}}"), { kind: "image", asset: "a.webp", box: BOX }))),
  ).toEqual([]);
});

test("only the first of very many unknown names are compared with those that there are", () => {
  const words = (at: number) => Array.from({ length: 30 }, (_, index) => `{{first_nam${at * 30 + index}}}`).join("");
  const problems = storyboardProblems(
    buildStoryboard(layered(...[0, 1, 2, 3, 4, 0].map((at) => buildText(words(at))))),
    { columns },
  );
  const guessed = problems.map(({ message }) => message.includes("Did you mean first_name?"));
  // One that was guessed before is told again.
  expect([guessed.length, guessed.filter(Boolean).length, guessed.at(-1)]).toEqual([180, 130, true]);
});

test.each<[string, Comparison[]]>([
  [
    "a time after a morning, on that day at most",
    [
      { field: "due_on", is: "greater", value: "2026-12-01T10:00:00Z" },
      { field: "due_on", is: "at_most", value: "2026-12-01" },
    ],
  ],
  [
    "a number that is written with a dot",
    [
      { field: "total", is: "equal", value: "10" },
      { field: "total", is: "containing", value: "." },
    ],
  ],
  [
    "what is true",
    [
      { field: "total", is: "equal", value: "true" },
      { field: "total", is: "one_of", values: ["t"] },
    ],
  ],
])("a row can fulfil a requirement of %s", (_, all) => {
  const storyboard = buildStoryboard({ requirements: [{ condition: { all }, message: "x" }] });
  expect(storyboardProblems(storyboard).filter(({ severity }) => severity === "error")).toEqual([]);
});
