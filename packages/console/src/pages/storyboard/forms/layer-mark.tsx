import type { DraftLayer } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import classes from "./layer-mark.module.css";
import { LAYER_ICONS } from "./layer-words.ts";

/** By what a layer is told from others in a list: a shape by its colour, others by their kind. */
export function LayerMark({ layer }: { layer: DraftLayer }) {
  const { storyboard } = useEditor();
  const { colour: brand, accent } = storyboard.brand;
  if (layer.kind !== "shape") {
    const Icon = LAYER_ICONS[layer.kind];
    return <Icon size={15} stroke={1.7} aria-hidden />;
  }
  const { colour } = layer;
  const paint = colour === "brand" ? brand : colour === "accent" ? accent : colour;
  return <span className={classes.swatch} style={{ backgroundColor: paint }} aria-hidden />;
}
