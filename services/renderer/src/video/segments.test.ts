import type { FilmScene } from "@inlet/storyboard";
import { expect, test } from "vitest";
import { segmentsOf } from "./segments.ts";

const buildScene = (overrides: Partial<FilmScene>): FilmScene => ({
  ...{ name: "s", fromMs: 0, untilMs: 0, layers: [], transition: { kind: "cut", durationMs: 0 } },
  background: { colour: "#000000", to: undefined, asset: undefined, fit: "cover", dim: 0, motion: "none" },
  ...overrides,
});

test("stretches follow each other without a gap, and a transition is within its first one", () => {
  const scenes = [
    buildScene({ fromMs: 0, untilMs: 210 }),
    // Between two frames.
    buildScene({ fromMs: 210, untilMs: 220 }),
    buildScene({ fromMs: 220, untilMs: 20_330, transition: { kind: "slide", durationMs: 3_000 } }),
    buildScene({ fromMs: 20_330, untilMs: 21_000, transition: { kind: "cut", durationMs: 500 } }),
  ];
  const segments = segmentsOf({ scenes });
  expect(segments.map(({ firstFrame }) => firstFrame)).toEqual([0, ...segments.slice(0, -1).map((s) => s.endFrame)]);
  expect(segments.at(-1)!.endFrame).toBe(630);
  const long = segments.filter(({ scene }) => scene === scenes[2]);
  expect(long.length).toBeGreaterThan(3);
  expect(long.map(({ before }) => before)).toEqual([scenes[1], ...long.slice(1).map(() => undefined)]);
  expect(long[0]!.endFrame - long[0]!.firstFrame).toBeGreaterThan(90);
  expect(segments.at(-1)!.before).toBeUndefined();
});
