import { expect, test } from "vitest";
import type { Draft } from "../state/draft.ts";
import { settledMs } from "./settled.ts";

const box = { x: 0, y: 0, width: 10, height: 10 };
const draft: Draft = {
  title: "Spring",
  scenes: [
    { name: "hello", durationMs: 2_000 },
    {
      name: "offer",
      durationMs: 3_000,
      transition: { durationMs: 800 },
      layers: [
        { kind: "text", text: "One", box },
        { kind: "text", text: "Two", box, fromMs: 1_000, untilMs: 2_000, enter: { durationMs: 300 } },
      ],
    },
  ],
};

test("a scene is shown when all of it has come", () => {
  expect(settledMs(draft, { scene: 1 }, { scene: 0, offsetMs: 0 })).toBe(1_300);
  expect(settledMs(draft, { scene: 0 }, { scene: 1, offsetMs: 0 })).toBe(0);
});

test("a layer is shown when it has come, and what is seen already stays as it is", () => {
  expect(settledMs(draft, { scene: 1, layer: 1 }, { scene: 1, offsetMs: 200 })).toBe(1_300);
  expect(settledMs(draft, { scene: 1, layer: 1 }, { scene: 1, offsetMs: 1_700 })).toBe(undefined);
  expect(settledMs(draft, { scene: 1 }, { scene: 1, offsetMs: 10 })).toBe(undefined);
});
