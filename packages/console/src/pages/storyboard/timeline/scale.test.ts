import type { Film } from "@inlet/storyboard";
import { expect, test } from "vitest";
import { filmMsOf, momentAt, momentOf, stripMsOf } from "./film-time.ts";
import { clockText, dropPlace, scaleOf, secondsText, snapped, ticksOf } from "./scale.ts";

test("a short film fills the room, and a long one is scrolled", () => {
  expect(scaleOf(10_000, 1_000)).toEqual({ pxPerMs: 0.1, widthPx: 1_000 });
  expect(scaleOf(300_000, 1_000).widthPx).toBe(4_200);
});

test("a ruler names round moments that stand apart", () => {
  expect(ticksOf(3_000, scaleOf(3_000, 300))).toEqual([0, 1_000, 2_000, 3_000]);
  expect(ticksOf(15_000, scaleOf(15_000, 800))).toHaveLength(16);
  expect(ticksOf(60_000, scaleOf(60_000, 800))[1]).toBe(5_000);
});

test("what is dragged keeps to marks that are near, else to round times", () => {
  const scale = { pxPerMs: 0.1 };
  expect(snapped(2_460, [2_500, 2_400], scale)).toBe(2_500);
  expect(snapped(2_260, [2_500], scale)).toBe(2_300);
});

test("a scene takes the place of the one whose middle it has passed", () => {
  const times = [
    { fromMs: 0, untilMs: 2_000 },
    { fromMs: 2_000, untilMs: 6_000 },
    { fromMs: 6_000, untilMs: 7_000 },
  ];
  expect(dropPlace(times, 0, 1_900)).toBe(0);
  expect(dropPlace(times, 0, 2_100)).toBe(1);
  expect(dropPlace(times, 0, 9_000)).toBe(2);
  expect(dropPlace(times, 2, -2_100)).toBe(1);
  expect(dropPlace(times, 2, -5_100)).toBe(0);
});

const scenes = [
  { name: "hello", durationMs: 2_000 },
  { name: "offer", durationMs: 3_000 },
  { name: "end", durationMs: 1_000 },
];
/** The offer does not play for this one. */
const film = {
  scenes: [
    { name: "hello", fromMs: 0, untilMs: 2_000 },
    { name: "end", fromMs: 2_000, untilMs: 3_000 },
  ],
} as unknown as Film;

test("a film's time and the storyboard's own are told apart where scenes do not play", () => {
  expect(momentOf(film, scenes, 2_400)).toEqual({ scene: 2, offsetMs: 400 });
  expect(stripMsOf(scenes, { scene: 2, offsetMs: 400 })).toBe(5_400);
  expect(momentAt(scenes, 5_400)).toEqual({ scene: 2, offsetMs: 400 });
  expect(filmMsOf(film, scenes, { scene: 2, offsetMs: 400 })).toBe(2_400);
  expect(filmMsOf(film, scenes, { scene: 1, offsetMs: 0 })).toBe(undefined);
  // At its very end a film shows its last scene.
  expect(momentOf(film, scenes, 3_000)).toEqual({ scene: 2, offsetMs: 1_000 });
  expect(filmMsOf(film, scenes, { scene: 0, offsetMs: 2_000 })).toBe(1_999);
});

test("times are written for people", () => {
  expect([2_500, 3_000, 250].map(secondsText)).toEqual(["2.5 s", "3 s", "0.25 s"]);
  expect([clockText(75_349), clockText(5_000), clockText(65_000, 0)]).toEqual(["1:15.3", "0:05.0", "1:05"]);
});
