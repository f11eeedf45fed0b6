import type { Film } from "@inlet/storyboard/film";
import { expect, test } from "vitest";
import { calmFilm } from "./calm-film.ts";

const motion = (kind: Film["scenes"][number]["layers"][number]["enter"]["kind"]) => ({ kind, durationMs: 400 });

test("what moves fades instead; what was still, or cut, is as it was", () => {
  const layer = { kind: "shape", box: { x: 0, y: 0, width: 1, height: 1 }, fromMs: 0, untilMs: 9, opacity: 1 } as const;
  const background = { colour: "#000000", to: undefined, asset: undefined, fit: "cover", dim: 0 } as const;
  const film = {
    scenes: [
      {
        background: { ...background, motion: "zoom_in" },
        transition: { kind: "wipe", durationMs: 300 },
        layers: [{ ...layer, fill: "#ffffff", radius: 0, enter: motion("pop"), leave: motion("none") }],
      },
      { background, transition: { kind: "cut", durationMs: 0 }, layers: [] },
    ],
  } as unknown as Film;
  const [first, second] = calmFilm(film).scenes;
  expect(first!.background.motion).toBe("none");
  expect(first!.transition).toEqual({ kind: "fade", durationMs: 300 });
  expect([first!.layers[0]!.enter, first!.layers[0]!.leave]).toEqual([motion("fade"), motion("none")]);
  expect(second!.transition.kind).toBe("cut");
});
