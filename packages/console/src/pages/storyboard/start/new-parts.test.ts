import { storyboardSchema } from "@inlet/contracts";
import { filmOf, rowOf, storyboardProblems } from "@inlet/storyboard";
import { expect, test } from "vitest";
import { linesOf } from "../stage/box.ts";
import type { DraftLayer } from "../state/draft.ts";
import { withSceneAdded } from "../state/scenes.ts";
import { inFreePlace } from "./free-place.ts";
import { blankDraft, nameColumnOf, newLayer, newScene, SCENE_KINDS } from "./new-parts.ts";

test.each(["landscape", "square", "portrait"] as const)(
  "whatever is added on a %s stage can be published at once",
  (stage) => {
    let draft = blankDraft("Spring", stage, "first_name") as ReturnType<typeof blankDraft> & { samples: [] };
    for (const kind of SCENE_KINDS) draft = withSceneAdded(draft, 0, newScene(kind, stage)) as typeof draft;
    const storyboard = storyboardSchema.parse(draft);
    const problems = storyboardProblems(storyboard, { columns: { contacts: ["first_name"] }, assets: {} });
    expect(problems.filter(({ severity }) => severity === "error")).toEqual([]);
    const film = filmOf(storyboard, rowOf({}), { assets: {} });
    expect(film.scenes.every(({ name, layers }) => name === "scene" || layers.length > 0)).toBe(true);
    expect(JSON.stringify(film)).toContain("Hello, you!");
  },
);

test("a new layer lies within the stage", () => {
  for (const kind of ["text", "image", "shape", "button"] as const) {
    const { box } = newLayer(kind, "portrait");
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(720);
    expect(box.y + box.height).toBeLessThanOrEqual(1_280);
  }
  expect(linesOf({ width: 720, height: 1_280 }, []).x).toContain(360);
});

test("a new layer covers no words while there is room", () => {
  const { layers = [] } = newScene("words", "landscape");
  const [first, second, third] = [1, 2, 3].reduce<DraftLayer[]>((before) => {
    return [...before, inFreePlace(newLayer("text", "landscape"), before, 720)];
  }, []);
  expect([first, second, third].map((layer) => layer?.box.y)).toEqual([288, 432, 144]);
  const { box } = inFreePlace(newLayer("text", "landscape"), layers, 720);
  expect(box.y).toBeGreaterThanOrEqual(layers[1]!.box.y + layers[1]!.box.height);
  expect(box.y + box.height).toBeLessThanOrEqual(684);
  const full = { ...newLayer("image", "landscape"), box: { x: 0, y: 0, width: 1_280, height: 720 } };
  expect(inFreePlace(newLayer("text", "landscape"), [full], 720).box.y).toBe(288);
});

test("recipients are addressed by the column that holds their name", () => {
  expect(nameColumnOf([{ name: "id" }, { name: "first_name" }])).toBe("first_name");
  expect(nameColumnOf([{ name: "sku" }])).toBe(undefined);
});
