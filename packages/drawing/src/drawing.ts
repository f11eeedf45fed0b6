import type { FilmAsset, FilmLayer, FilmScene } from "@inlet/storyboard/film";

/** Pixels, row by row from the top. */
export interface Picture {
  /** `rgb`: 3 bytes a pixel; `rgba`: 4, the colours not multiplied by alpha. */
  pixels: Buffer;
  format: "rgb" | "rgba";
  width: number;
  height: number;
}

/** A layer as it looks at rest, and where on the stage its first pixel lies. It may reach beyond its box and the stage. */
export interface DrawnLayer extends Picture {
  format: "rgba";
  left: number;
  top: number;
}

/** Where an asset's bytes are; undefined where they are not, or for a video of which there is no still: it is then left out. */
export type ReadAsset = (asset: FilmAsset) => Promise<Buffer | undefined>;

/** What all pictures of films are drawn by. What many of them show is decoded and drawn once, and kept within bounds. */
export interface Drawing {
  /**
   * Draws one layer without its motion and its opacity: `layerStateAt` says how it is to be moved, scaled and faded. `tight`
   * (the default) is no larger than what is visible; `centred` has its middle where the box has its own, so that scaling the
   * picture about its middle scales the layer. Undefined where there is nothing to see.
   */
  drawLayer(layer: FilmLayer, frame?: "tight" | "centred"): Promise<DrawnLayer | undefined>;
  /** Draws a background at rest: colour or gradient, picture, dimming. `rgb`. Its motion is a scaling about its middle. */
  drawBackground(background: FilmScene["background"], stage: { width: number; height: number }): Promise<Picture>;
  /**
   * Draws a moment of a film, `rgb`. `rest`: that moment's scene with all motion over and no transition, as a
   * poster shows it; layers that are still to come are there, those that have left are not. `exact`: as the player shows that moment.
   */
  drawMoment(film: DrawableFilm, atMs: number, how: "rest" | "exact"): Promise<Picture>;
  /** Draws a film's poster, `rgb`: its moment at rest; for e-mails with a play button, where that covers no words. */
  drawPoster(film: DrawableFilm & { posterMs: number }, options: { playButton: boolean }): Promise<Picture>;
}

/** What of a film is drawn. */
export interface DrawableFilm {
  width: number;
  height: number;
  durationMs: number;
  surround: string;
  scenes: readonly FilmScene[];
}
