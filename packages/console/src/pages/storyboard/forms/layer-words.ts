import { IconClick, IconLetterT, IconPhoto, IconSquare, type TablerIcon } from "@tabler/icons-react";
import type { DraftLayer, LayerKind } from "../state/draft.ts";
import { wordsIn } from "../state/words.ts";

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

/** What a layer is called in lists: what it says or shows. */
export function layerTitle(layer: DraftLayer, language: string, own: string): string {
  const title = titleOf(layer, language, own)
    .replaceAll(/\{\{\s*(\w+)[^}]*\}\}/g, "$1")
    .trim();
  return title === "" ? LAYER_WORDS[layer.kind] : title;
}

function titleOf(layer: DraftLayer, language: string, own: string): string {
  switch (layer.kind) {
    case "text":
      return wordsIn(layer.text, language, own);
    case "button":
      return wordsIn(layer.label, language, own);
    case "image":
      return typeof layer.asset === "string" ? layer.asset : layer.asset.name;
    case "shape":
      return "";
  }
}
