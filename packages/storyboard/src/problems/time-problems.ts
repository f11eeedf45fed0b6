import { MAX_FILM_MS, type Scene, STAGES, type Storyboard } from "@inlet/contracts";
import { SLIDE_DISTANCE } from "../film/motion.ts";
import { error, type StoryboardProblem, seconds, warning } from "./problem.ts";
import { always } from "./reach-problems.ts";

/** Times that do not fit into each other, and layers that stand where nobody sees them. */
export function timeProblems(storyboard: Storyboard): StoryboardProblem[] {
  const { scenes } = storyboard;
  const stage = STAGES[storyboard.stage];
  return [
    ...lengthProblems(storyboard),
    ...scenes.flatMap((scene, index) => [
      ...transitionProblems(scene, index),
      ...soundProblems(scene, index),
      ...scene.layers.flatMap((layer, at) => {
        const path = ["scenes", index, "layers", at];
        const problems = layerTimeProblems(layer, scene, path);
        const { x, y, width, height } = layer.box;
        const reach = SLIDE_DISTANCE;
        if (x > stage.width + reach || y > stage.height + reach || x + width < -reach || y + height < -reach) {
          problems.push(
            warning([...path, "box"], `The layer stands outside the stage of ${stage.width} × ${stage.height} pixels.`),
          );
        }
        return problems;
      }),
    ]),
  ];
}

function lengthProblems(storyboard: Storyboard): StoryboardProblem[] {
  const { scenes } = storyboard;
  const sum = (some: readonly Scene[]) => some.reduce((total, { durationMs }) => total + durationMs, 0);
  const [surely, atMost] = [sum(scenes.filter((scene) => always(scene, storyboard))), sum(scenes)];
  if (surely > MAX_FILM_MS) {
    return [error(["scenes"], `The film lasts ${seconds(surely)}; ${seconds(MAX_FILM_MS)} is the longest.`)];
  }
  if (atMost <= MAX_FILM_MS) return [];
  const message = `All scenes together last ${seconds(atMost)}. A row for which more than ${seconds(MAX_FILM_MS)} would play does not see the last of them.`;
  return [warning(["scenes"], message)];
}

function transitionProblems({ transition, durationMs }: Scene, index: number): StoryboardProblem[] {
  if (transition.kind === "cut" || transition.durationMs <= durationMs) return [];
  const path = ["scenes", index, "transition", "durationMs"];
  return [
    error(
      path,
      `The transition lasts longer (${seconds(transition.durationMs)}) than its scene (${seconds(durationMs)}).`,
    ),
  ];
}

function soundProblems({ audio, caption }: Scene, index: number): StoryboardProblem[] {
  if (audio === undefined || caption !== undefined) return [];
  const message = "The scene has sound and no caption; write down what is said or heard, for those who do not hear it.";
  return [warning(["scenes", index, "caption"], message)];
}

function layerTimeProblems(layer: Scene["layers"][number], { durationMs }: Scene, path: (string | number)[]) {
  const { fromMs, untilMs = durationMs, enter, leave } = layer;
  if (fromMs >= durationMs) {
    const message = `The layer begins at ${seconds(fromMs)}, when its scene of ${seconds(durationMs)} is over.`;
    return [error([...path, "fromMs"], message)];
  }
  if (untilMs <= fromMs) return [error([...path, "untilMs"], "The layer ends before it begins.")];
  const problems: StoryboardProblem[] = [];
  if (untilMs > durationMs) {
    const message = `The layer's time reaches beyond its scene, which ends at ${seconds(durationMs)}; it ends with the scene.`;
    problems.push(warning([...path, "untilMs"], message));
  }
  const shownMs = Math.min(untilMs, durationMs) - fromMs;
  const movesMs = timeOf(enter) + timeOf(leave);
  if (movesMs > shownMs) {
    const message = `Coming and going take ${seconds(movesMs)}, but the layer is shown for ${seconds(shownMs)} alone; it never stands still.`;
    problems.push(warning([...path, "enter"], message));
  }
  return problems;
}

const timeOf = ({ kind, durationMs }: { kind: string; durationMs: number }) => (kind === "none" ? 0 : durationMs);
