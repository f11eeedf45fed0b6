import type { Layer, Scene } from "@inlet/contracts";
import type { FilmLayer, TextStyle } from "../film/film.ts";
import type { Direction } from "../words/direction.ts";
import type { ValueLimits } from "../words/merge.ts";
import type { Resolving } from "./resolving.ts";

const IN_TEXT: ValueLimits = { maxCharacters: 120, lines: false };
const ON_BUTTON: ValueLimits = { maxCharacters: 40, lines: false };

/** The layers of a scene that are shown for a row. One without words, asset, address or time is left out. */
export function filmLayers(scene: Scene, sceneFromMs: number, resolving: Resolving): FilmLayer[] {
  return scene.layers.flatMap((layer) => {
    const untilMs = Math.min(layer.untilMs ?? scene.durationMs, scene.durationMs);
    if (layer.fromMs >= untilMs || (layer.when !== undefined && !resolving.holds(layer.when))) return [];
    const shown = filmLayer(layer, resolving);
    if (shown === undefined) return [];
    const { opacity } = layer;
    const place = scene.mirror && resolving.direction === "rtl" ? mirrored(layer, resolving.width) : placeOf(layer);
    return [{ ...shown, ...place, opacity, fromMs: sceneFromMs + layer.fromMs, untilMs: sceneFromMs + untilMs }];
  });
}

type Place = Pick<Layer, "box" | "enter" | "leave">;

const placeOf = ({ box, enter, leave }: Place): Place => ({ box, enter, leave });

/** The place on a stage of this width as a looking-glass shows it; what slides to the left slides to the right. */
function mirrored({ box, enter, leave }: Place, width: number): Place {
  return { box: { ...box, x: width - box.x - box.width }, enter: turned(enter), leave: turned(leave) };
}

function turned(motion: Layer["enter"]): Layer["enter"] {
  if (motion.kind === "slide_left") return { ...motion, kind: "slide_right" };
  return motion.kind === "slide_right" ? { ...motion, kind: "slide_left" } : motion;
}

type Common = "box" | "enter" | "leave" | "opacity" | "fromMs" | "untilMs";
type Without<T> = T extends unknown ? Omit<T, Common> : never;

function filmLayer(layer: Layer, resolving: Resolving): Without<FilmLayer> | undefined {
  const { paint, words } = resolving;
  switch (layer.kind) {
    case "text": {
      const { text, direction } = words(layer.text, IN_TEXT);
      return text === "" ? undefined : { kind: "text", text, ...styleOf(layer, direction, resolving) };
    }
    case "image": {
      const asset = resolving.asset(layer.asset, ["image"]);
      return asset && { kind: "image", asset, fit: layer.fit, radius: layer.radius };
    }
    case "shape":
      return { kind: "shape", fill: paint(layer.colour), radius: layer.radius };
    case "button": {
      const { text, direction } = words(layer.label, ON_BUTTON);
      const url = resolving.url(layer.url);
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
  { paint, direction: ofFilm }: Resolving,
): TextStyle {
  // In a right-to-left film also a word in Latin letters begins on the right: it stands in line with the rest.
  const rightFirst = direction === "rtl" || ofFilm === "rtl";
  const side = align === "centre" ? "centre" : (align === "start") === rightFirst ? "right" : "left";
  return { font, size, bold, colour: paint(colour), align: side, vertical, direction };
}
