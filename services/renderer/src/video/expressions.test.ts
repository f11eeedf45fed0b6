import { motionKindSchema } from "@inlet/contracts";
import { backgroundScaleAt, type FilmLayer, type FilmScene, layerStateAt } from "@inlet/storyboard";
import { expect, test } from "vitest";
import { backgroundScaleOf, CLOCK_AHEAD_S, fadesOf, offsetOf, scaleOf } from "./expressions.ts";
import { momentOf } from "./frames.ts";

/** ffmpeg's arithmetic is JavaScript's, as far as it is used. */
const evaluate = (expression: string, variables: { t?: number; on?: number }): number =>
  new Function("t", "on", "pow", "clip", `return ${expression}`)(
    variables.t,
    variables.on,
    Math.pow,
    (value: number, low: number, high: number) => Math.min(high, Math.max(low, value)),
  );

const KINDS = motionKindSchema.options;
const buildLayer = (overrides: Partial<FilmLayer> = {}) => ({
  ...{ fromMs: 130, untilMs: 1_710, opacity: 1, enter: { kind: "none", durationMs: 0 } as const },
  ...{ leave: { kind: "none", durationMs: 0 } as const, ...overrides },
});

test("the filters move and scale a layer as the player does, in every motion, also one longer than its layer", () => {
  for (const enter of KINDS) {
    for (const leave of KINDS) {
      for (const [comesMs, goesMs] of [
        [0, 0],
        [400, 250],
        [5_000, 5_000],
      ] as const) {
        const layer = buildLayer({
          enter: { kind: enter, durationMs: comesMs },
          leave: { kind: leave, durationMs: goesMs },
        });
        for (const atMs of [130, 200, 333, 700, 1_500, 1_700]) {
          const state = layerStateAt(layer, atMs);
          const t = atMs / 1000 + CLOCK_AHEAD_S;
          const told = `${enter} ${comesMs}, ${leave} ${goesMs} at ${atMs}`;
          expect(evaluate(`0${offsetOf(layer, "x")}`, { t }), told).toBeCloseTo(state.dx, 2);
          expect(evaluate(`0${offsetOf(layer, "y")}`, { t }), told).toBeCloseTo(state.dy, 2);
          expect(evaluate(scaleOf(layer) ?? "1", { t }), told).toBeCloseTo(state.scale, 4);
        }
      }
    }
  }
});

test("a layer fades as long as it comes and goes, and no filter is told a time below zero", () => {
  const layer = buildLayer({ enter: { kind: "fade", durationMs: 300 }, leave: { kind: "pop", durationMs: 5_000 } });
  expect(fadesOf(layer)).toBe(
    ",fade=type=in:start_time=10.13:duration=0.3:alpha=1,fade=type=out:start_time=6.71:duration=5:alpha=1",
  );
  expect(fadesOf(buildLayer({ enter: { kind: "slide_up", durationMs: 0 } }))).toBe("");
});

test("a background grows as the player's does, in every part of its scene", () => {
  for (const motion of ["zoom_in", "zoom_out"] as const) {
    const scene = { fromMs: 1_010, untilMs: 4_990, background: { motion } } as FilmScene;
    for (const [firstFrame, on] of [
      [31, 0],
      [31, 60],
      [90, 0],
      [90, 59],
    ] as const) {
      const scale = evaluate(backgroundScaleOf(scene, firstFrame)!, { on });
      expect(scale).toBeCloseTo(backgroundScaleAt(scene, momentOf(firstFrame + on)), 5);
    }
  }
});
