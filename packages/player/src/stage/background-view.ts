import { backgroundScaleAt, type FilmScene } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import { BackgroundVideo } from "./background-video.ts";
import type { Media } from "./media.ts";
import { safeColour } from "./safe-values.ts";

/** What is behind a scene's layers. */
export class BackgroundView {
  readonly element: HTMLElement;
  readonly #picture: HTMLImageElement | undefined;
  readonly #video: BackgroundVideo | undefined;
  readonly #scene: FilmScene;
  #scale = 0;

  constructor(scene: FilmScene, media: Media) {
    this.#scene = scene;
    const { colour, to, asset, fit, dim } = scene.background;
    this.element = make("div", "background");
    const { style } = this.element;
    style.backgroundColor = safeColour(colour);
    if (to !== undefined) style.backgroundImage = gradient(safeColour(colour), safeColour(to));
    if (asset?.kind === "image") this.#picture = media.picture(asset);
    if (asset?.kind === "video") this.#video = new BackgroundVideo(media.video(asset));
    const shown = this.media;
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

  /** What it needs to be there. */
  get media(): HTMLImageElement | HTMLVideoElement | undefined {
    return this.#picture ?? this.#video?.element;
  }

  /** @param runs whether the film runs on from here */
  show(atMs: number, runs: boolean): void {
    this.#zoom(backgroundScaleAt(this.#scene, atMs));
    this.#video?.show(atMs - this.#scene.fromMs, runs);
  }

  rest(): void {
    this.#zoom(1);
    this.stop();
  }

  stop(): void {
    this.#video?.stop();
  }

  #zoom(scale: number): void {
    if (!this.#picture || scale === this.#scale) return;
    this.#scale = scale;
    this.#picture.style.transform = scale === 1 ? "none" : `scale(${scale})`;
  }
}

/** From the top left corner to the bottom right one, as it is at any ratio: lines of one colour go through the other two. */
const gradient = (from: string, to: string) => `linear-gradient(to bottom right, ${from}, ${to})`;
