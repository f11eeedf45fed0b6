import type { Layer, Scene } from "@inlet/contracts";
import type { FilmLayer, TextStyle } from "../film/film.ts";
import { compileCondition } from "../rules/compile-condition.ts";
import type { Direction } from "../words/direction.ts";
import type { ValueLimits } from "../words/merge.ts";
import { assetOf } from "./asset-of.ts";
import type { Resolving } from "./film-of.ts";
import { mergeUrl } from "./merge-url.ts";

const IN_TEXT: ValueLimits = { maxCharacters: 120, lines: false };
const ON_BUTTON: ValueLimits = { maxCharacters: 40, lines: false };

/** The layers of a scene that are shown for a row. One without words, asset, address or time is left out. */
export function filmLayers(scene: Scene, sceneFromMs: number, resolving: Resolving): FilmLayer[] {
  const { row } = resolving.merging;
  return scene.layers.flatMap((layer) => {
    const untilMs = Math.min(layer.untilMs ?? scene.durationMs, scene.durationMs);
    if (layer.fromMs >= untilMs || (layer.when !== undefined && !compileCondition(layer.when)(row))) return [];
    const shown = filmLayer(layer, resolving);
    if (shown === undefined) return [];
    const { box, enter, leave, opacity } = layer;
    return [
      { ...shown, box, enter, leave, opacity, fromMs: sceneFromMs + layer.fromMs, untilMs: sceneFromMs + untilMs },
    ];
  });
}

type Common = "box" | "enter" | "leave" | "opacity" | "fromMs" | "untilMs";
type Without<T> = T extends unknown ? Omit<T, Common> : never;

function filmLayer(layer: Layer, resolving: Resolving): Without<FilmLayer> | undefined {
  const { paint, words, assets, merging } = resolving;
  switch (layer.kind) {
    case "text": {
      const { text, direction } = words(layer.text, IN_TEXT);
      return text === "" ? undefined : { kind: "text", text, ...styleOf(layer, direction, resolving) };
    }
    case "image": {
      const asset = assetOf(layer.asset, ["image"], assets, merging);
      return asset && { kind: "image", asset, fit: layer.fit, radius: layer.radius };
    }
    case "shape":
      return { kind: "shape", fill: paint(layer.colour), radius: layer.radius };
    case "button": {
      const { text, direction } = words(layer.label, ON_BUTTON);
      const url = mergeUrl(layer.url, merging);
      if (text === "" || url === undefined) return undefined;
      const { name, radius } = layer;
      const fill = paint(layer.background);
      return { kind: "button", name, text, url, fill, radius, ...styleOf(layer, direction, resolving) };
    }
  }
}

function styleOf(
  { font, size, bold, colour, align, vertical }: Extract<Layer, { kind: "text" | "button" }>,
  direction: Direction,
  { paint, merging }: Resolving,
): TextStyle {
  // In a right-to-left film also a word in Latin letters begins on the right: it stands in line with the rest.
  const rightFirst = direction === "rtl" || merging.direction === "rtl";
  const side = align === "centre" ? "centre" : (align === "start") === rightFirst ? "right" : "left";
  return { font, size, bold, colour: paint(colour), align: side, vertical, direction };
}
