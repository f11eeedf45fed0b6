import type { StoryboardInput } from "@inlet/contracts";
import { expect, test } from "vitest";
import { BOX, buildScene, buildStoryboard, buildText } from "../testing.ts";
import { changesBetween } from "./changes-between.ts";

function changes(before: Partial<StoryboardInput>, after: Partial<StoryboardInput>): string[] {
  return changesBetween(buildStoryboard(before), buildStoryboard(after)).map(
    ({ kind, path, message }) => `${kind} ${path.join(".")}: ${message}`,
  );
}

const [one, two, three] = ["one", "two", "three"].map((name) => buildScene({ name })) as [
  StoryboardInput["scenes"][number],
  StoryboardInput["scenes"][number],
  StoryboardInput["scenes"][number],
];

test("two that say the same differ in nothing", () => {
  const scenes = [buildScene({ layers: [buildText({ en: "Hi", de: "Hallo" })] })];
  const turned = [buildScene({ layers: [buildText({ de: "Hallo", en: "Hi" })] })];
  expect(changes({ scenes }, { scenes: turned })).toEqual([]);
});

test("scenes that came, went, moved and changed are known by their names", () => {
  expect(changes({ scenes: [one, two, three] }, { scenes: [three, one, { ...two, durationMs: 6_000 }] })).toEqual([
    "changed scenes.0: Scene “three” has moved from place 3 to 1.",
    "changed scenes.2.durationMs: Scene “two”: the duration is now 6 s, was 4 s.",
  ]);
  expect(changes({ scenes: [one, two] }, { scenes: [one, { ...three, chapter: "Three" }] })).toEqual([
    "removed scenes.1: Scene “two” was removed.",
    "added scenes.1: Scene “three” was added.",
  ]);
});

test("layers are known by what they show", () => {
  const before = [
    buildText("Hello"),
    buildText("{{name}}", { size: 60 }),
    { kind: "shape" as const, colour: "brand" as const, box: BOX },
  ];
  const after = [
    buildText("Hello there"),
    { kind: "image" as const, asset: "cake.webp", box: BOX },
    buildText("{{name}}", { size: 72, when: { all: [{ field: "name", is: "filled" }] } }),
  ];
  expect(changes({ scenes: [buildScene({ layers: before })] }, { scenes: [buildScene({ layers: after })] })).toEqual([
    "removed scenes.0.layers.2: Scene “hello”, shape was removed.",
    "changed scenes.0.layers.0.text: Scene “hello”, text “Hello there”: the text is now “Hello there”, was “Hello”.",
    "added scenes.0.layers.1: Scene “hello”, image “cake.webp” was added.",
    "changed scenes.0.layers.2.size: Scene “hello”, text “{{name}}”: the size is now 72, was 60.",
    "changed scenes.0.layers.2.when: Scene “hello”, text “{{name}}”: the condition is now “name is filled”; there was none.",
  ]);
});

test("everything else is told of by its name", () => {
  const condition = { all: [{ field: "name", is: "filled" as const }] };
  expect(
    changes(
      {
        title: "Old",
        page: { title: "For you", button: { label: "Go", url: "https://www.example.org/" } },
        fallbacks: { name: "you" },
      },
      {
        title: "New",
        brand: { colour: "#000000" },
        requirements: [{ condition, message: "No name" }],
        groups: [{ name: "vip" }],
        poster: { scene: "hello" },
        page: { title: { en: "For you", de: "Für Sie" }, fields: [{ column: "name", label: "Name" }] },
        samples: [{ name: "Iris", values: {} }],
      },
    ),
  ).toEqual([
    "changed title: The title is now “New”, was “Old”.",
    "changed brand.colour: The brand colour is now “#000000”, was “#2b4bff”.",
    "changed fallbacks.name: The fallbacks name was “you”; there is none any more.",
    "changed poster: The poster is now scene “hello”; there was none.",
    "added requirements.0: Requirement “No name” was added.",
    "added groups.0: Group “vip” was added.",
    "changed page.title: Page: the title is now en “For you”, de “Für Sie”, was “For you”.",
    "changed page.button: Page: the button was label “Go”, url “https://www.example.org/”; there is none any more.",
    "added page.fields.0: Page, field “name” was added.",
    "added samples.0: Sample “Iris” was added.",
  ]);
});
