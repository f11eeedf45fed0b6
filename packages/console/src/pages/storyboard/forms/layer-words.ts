import { IconClick, IconLetterT, IconPhoto, IconSquare, type TablerIcon } from "@tabler/icons-react";
import type { DraftLayer, LayerKind } from "../state/draft.ts";
import { wordsIn } from "../state/words.ts";
import { shapeWords } from "./shape-words.ts";

export const LAYER_ICONS: Readonly<Record<LayerKind, TablerIcon>> = {
  text: IconLetterT,
  image: IconPhoto,
  shape: IconSquare,
  button: IconClick,
};

export const LAYER_WORDS: Readonly<Record<LayerKind, string>> = {
  text: "Text",
  image: "Picture",
  shape: "Shape",
  button: "Button",
};

interface Titling {
  /** The language whose words are written, and the storyboard's own. */
  language: string;
  own: string;
  stage: { width: number; height: number };
}

/** What a layer is called in lists: what it says or shows, or how it looks. */
export function layerTitle(layer: DraftLayer, titling: Titling): string {
  const title = titleOf(layer, titling)
    .replaceAll(/\{\{\s*(\w+)[^}]*\}\}/g, "$1")
    .trim();
  return title === "" ? LAYER_WORDS[layer.kind] : title;
}

function titleOf(layer: DraftLayer, { language, own, stage }: Titling): string {
  switch (layer.kind) {
    case "text":
      return wordsIn(layer.text, language, own);
    case "button":
      return wordsIn(layer.label, language, own);
    case "image":
      return typeof layer.asset === "string" ? layer.asset : layer.asset.name;
    case "shape":
      return shapeWords(layer, stage);
  }
}
