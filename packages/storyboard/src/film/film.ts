import type { AssetKind, MotionKind } from "@inlet/contracts";

/**
 * A storyboard for one recipient: rules applied, words merged, colours and assets resolved, times counted from the film's
 * begin. The player plays it, the renderer renders it, the thumbnail is one moment of it. It holds nothing of the row but
 * what is shown. All times in milliseconds, all lengths in the stage's pixels.
 */
export interface Film {
  width: number;
  height: number;
  durationMs: number;
  /** BCP 47. */
  language: string;
  direction: "ltr" | "rtl";
  /** `#rrggbb`, behind the stage. */
  surround: string;
  /** In the order of play. Each begins where the one before it ends; its transition lies within its own first moments. */
  scenes: readonly FilmScene[];
  chapters: readonly { atMs: number; title: string }[];
  captions: readonly { fromMs: number; untilMs: number; text: string }[];
  sounds: readonly FilmSound[];
  /** The moment of the poster, all motion of its layers taken as over. */
  posterMs: number;
}

/** An asset as a film names it; where it is fetched from is the shower's business. */
export interface FilmAsset {
  kind: AssetKind;
  /** Hexadecimal, of its bytes. */
  sha256: string;
  width: number | null;
  height: number | null;
  durationMs: number | null;
}

export interface FilmScene {
  name: string;
  fromMs: number;
  untilMs: number;
  background: {
    colour: string;
    /** The gradient's other end, bottom right. */
    to: string | undefined;
    asset: FilmAsset | undefined;
    fit: "cover" | "contain";
    /** 0 to 1. */
    dim: number;
    motion: "none" | "zoom_in" | "zoom_out";
  };
  layers: readonly FilmLayer[];
  transition: { kind: "cut" | "fade" | "slide" | "wipe"; durationMs: number };
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface FilmMotion {
  kind: MotionKind;
  durationMs: number;
}

interface LayerBase {
  box: Box;
  fromMs: number;
  untilMs: number;
  enter: FilmMotion;
  leave: FilmMotion;
  /** 0 to 1. */
  opacity: number;
}

/** How words are set. They are set smaller, in the steps of `TEXT_STEPS`, until they fit their box. */
export interface TextStyle {
  font: "sans" | "serif" | "display" | "mono";
  size: number;
  bold: boolean;
  /** `#rrggbb` */
  colour: string;
  /** Already turned for the text's direction. */
  align: "left" | "centre" | "right";
  vertical: "top" | "middle" | "bottom";
  direction: "ltr" | "rtl";
}

export type FilmLayer =
  | (LayerBase & TextStyle & { kind: "text"; text: string })
  | (LayerBase & { kind: "image"; asset: FilmAsset; fit: "contain" | "cover"; radius: number })
  | (LayerBase & { kind: "shape"; fill: string; radius: number })
  | (LayerBase & TextStyle & { kind: "button"; name: string; text: string; url: string; fill: string; radius: number });

/** A sound of the film. It begins again when it is shorter than its time and `loop` is set. */
export interface FilmSound {
  asset: FilmAsset;
  fromMs: number;
  untilMs: number;
  /** 0 to 1. */
  volume: number;
  loop: boolean;
  fadeOutMs: number;
}

/**
 * The shares of its size that words are set in until they fit: player and renderer try the same ones, in this order. A step
 * fits when no word is wider than the box and all lines together are not higher. Where none does, the last one is taken:
 * words are then broken anywhere (CSS: `overflow-wrap: anywhere`), and of lines that are too many those that fit stay, one at
 * least, the last of them with an ellipsis (`-webkit-line-clamp`). Blanks and line breaks count (`white-space: pre-wrap`);
 * advances are not rounded to pixels (`text-rendering: geometricPrecision`), letters are not spaced.
 */
export const TEXT_STEPS = [1, 0.92, 0.84, 0.76, 0.68, 0.6, 0.5] as const;
/** The distance of lines, as a share of the size. */
export const LINE_HEIGHT = 1.18;
/** What stays blank on both sides of a button's label, as a share of the button's height. The label is set in what is left. */
export const BUTTON_INSET = 0.25;
