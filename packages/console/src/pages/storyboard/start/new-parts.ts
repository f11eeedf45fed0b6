import { STAGES } from "@inlet/contracts";
import type { DraftLayer, DraftScene, LayerKind } from "../state/draft.ts";

export type StageName = keyof typeof STAGES;

/** Words, lengths and places of what is added, by the stage's size: good as it is, and soon changed. */
function placesOn(stage: StageName) {
  const { width, height } = STAGES[stage];
  const margin = Math.round(width * 0.08);
  return {
    ...{ width, height, margin },
    wide: width - 2 * margin,
    at: (share: number) => Math.round(height * share),
    large: stage === "landscape" ? 84 : 72,
    small: stage === "landscape" ? 40 : 36,
  };
}

/** A layer of a kind, in the middle of the stage. */
export function newLayer(kind: LayerKind, stage: StageName, asset?: string): DraftLayer {
  const { width, height, margin, wide, at, large } = placesOn(stage);
  switch (kind) {
    case "text":
      return {
        kind,
        text: "Your words",
        size: large,
        bold: true,
        align: "centre",
        box: { x: margin, y: at(0.4), width: wide, height: at(0.2) },
        enter: { kind: "slide_up" },
      };
    case "image": {
      const side = Math.round(Math.min(width, height) * 0.5);
      return {
        kind,
        asset: asset ?? "",
        box: { x: Math.round((width - side) / 2), y: Math.round((height - side) / 2), width: side, height: side },
        enter: { kind: "zoom" },
      };
    }
    case "shape":
      return {
        kind,
        colour: "accent",
        radius: 24,
        box: { x: margin, y: at(0.35), width: wide, height: at(0.3) },
      };
    case "button": {
      const buttonWidth = Math.min(wide, 460);
      return {
        kind,
        name: "open",
        label: "Find out more",
        url: "https://www.example.org/",
        size: 36,
        bold: true,
        align: "centre",
        box: { x: Math.round((width - buttonWidth) / 2), y: at(0.72), width: buttonWidth, height: 84 },
        enter: { kind: "pop" },
      };
    }
  }
}

export const SCENE_KINDS = ["title", "words", "button", "blank"] as const;
export type SceneKind = (typeof SCENE_KINDS)[number];

export const SCENE_WORDS: Readonly<Record<SceneKind, { label: string; description: string }>> = {
  title: { label: "A greeting", description: "One large line in the middle" },
  words: { label: "Words", description: "A heading and a text below it" },
  button: { label: "A call to action", description: "A line and a button to click" },
  blank: { label: "Empty", description: "Only a background" },
};

/** A scene of a kind. `column`: by what recipients are addressed, where the project has such a column. */
export function newScene(kind: SceneKind, stage: StageName, column?: string): DraftScene {
  const { margin, wide, at, large, small } = placesOn(stage);
  const hello = column === undefined ? "Hello!" : `Hello, {{${column}|you}}!`;
  const line = (text: string, y: number, height: number, over: object = {}): DraftLayer => ({
    kind: "text",
    text,
    size: large,
    bold: true,
    align: "centre",
    box: { x: margin, y: at(y), width: wide, height: at(height) },
    enter: { kind: "slide_up" },
    ...over,
  });
  switch (kind) {
    case "title":
      return { name: "hello", durationMs: 3_000, layers: [line(hello, 0.36, 0.28)] };
    case "words":
      return {
        name: "words",
        durationMs: 4_000,
        background: { colour: "#14171f" },
        layers: [
          line("What is new", 0.26, 0.2),
          line("One or two lines that say why this matters.", 0.5, 0.22, { size: small, bold: false, fromMs: 400 }),
        ],
      };
    case "button":
      return {
        name: "call",
        durationMs: 4_000,
        background: { colour: "#14171f" },
        layers: [line("Shall we?", 0.3, 0.24), { ...newLayer("button", stage), fromMs: 500 } as DraftLayer],
      };
    case "blank":
      return { name: "scene", durationMs: 3_000 };
  }
}

/** How a storyboard of one's own begins: a greeting, words, and a button. */
export function blankDraft(title: string, stage: StageName, column?: string) {
  return {
    title,
    ...(stage !== "landscape" && { stage }),
    scenes: [newScene("title", stage, column), newScene("words", stage), newScene("button", stage)],
    samples: [{ name: "A usual name", values: column === undefined ? {} : { [column]: "Iris" } }],
  };
}

/** The column by which recipients are addressed, by its name. */
export const nameColumnOf = (columns: readonly { name: string }[]): string | undefined =>
  ["first_name", "firstname", "given_name", "name", "full_name"].find((each) =>
    columns.some(({ name }) => name.toLowerCase() === each),
  );
