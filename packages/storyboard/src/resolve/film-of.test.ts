import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { BOX, buildAsset, buildScene, buildStoryboard, buildText } from "../testing.ts";
import { filmOf } from "./film-of.ts";

const is = (field: string, value: string) => ({ all: [{ field, is: "equal" as const, value }] });

function film(
  overrides: Parameters<typeof buildStoryboard>[0],
  values: Record<string, string> = {},
  names: string[] = [],
) {
  const assets = Object.fromEntries(
    names.map((name) => {
      const sound = name.endsWith(".m4a");
      return [name, buildAsset(name, sound ? { kind: "audio", durationMs: 1_500, width: null, height: null } : {})];
    }),
  );
  return filmOf(buildStoryboard(overrides), rowOf(values), { assets });
}

test("scenes play one after the other, each where its condition and its group's hold", () => {
  const overrides = {
    groups: [{ name: "vip", when: is("level", "gold") }, { name: "all" }],
    scenes: [
      buildScene({ name: "one", group: "all" }),
      buildScene({ name: "two", group: "vip", durationMs: 2_000, transition: { kind: "wipe" as const } }),
      buildScene({ name: "three", when: is("city", "Wien"), transition: { durationMs: 3_000 }, durationMs: 1_000 }),
    ],
  };
  const times = (values: Record<string, string>) =>
    film(overrides, values).scenes.map(({ name, fromMs, untilMs }) => [name, fromMs, untilMs]);
  expect(times({})).toEqual([["one", 0, 4_000]]);
  expect(times({ level: "Gold" })).toEqual([
    ["one", 0, 4_000],
    ["two", 4_000, 6_000],
  ]);
  const all = film(overrides, { level: "gold", city: "Wien" });
  expect(all.scenes.map(({ transition }) => transition)).toEqual([
    { kind: "cut", durationMs: 0 },
    { kind: "wipe", durationMs: 500 },
    { kind: "fade", durationMs: 1_000 },
  ]);
  expect(all.durationMs).toBe(7_000);
});

test("where no scene would play, the first without a condition of its own does", () => {
  const groups = [{ name: "vip", when: is("level", "gold") }];
  const scenes = [buildScene({ name: "one", when: is("a", "b") }), buildScene({ name: "two", group: "vip" })];
  expect(film({ groups, scenes }).scenes.map(({ name }) => name)).toEqual(["two"]);
  expect(film({ scenes: scenes.slice(0, 1) }).scenes.map(({ name }) => name)).toEqual(["one"]);
});

test("a film ends before the longest time with a whole scene", () => {
  const scenes = [1, 2, 3].map((number) => buildScene({ name: `s${number}`, durationMs: 120_000 }));
  expect(film({ scenes }).durationMs).toBe(240_000);
});

test("a layer's times are the film's, and end with its scene", () => {
  const layers = [
    buildText("a", { fromMs: 500 }),
    buildText("b", { fromMs: 1_000, untilMs: 9_000 }),
    buildText("over", { fromMs: 4_000 }),
    buildText("{{nothing}}"),
    buildText("for Wien", { when: is("city", "Wien") }),
  ];
  const shown = film({ scenes: [buildScene({ name: "one" }), buildScene({ layers })] }).scenes[1]!.layers;
  expect(shown.map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
    [4_500, 8_000],
    [5_000, 8_000],
  ]);
});

test("start is on the left, in a right-to-left film or text on the right", () => {
  const layers = [
    buildText({ en: "Hello", he: "שלום" }),
    buildText("Spring", { align: "end" }),
    buildText("{{name}}"),
    buildText("שלום"),
  ];
  const scenes = [buildScene({ layers })];
  const styles = (language: string) =>
    film({ language: { column: "language" }, scenes }, { language, name: "שרה" }).scenes[0]!.layers.map(
      (layer) => layer.kind === "text" && [layer.align, layer.direction],
    );
  expect(styles("en")).toEqual([
    ["left", "ltr"],
    ["right", "ltr"],
    ["left", "ltr"],
    ["right", "rtl"],
  ]);
  expect(styles("he")).toEqual([
    ["right", "rtl"],
    ["left", "ltr"],
    ["right", "rtl"],
    ["right", "rtl"],
  ]);
});

test("a scene that is to be mirrored is so in a right-to-left film alone", () => {
  const layers = [
    buildText({ en: "Hello", he: "שלום" }, { enter: { kind: "slide_left" }, leave: { kind: "slide_up" } }),
  ];
  const scenes = [buildScene({ layers, mirror: true }), buildScene({ name: "still", layers })];
  const places = (language: string) =>
    film({ language: { column: "language" }, scenes }, { language }).scenes.map(({ layers: [layer] }) => [
      layer!.box.x,
      layer!.enter.kind,
      layer!.leave.kind,
    ]);
  expect(places("en")).toEqual(Array(2).fill([100, "slide_left", "slide_up"]));
  expect(places("he")).toEqual([
    [580, "slide_right", "slide_up"],
    [100, "slide_left", "slide_up"],
  ]);
});

test("colours are the brand's where it says so", () => {
  const background = { colour: "brand" as const, to: "accent" as const };
  const shape = { kind: "shape" as const, colour: "#010203", box: BOX };
  const [scene] = film({
    brand: { colour: "#111111", accent: "#222222" },
    scenes: [buildScene({ background, layers: [shape] })],
  }).scenes;
  expect(scene!.background).toMatchObject({ colour: "#111111", to: "#222222" });
  expect(scene!.layers).toMatchObject([{ fill: "#010203" }]);
});

