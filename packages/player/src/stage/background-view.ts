import { backgroundScaleAt, type FilmScene } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import type { Media } from "./media.ts";
import { safeColour } from "./safe-values.ts";

/** By how much a video may be off while it plays before it is put right: a seek is seen. */
const DRIFT_MS = 250;
/** What a standing video may be off: less than a frame. */
const STILL_MS = 5;

/** What is behind a scene's layers. */
export class BackgroundView {
  readonly element: HTMLElement;
  readonly picture: HTMLImageElement | undefined;
  readonly video: HTMLVideoElement | undefined;
  readonly #scene: FilmScene;
  #scale = 0;

  constructor(scene: FilmScene, media: Media) {
    this.#scene = scene;
    const { colour, to, asset, fit, dim } = scene.background;
    this.element = make("div", "background");
    const { style } = this.element;
    style.backgroundColor = safeColour(colour);
    if (to !== undefined) style.backgroundImage = gradient(safeColour(colour), safeColour(to));
    if (asset?.kind === "image") this.picture = media.picture(asset);
    if (asset?.kind === "video") this.video = media.video(asset);
    const shown = this.picture ?? this.video;
    if (shown) {
      shown.className = "picture";
      shown.style.objectFit = fit;
      this.element.append(shown);
    }
    if (dim > 0) {
      const veil = make("div", "veil");
      veil.style.opacity = String(dim);
      this.element.append(veil);
    }
  }

  /** @param runs whether the film runs on from here */
  show(atMs: number, runs: boolean): void {
    this.#zoom(backgroundScaleAt(this.#scene, atMs));
    if (this.video) follow(this.video, atMs - this.#scene.fromMs, runs);
  }

  rest(): void {
    this.#zoom(1);
    this.stop();
  }

  stop(): void {
    this.video?.pause();
  }

  #zoom(scale: number): void {
    if (!this.picture || scale === this.#scale) return;
    this.#scale = scale;
    this.picture.style.transform = scale === 1 ? "none" : `scale(${scale})`;
  }
}

/** From the top left corner to the bottom right one, as it is at any ratio: lines of one colour go through the other two. */
const gradient = (from: string, to: string) => `linear-gradient(to bottom right, ${from}, ${to})`;

function follow(video: HTMLVideoElement, passedMs: number, runs: boolean): void {
  const lengthMs = video.duration * 1000;
  if (!(lengthMs > 0)) return;
  const wantedMs = passedMs % lengthMs;
  const offMs = Math.abs(video.currentTime * 1000 - wantedMs);
  // At the seam of a loop the one is at the end, the other at the begin.
  const driftMs = Math.min(offMs, lengthMs - offMs);
  if (!video.seeking && (runs ? driftMs > DRIFT_MS : offMs > STILL_MS)) video.currentTime = wantedMs / 1000;
  // A browser that lets no video run, to save power, shows its frames by seeking.
  if (runs && video.paused) void video.play().catch(() => {});
  if (!runs && !video.paused) video.pause();
}
