import { STAGES } from "@inlet/contracts";
import type { DraftLayer } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { layerTitle } from "./layer-words.ts";

/** What layers are called, in the language that is written now. */
export function useLayerTitle(): (layer: DraftLayer) => string {
  const { language, languages, storyboard } = useEditor();
  return (layer) => layerTitle(layer, { language, own: languages[0]!, stage: STAGES[storyboard.stage] });
}