test.each([
  ["cake.webp", {}, "cake.webp"],
  ["gone.webp", {}, undefined],
  ["music.m4a", {}, undefined],
  [{ name: "{{product}}.webp", fallback: "cake.webp" }, { product: "van" }, "van.webp"],
  [{ name: "{{product}}.webp", fallback: "cake.webp" }, { product: "Vän" }, "Van.webp".toLowerCase()],
  [{ name: "{{product}}.webp", fallback: "cake.webp" }, { product: "ship" }, "cake.webp"],
  [{ name: "{{product|van}}.webp" }, {}, "van.webp"],
  [{ name: "{{product}}.webp" }, { product: "../../van" }, undefined],
  [{ name: "{{product}}" }, { product: "constructor" }, undefined],
])("the image %j of %j is %s", (asset, values, expected) => {
  const names = ["cake.webp", "van.webp", "music.m4a"];
  const layers = [{ kind: "image" as const, asset, box: BOX }];
  const shown = film({ scenes: [buildScene({ layers, background: { asset } })] }, values, names).scenes[0]!;
  const sha256 = expected === undefined ? undefined : buildAsset(expected).sha256;
  expect(shown.background.asset?.sha256).toBe(sha256);
  expect(shown.layers.map((layer) => layer.kind === "image" && layer.asset.sha256)).toEqual(
    sha256 === undefined ? [] : [sha256],
  );
});

test("music lies under the whole film, a scene's sound under its scene", () => {
  const { sounds } = film(
    {
      music: { asset: "loop.m4a", fadeOutMs: 9_000 },
      scenes: [
        buildScene({ name: "one", audio: { asset: "voice.m4a" } }),
        buildScene({ durationMs: 1_000, audio: { asset: "voice.m4a", volume: 0.5 } }),
        buildScene({ name: "mute", audio: { asset: "gone.m4a" } }),
      ],
    },
    {},
    ["loop.m4a", "voice.m4a"],
  );
  expect(
    sounds.map(({ fromMs, untilMs, volume, loop, fadeOutMs }) => [fromMs, untilMs, volume, loop, fadeOutMs]),
  ).toEqual([
    [0, 9_000, 0.5, true, 9_000],
    [0, 1_500, 1, false, 0],
    [4_000, 5_000, 0.5, false, 0],
  ]);
});

test("chapters and captions stand where their scenes do", () => {
  const { chapters, captions } = film(
    {
      scenes: [
        buildScene({ name: "one", chapter: "For {{name}}", caption: "Hello {{name}}" }),
        buildScene({ chapter: "{{nothing}}", caption: { en: "Bye" } }),
      ],
    },
    { name: "Iris" },
  );
  expect(chapters).toEqual([{ atMs: 0, title: "For Iris" }]);
  expect(captions).toEqual([
    { fromMs: 0, untilMs: 4_000, text: "Hello Iris" },
    { fromMs: 4_000, untilMs: 8_000, text: "Bye" },
  ]);
});

test.each([
  [undefined, {}, 2_000],
  [{ scene: "two" }, { city: "Wien" }, 5_000],
  [{ scene: "two", atMs: 1_700 }, { city: "Wien" }, 5_700],
  [{ scene: "two", atMs: 60_000 }, { city: "Wien" }, 5_999],
  [{ scene: "two", atMs: 1_700 }, { city: "Graz" }, 2_000],
  [{ scene: "none" }, {}, 2_000],
])("the poster %j of %j is at %d ms", (poster, values, expected) => {
  const scenes = [buildScene(), buildScene({ name: "two", durationMs: 2_000, when: is("city", "Wien") })];
  expect(film({ ...(poster && { poster }), scenes }, values).posterMs).toBe(expected);
});

test("a button without a label or a proper address is left out", () => {
  const button = (name: string, label: string, url: string) => ({
    kind: "button" as const,
    name,
    label,
    url,
    box: BOX,
  });
  const layers = [
    button("go", "Go to {{city}}", "https://www.example.org/{{city}}"),
    button("no-label", "{{nothing}}", "https://www.example.org/"),
    button("script", "Go", "javascript:alert(1)"),
    button("elsewhere", "Go", "https://{{city}}/"),
  ];
  const shown = film({ scenes: [buildScene({ layers })] }, { city: "Wien & Graz" }).scenes[0]!.layers;
  expect(shown).toMatchObject([
    {
      kind: "button",
      name: "go",
      text: "Go to Wien & Graz",
      url: "https://www.example.org/Wien%20%26%20Graz",
      align: "centre",
    },
  ]);
});

test("whatever a row holds, there is a film, and nothing of it is undefined in words", () => {
  const scenes = [
    buildScene({ layers: [buildText("Hi {{a:title|you}}, {{b:date}} {{c:number}}{{d}}")], caption: "{{a}}" }),
  ];
  for (const value of [
    "",
    "\0",
    "undefined",
    "{{a}}",
    "<img src=x onerror=alert(1)>",
    "\u202E\u2066",
    "👨‍👩‍👧‍👦",
    "שלום",
    "x".repeat(10_000),
    "\uD800",
  ]) {
    const { scenes: shown } = film({ scenes }, { a: value, b: value, c: value, d: value });
    const [layer] = shown[0]!.layers;
    expect(layer).toMatchObject({ kind: "text" });
    if (value !== "undefined") expect(JSON.stringify(layer)).not.toContain("undefined");
  }
});
