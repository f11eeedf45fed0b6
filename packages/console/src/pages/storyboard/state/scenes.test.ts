import { expect, test } from "vitest";
import type { Draft, DraftLayer } from "./draft.ts";
import { withinDraft } from "./draft.ts";
import { layerTimes, shifted, trimmed, withLayerCopied, withLayerMoved } from "./layers.ts";
import {
  freshName,
  sceneTimes,
  withDuration,
  withoutScene,
  withSceneAdded,
  withSceneCopied,
  withSceneMoved,
  withSceneRenamed,
} from "./scenes.ts";

const text = (over: Partial<DraftLayer> = {}): DraftLayer =>
  ({ kind: "text", text: "Hello", box: { x: 0, y: 0, width: 100, height: 50 }, ...over }) as DraftLayer;
const draft: Draft = {
  title: "Spring",
  poster: { scene: "offer", atMs: 500 },
  scenes: [
    { name: "hello", durationMs: 3_000, layers: [text(), text({ fromMs: 1_000, untilMs: 2_500 })] },
    { name: "offer", durationMs: 4_000 },
    { name: "end", durationMs: 2_000 },
  ],
};
const names = ({ scenes }: Draft) => scenes.map(({ name }) => name);

test("scenes are added, copied and moved, each under a name of its own", () => {
  expect(names(withSceneAdded(draft, 1, { name: "hello", durationMs: 1_000 }))).toEqual([
    "hello",
    "hello-2",
    "offer",
    "end",
  ]);
  expect(names(withSceneCopied(withSceneCopied(draft, 0), 1))).toEqual(["hello", "hello-2", "hello-3", "offer", "end"]);
  expect(names(withSceneMoved(draft, 0, 2))).toEqual(["offer", "end", "hello"]);
  expect(withSceneMoved(draft, 0, 3)).toBe(draft);
  expect(freshName(["a", "a-2"], "a-2")).toBe("a-3");
});

test("the poster follows its scene's name, and goes with it", () => {
  expect(withSceneRenamed(draft, 1, "deal").poster).toEqual({ scene: "deal", atMs: 500 });
  expect(withSceneRenamed(draft, 0, "hi").poster?.scene).toBe("offer");
  expect(withoutScene(draft, 1).poster).toBe(undefined);
  expect(withoutScene(draft, 0).poster?.scene).toBe("offer");
});

test("the last scene stays", () => {
  const one: Draft = { title: "One", scenes: [{ name: "a", durationMs: 1_000 }] };
  expect(withoutScene(one, 0)).toBe(one);
});

test("a shorter scene ends its layers with it", () => {
  const { layers } = withDuration(draft.scenes[0]!, 1_000);
  expect(layers?.[1]).toEqual(text({ fromMs: 800 }));
  expect(withDuration(draft.scenes[0]!, 5_000).layers).toEqual(draft.scenes[0]!.layers);
});

test("a layer is shifted within its scene, and trimmed to what can be seen", () => {
  const layer = text({ fromMs: 1_000, untilMs: 2_500 });
  expect(layerTimes(shifted(layer, 2_000, 3_000), 3_000)).toEqual({ fromMs: 1_500, untilMs: 3_000 });
  expect(layerTimes(shifted(layer, -2_000, 3_000), 3_000)).toEqual({ fromMs: 0, untilMs: 1_500 });
  // What stays to the scene's end still does.
  expect(layerTimes(shifted(text({ fromMs: 1_000 }), 500, 3_000), 3_000)).toEqual({ fromMs: 1_500, untilMs: 3_000 });
  expect(layerTimes(shifted(text({ fromMs: 1_000 }), -5_000, 3_000), 3_000)).toEqual({ fromMs: 0, untilMs: 3_000 });
  expect(trimmed(layer, "from", 2_450, 3_000).fromMs).toBe(2_300);
  // What is shown to the end says no end.
  expect(trimmed(layer, "until", 9_000, 3_000)).toEqual(text({ fromMs: 1_000 }));
});

test("layers are copied aside and moved nearer", () => {
  expect(withLayerCopied(draft, 0, 0).scenes[0]!.layers?.[1]?.box).toEqual({ x: 24, y: 24, width: 100, height: 50 });
  expect(withLayerMoved(draft, 0, 0, 1).scenes[0]!.layers?.[0]?.fromMs).toBe(1_000);
});

test("times of scenes follow one another", () => {
  expect(sceneTimes(draft.scenes).at(-1)).toEqual({ fromMs: 7_000, untilMs: 9_000 });
});

test("a selection points at what is there", () => {
  expect(withinDraft(draft, { scene: 0, layer: 1 })).toEqual({ scene: 0, layer: 1 });
  expect(withinDraft(draft, { scene: 0, layer: 2 })).toEqual({ scene: 0 });
  expect(withinDraft(draft, { scene: 7, layer: 0 })).toEqual({ scene: 2 });
});
