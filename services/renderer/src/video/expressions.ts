import {
  BACKGROUND_ZOOM,
  type FilmLayer,
  type FilmMotion,
  type FilmScene,
  POP_FROM,
  SLIDE_DISTANCE,
  ZOOM_FROM,
} from "@inlet/storyboard";
import { FRAME_RATE } from "./frames.ts";

/*
 * What `layerStateAt` and `backgroundScaleAt` of @inlet/storyboard say, as expressions of ffmpeg's filters. They hold numbers and
 * nothing else.
 */

/**
 * The filters' clock runs this far ahead of the film's, in seconds: a layer may have begun to leave before the film begins, and no
 * filter takes a time below zero. More than the longest motion.
 */
export const CLOCK_AHEAD_S = 10;

/** A number as ffmpeg reads it. */
export const numeral = (value: number): string => `${Number(value.toFixed(6))}`;

/** A moment of the film on the filters' clock. */
export const clockOf = (ms: number): string => numeral(ms / 1000 + CLOCK_AHEAD_S);

type Moved = Pick<FilmLayer, "fromMs" | "untilMs" | "enter" | "leave">;

/** How far a layer's coming still is from its end, eased out: 1 where it begins, 0 at rest. */
const coming = ({ fromMs, enter }: Moved) => `pow(1-${share(fromMs, enter.durationMs)},3)`;
/** How far its going is, eased in. */
const going = ({ untilMs, leave }: Moved) => `pow(${share(untilMs - leave.durationMs, leave.durationMs)},3)`;

const share = (fromMs: number, durationMs: number) => `clip((t-${clockOf(fromMs)})/${numeral(durationMs / 1000)},0,1)`;

const isMoving = ({ kind, durationMs }: FilmMotion) => kind !== "none" && durationMs > 0;

const SLIDES: Partial<Record<FilmMotion["kind"], { axis: "x" | "y"; sign: 1 | -1 }>> = {
  slide_up: { axis: "y", sign: 1 },
  slide_down: { axis: "y", sign: -1 },
  slide_left: { axis: "x", sign: 1 },
  slide_right: { axis: "x", sign: -1 },
};

/** How far a layer is from its place, such as `+80*pow(…)`; empty: never. */
export function offsetOf(layer: Moved, axis: "x" | "y"): string {
  const comes = isMoving(layer.enter) ? SLIDES[layer.enter.kind] : undefined;
  const goes = isMoving(layer.leave) ? SLIDES[layer.leave.kind] : undefined;
  const part = (slide: typeof comes, sign: 1 | -1, distance: string) =>
    slide?.axis === axis ? `${slide.sign * sign > 0 ? "+" : "-"}${SLIDE_DISTANCE}*${distance}` : "";
  // What leaves goes on in the direction of its name.
  return part(comes, 1, coming(layer)) + part(goes, -1, going(layer));
}

const SCALED_FROM: Partial<Record<FilmMotion["kind"], number>> = { zoom: ZOOM_FROM, pop: POP_FROM };

/** A layer's scale; undefined: it is never scaled. */
export function scaleOf(layer: Moved): string | undefined {
  const part = (motion: FilmMotion, distance: string) => {
    const from = isMoving(motion) ? SCALED_FROM[motion.kind] : undefined;
    return from === undefined ? [] : [`(1-${numeral(1 - from)}*${distance})`];
  };
  const factors = [...part(layer.enter, coming(layer)), ...part(layer.leave, going(layer))];
  return factors.length === 0 ? undefined : factors.join("*");
}

/** The filters that fade a layer in and out, each with a comma before it. */
export function fadesOf({ fromMs, untilMs, enter, leave }: Moved): string {
  const fade = (type: "in" | "out", atMs: number, { durationMs }: FilmMotion) =>
    `,fade=type=${type}:start_time=${clockOf(atMs)}:duration=${numeral(durationMs / 1000)}:alpha=1`;
  return (
    (isMoving(enter) ? fade("in", fromMs, enter) : "") +
    (isMoving(leave) ? fade("out", untilMs - leave.durationMs, leave) : "")
  );
}

/** A background's scale, by the number `on` of the filter's frame; undefined: it does not move. */
export function backgroundScaleOf(
  { fromMs, untilMs, background }: Pick<FilmScene, "fromMs" | "untilMs" | "background">,
  firstFrame: number,
): string | undefined {
  if (background.motion === "none") return undefined;
  const [from, frames] = [(fromMs * FRAME_RATE) / 1000, ((untilMs - fromMs) * FRAME_RATE) / 1000];
  const part = `clip((on+${numeral(firstFrame - from)})/${numeral(frames)},0,1)`;
  const grown = background.motion === "zoom_in" ? part : `(1-${part})`;
  return `(1+${numeral(BACKGROUND_ZOOM)}*${grown})`;
}
