import { expect, test } from "vitest";
import { readFilm } from "./film-schema.ts";

const buildFilm = (layer: object = {}) => ({
  ...{ width: 720, height: 720, durationMs: 500, language: "en", direction: "ltr", surround: "#000000" },
  ...{ posterMs: 0, sounds: [], chapters: [], captions: [] },
  scenes: [
    {
      ...{ name: "one", fromMs: 0, untilMs: 500, transition: { kind: "cut", durationMs: 0 } },
      background: { colour: "#102030", fit: "cover", dim: 0, motion: "none" },
      layers: [
        {
          ...{ kind: "shape", fill: "#ffffff", radius: 0, fromMs: 0, untilMs: 500, opacity: 1 },
          ...{ box: { x: 1, y: 2, width: 3, height: 4 }, enter: { kind: "fade", durationMs: 100 } },
          ...{ leave: { kind: "none", durationMs: 0 }, ...layer },
        },
      ],
    },
  ],
});

test("a film comes through its table as it was", () => {
  expect(readFilm(JSON.parse(JSON.stringify(buildFilm())))).toEqual(buildFilm());
});

test.each([
  ["a number that is text", buildFilm({ box: { x: "0,drawtext=textfile=/etc/passwd", y: 0, width: 1, height: 1 } })],
  ["a number that is none", buildFilm({ opacity: null })],
  ["an asset that is a path", buildFilm({ kind: "image", fit: "cover", asset: { kind: "image", sha256: "../../x" } })],
  ["another size than any stage", { ...buildFilm(), width: 100_000 }],
  ["a gap between scenes", { ...buildFilm(), durationMs: 700 }],
  ["nothing", null],
])("refused without a word of what stands in it: %s", (_, film) => {
  expect(() => readFilm(film)).toThrow(/^The film is not as films are: [\w.]+ \(\w+\)/);
});
