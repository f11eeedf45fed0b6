import type { FilmScene, ShownScene } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import { BackgroundView } from "./background-view.ts";
import { LayerView, type StageTools } from "./layer-view.ts";

/** One scene on the stage. */
export class SceneView {
  readonly element: HTMLElement;
  readonly #background: BackgroundView;
  readonly #layers: readonly LayerView[];
  readonly #tools: StageTools;

  constructor(scene: FilmScene, tools: StageTools) {
    this.#tools = tools;
    this.#background = new BackgroundView(scene, tools.media);
    this.#layers = scene.layers.map((layer) => new LayerView(layer, tools));
    this.element = make("div", "scene", {}, [this.#background.element, ...this.#layers.map(({ element }) => element)]);
  }

  /** Sets its words; once it stands in the page, and whenever fonts have come. */
  fit(): void {
    for (const layer of this.#layers) layer.fit();
  }

  show({ atMs, opacity, shift, covered }: ShownScene, runs: boolean): void {
    const { style } = this.element;
    style.visibility = "visible";
    style.opacity = String(opacity);
    style.transform = shift === 0 ? "none" : `translateX(${shift * 100}%)`;
    style.clipPath = covered === 0 ? "none" : `inset(0 0 0 ${covered * 100}%)`;
    this.#background.show(atMs, runs);
    for (const layer of this.#layers) layer.show(atMs);
  }

  rest(atMs: number): void {
    const { style } = this.element;
    style.visibility = "visible";
    style.opacity = "1";
    style.transform = "none";
    style.clipPath = "none";
    this.#background.rest();
    for (const layer of this.#layers) layer.rest(atMs);
  }

  hide(): void {
    this.element.style.visibility = "hidden";
    this.#background.stop();
  }

  /** Whether all it shows is there. */
  get isThere(): boolean {
    return this.media.every((element) => this.#tools.media.isThere(element));
  }

  /** What can be seen of its words, and of its buttons. */
  get words(): DOMRect[] {
    return this.#layers.map(({ words }) => words).filter((each) => each !== undefined);
  }

  get media(): (HTMLImageElement | HTMLVideoElement)[] {
    return [this.#background.media, ...this.#layers.map(({ picture }) => picture)].filter(
      (element) => element !== undefined,
    );
  }
}
