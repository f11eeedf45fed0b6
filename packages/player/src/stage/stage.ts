import { type Box, type Film, playButtonPlace, type ShownScene, shownScenesAt } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import type { StageTools } from "./layer-view.ts";
import { SceneView } from "./scene-view.ts";

/** How long before it is shown a scene is made ready. */
const AHEAD_MS = 10_000;
/** By how much a frame may be off a film's ratio and be filled all the same. */
const WHOLE_PIXEL = 1.5;

/** The film's scenes, in the stage's own pixels; those that are to be seen, and those that come next, are in the page. */
export class Stage {
  readonly element: HTMLElement;
  readonly #film: Film;
  readonly #tools: StageTools;
  readonly #views = new Map<number, SceneView>();
  #shown: readonly number[] = [];
  #place = { left: 0, top: 0, scale: 1 };

  constructor(film: Film, tools: StageTools) {
    this.#film = film;
    this.#tools = tools;
    this.element = make("div", "stage", { lang: film.language });
    this.element.style.width = `${film.width}px`;
    this.element.style.height = `${film.height}px`;
  }

  /** Shows a moment. @param runs whether the film runs on from here */
  show(atMs: number, runs: boolean): void {
    const scenes = shownScenesAt(this.#film, atMs);
    this.#hideAllBut(scenes.map(({ index }) => index));
    for (const [place, scene] of scenes.entries()) {
      const view = this.#view(scene.index);
      // The one on its way out stands still.
      view.show(scene, runs && place === scenes.length - 1);
    }
  }

  showPoster(): void {
    const index = posterSceneOf(this.#film);
    this.#hideAllBut([index]);
    if (this.#film.scenes[index]) this.#view(index).rest(this.#film.posterMs);
  }

  /** Begins to load what is shown soon. */
  prepare(atMs: number): void {
    for (const [index, { fromMs, untilMs }] of this.#film.scenes.entries()) {
      if (untilMs > atMs && fromMs < atMs + AHEAD_MS) this.#view(index);
    }
  }

  /** Whether all that is to be seen at a moment is there. */
  isThere(atMs: number): boolean {
    return shownScenesAt(this.#film, atMs).every(({ index }: ShownScene) => this.#view(index).isThere);
  }

  get isPosterThere(): boolean {
    return this.#views.get(posterSceneOf(this.#film))?.isThere ?? true;
  }

  /** The pictures that are to be seen. */
  get pictures(): HTMLImageElement[] {
    const media = this.#shown.flatMap((index) => this.#views.get(index)?.media ?? []);
    return media.filter((element) => element instanceof HTMLImageElement);
  }

  fit(): void {
    for (const view of this.#views.values()) view.fit();
  }

  /** Scales it into a frame, centred. Whether it fills that: a frame's sides are whole pixels, a film's ratio is none. */
  scaleInto(width: number, height: number): boolean {
    const scales = [width / this.#film.width, height / this.#film.height];
    const [contained, covering] = [Math.min(...scales), Math.max(...scales)];
    const fills = Math.max(this.#film.width, this.#film.height) * (covering - contained) < WHOLE_PIXEL;
    const scale = fills ? covering : contained;
    const left = (width - this.#film.width * scale) / 2;
    const top = (height - this.#film.height * scale) / 2;
    this.#place = { left, top, scale };
    this.element.style.transform = `translate(${left}px, ${top}px) scale(${scale})`;
    return fills;
  }

  /** Where the poster's words are, and where its play button stands, in the pixels of the frame that it was scaled into. */
  posterPlaces(): { words: Box[]; playButton: Box } {
    const { left, top, scale } = this.#place;
    const stage = this.element.getBoundingClientRect();
    const onStage = ({ left: x, top: y, width, height }: DOMRect): Box => ({
      x: (x - stage.left) / scale,
      y: (y - stage.top) / scale,
      width: width / scale,
      height: height / scale,
    });
    const words = this.#view(posterSceneOf(this.#film)).words.map(onStage);
    const inFrame = ({ x, y, width, height }: Box): Box => ({
      x: x * scale + left,
      y: y * scale + top,
      width: width * scale,
      height: height * scale,
    });
    return { words: words.map(inFrame), playButton: inFrame(playButtonPlace(this.#film, words)) };
  }

  #view(index: number): SceneView {
    let view = this.#views.get(index);
    if (view === undefined) {
      view = new SceneView(this.#film.scenes[index]!, this.#tools);
      view.hide();
      this.#views.set(index, view);
      // In the order of play: a transition lays the later scene over the earlier one.
      const next = [...this.#views.keys()].filter((other) => other > index).sort((one, other) => one - other)[0];
      this.element.insertBefore(view.element, next === undefined ? null : this.#views.get(next)!.element);
      view.fit();
    }
    return view;
  }

  #hideAllBut(shown: readonly number[]): void {
    for (const index of this.#shown) if (!shown.includes(index)) this.#views.get(index)?.hide();
    this.#shown = shown;
  }
}

/** The scene of a film's poster. */
const posterSceneOf = ({ scenes, posterMs }: Film): number =>
  Math.max(
    0,
    scenes.findLastIndex(({ fromMs }) => fromMs <= posterMs),
  );
