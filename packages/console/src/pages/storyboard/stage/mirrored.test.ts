import { storyboardSchema } from "@inlet/contracts";
import { filmOf, rowOf } from "@inlet/storyboard";
import { expect, test } from "vitest";
import { isMirrored, mirroredBox } from "./mirrored.ts";

test("boxes lie where the film shows their layers, and are written as they lay", () => {
  const box = { x: 100, y: 40, width: 300, height: 60 };
  const layers = [{ kind: "text" as const, text: { en: "Hello", ar: "مرحبا" }, box }];
  const scenes = [{ name: "hello", durationMs: 1_000, mirror: true, layers }];
  for (const language of ["en", "ar"]) {
    const storyboard = storyboardSchema.parse({ title: "Spring", language: { default: language }, scenes });
    const film = filmOf(storyboard, rowOf({}), { assets: {} });
    const seen = isMirrored(scenes[0]!, film) ? mirroredBox(box, film.width) : box;
    expect(seen).toEqual(film.scenes[0]!.layers[0]!.box);
    expect(isMirrored({ ...scenes[0]!, mirror: false }, film)).toBe(false);
  }
  expect(mirroredBox(mirroredBox(box, 1_280), 1_280)).toEqual(box);
});
