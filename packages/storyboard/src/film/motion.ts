import type { FilmLayer, FilmMotion, FilmScene } from "./film.ts";

/** Where and how a layer is at a moment, over its own box. Scaled about the box's middle. */
export interface LayerState {
  visible: boolean;
  /** 0 to 1. */
  opacity: number;
  /** In the stage's pixels. */
  dx: number;
  dy: number;
  scale: number;
}

/** How far a slide comes from, in the stage's pixels. */
export const SLIDE_DISTANCE = 80;
/** What a zoom begins with, and a pop. */
export const ZOOM_FROM = 0.8;
export const POP_FROM = 0.5;
/** How much larger a background's slow zoom makes it over its scene. */
export const BACKGROUND_ZOOM = 0.12;

const HIDDEN: LayerState = { visible: false, opacity: 0, dx: 0, dy: 0, scale: 1 };

/** The state of a layer at `atMs` of the film. The renderer's filters compute the same by expressions. */
export function layerStateAt(
  layer: Pick<FilmLayer, "fromMs" | "untilMs" | "enter" | "leave" | "opacity">,
  atMs: number,
): LayerState {
  if (atMs < layer.fromMs || atMs >= layer.untilMs) return HIDDEN;
  const entered = share(atMs - layer.fromMs, layer.enter.durationMs);
  const left = share(atMs - (layer.untilMs - layer.leave.durationMs), layer.leave.durationMs);
  const coming = away(layer.enter, 1 - easeOut(entered), entered);
  const going = left <= 0 ? AT_REST : away(mirrored(layer.leave), easeIn(left), 1 - left);
  return {
    visible: true,
    opacity: layer.opacity * coming.opacity * going.opacity,
    dx: coming.dx + going.dx,
    dy: coming.dy + going.dy,
    scale: coming.scale * going.scale,
  };
}

/** How far a scene's transition is, 0 to 1, linear; 1 when it is over, or there is none. */
export function transitionAt({ fromMs, transition }: Pick<FilmScene, "fromMs" | "transition">, atMs: number): number {
  if (transition.kind === "cut" || transition.durationMs === 0) return 1;
  return Math.min(1, Math.max(0, (atMs - fromMs) / transition.durationMs));
}

/** The scale of a background that moves slowly, linear over the scene. */
export function backgroundScaleAt(
  { fromMs, untilMs, background }: Pick<FilmScene, "fromMs" | "untilMs" | "background">,
  atMs: number,
): number {
  const part = Math.min(1, Math.max(0, (atMs - fromMs) / (untilMs - fromMs)));
  if (background.motion === "zoom_in") return 1 + BACKGROUND_ZOOM * part;
  return background.motion === "zoom_out" ? 1 + BACKGROUND_ZOOM * (1 - part) : 1;
}

type Offset = Omit<LayerState, "visible">;
const AT_REST: Offset = { opacity: 1, dx: 0, dy: 0, scale: 1 };

/** A state on the way: `distance` 1 is where the motion begins, 0 is at rest. `shown` is the linear share of the way. */
function away({ kind }: FilmMotion, distance: number, shown: number): Offset {
  const opacity = Math.min(1, Math.max(0, kind === "none" ? 1 : shown));
  switch (kind) {
    case "none":
    case "fade":
      return { ...AT_REST, opacity };
    case "slide_up":
      return { ...AT_REST, opacity, dy: SLIDE_DISTANCE * distance };
    case "slide_down":
      return { ...AT_REST, opacity, dy: -SLIDE_DISTANCE * distance };
    case "slide_left":
      return { ...AT_REST, opacity, dx: SLIDE_DISTANCE * distance };
    case "slide_right":
      return { ...AT_REST, opacity, dx: -SLIDE_DISTANCE * distance };
    case "zoom":
      return { ...AT_REST, opacity, scale: 1 - (1 - ZOOM_FROM) * distance };
    case "pop":
      return { ...AT_REST, opacity, scale: 1 - (1 - POP_FROM) * distance };
  }
}

/** What leaves by `slide_up` goes on upwards: away from rest in the direction of its name. */
function mirrored(motion: FilmMotion): FilmMotion {
  const OPPOSITE = {
    slide_up: "slide_down",
    slide_down: "slide_up",
    slide_left: "slide_right",
    slide_right: "slide_left",
  } as const;
  const { kind } = motion;
  return kind in OPPOSITE ? { ...motion, kind: OPPOSITE[kind as keyof typeof OPPOSITE] } : motion;
}

const share = (passedMs: number, durationMs: number) =>
  durationMs === 0 ? (passedMs >= 0 ? 1 : 0) : Math.min(1, Math.max(0, passedMs / durationMs));
const easeOut = (part: number) => 1 - (1 - part) ** 3;
const easeIn = (part: number) => part ** 3;
