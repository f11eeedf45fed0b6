import { BUTTON_INSET, type FilmLayer, layerStateAt, type TextStyle } from "@inlet/storyboard/film";
import { fontStack } from "../fonts/font-stack.ts";
import { make } from "../make.ts";
import { fitText } from "./fit-text.ts";
import type { Media } from "./media.ts";
import { safeAddress, safeColour } from "./safe-values.ts";

/** What the views of a film share. */
export interface StageTools {
  media: Media;
  /** Behind a button's words, for those who do not see where it leads. */
  newTab: string;
  onClick: (name: string) => void;
}

/** Of a size: what is blank over a line's letters, and under those that reach below it. */
const ABOVE = 0.2;
const BELOW = 0.1;

const SIDES = { top: "flex-start", middle: "center", bottom: "flex-end" } as const;

/** One layer of a scene. */
export class LayerView {
  readonly element: HTMLElement;
  /** What the layer needs to be there. */
  readonly picture: HTMLImageElement | undefined;
  readonly #layer: FilmLayer;
  readonly #words: HTMLElement | undefined;
  #shown = "";

  constructor(layer: FilmLayer, tools: StageTools) {
    this.#layer = layer;
    this.element = layer.kind === "button" ? linkOf(layer, tools) : make("div", "layer");
    const { style } = this.element;
    style.left = `${layer.box.x}px`;
    style.top = `${layer.box.y}px`;
    style.width = `${layer.box.width}px`;
    style.height = `${layer.box.height}px`;
    if ("radius" in layer) style.borderRadius = `${layer.radius}px`;
    if ("fill" in layer) style.background = safeColour(layer.fill);
    if (layer.kind === "image") {
      this.picture = tools.media.picture(layer.asset);
      this.picture.className = "picture";
      this.picture.style.objectFit = layer.fit;
      this.element.append(this.picture);
      style.overflow = "hidden";
    }
    if (layer.kind === "text" || layer.kind === "button") {
      this.#words = wordsOf(layer);
      if (layer.kind === "button") style.padding = `0 ${BUTTON_INSET * layer.box.height}px`;
      style.justifyContent = SIDES[layer.vertical];
      this.element.prepend(this.#words);
    }
    // The words are in the transcript; buttons speak for themselves.
    if (layer.kind === "text") this.element.setAttribute("aria-hidden", "true");
  }

  fit(): void {
    if (!this.#words || !("size" in this.#layer)) return;
    const { width, height } = this.#layer.box;
    const inset = this.#layer.kind === "button" ? 2 * BUTTON_INSET * height : 0;
    fitText(this.#words, this.#layer, { width: Math.max(1, width - inset), height });
  }

  /** What can be seen of a text's letters, or a button; undefined for what is neither, or not seen. */
  get words(): DOMRect | undefined {
    if (this.#words === undefined || this.element.style.visibility === "hidden") return undefined;
    if (this.#layer.kind === "button") return this.element.getBoundingClientRect();
    const range = document.createRange();
    range.selectNodeContents(this.#words);
    const { left, top, width, bottom } = range.getBoundingClientRect();
    if (width === 0) return undefined;
    const box = this.#words.getBoundingClientRect();
    const letter = (Number.parseFloat(this.#words.style.fontSize) * box.height) / this.#words.offsetHeight;
    // Of lines that are too many those that are cut off are not seen.
    const height = Math.min(bottom, box.bottom) - top;
    return new DOMRect(left, top + ABOVE * letter, width, height - (ABOVE + BELOW) * letter);
  }

  show(atMs: number): void {
    const { visible, opacity, dx, dy, scale } = layerStateAt(this.#layer, atMs);
    this.#set(visible, opacity, dx, dy, scale);
  }

  /** As a poster shows it: all motion over, what is still to come there already. */
  rest(atMs: number): void {
    this.#set(this.#layer.untilMs > atMs, this.#layer.opacity, 0, 0, 1);
  }

  #set(visible: boolean, opacity: number, dx: number, dy: number, scale: number): void {
    const transform = dx === 0 && dy === 0 && scale === 1 ? "none" : `translate(${dx}px, ${dy}px) scale(${scale})`;
    const shown = `${visible} ${opacity} ${transform}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    const { style } = this.element;
    style.visibility = visible ? "inherit" : "hidden";
    style.opacity = String(opacity);
    style.transform = transform;
    // What moves is drawn once and moved; what is at rest is drawn sharp.
    style.willChange = transform === "none" ? "auto" : "transform";
  }
}

function linkOf({ name, url }: FilmLayer & { kind: "button" }, { newTab, onClick }: StageTools): HTMLElement {
  const link = make("a", "layer button", { target: "_blank", rel: "noopener noreferrer" }, [
    make("span", "unseen", {}, [` (${newTab})`]),
  ]);
  const address = safeAddress(url);
  if (address !== undefined) link.href = address;
  link.addEventListener("click", () => onClick(name));
  return link;
}

function wordsOf({ text, font, bold, colour, align, direction }: TextStyle & { text: string }): HTMLElement {
  const words = make("span", "words", { dir: direction }, [text]);
  const { style } = words;
  style.fontFamily = fontStack(font);
  style.fontWeight = bold ? "700" : "400";
  style.color = safeColour(colour);
  style.textAlign = align === "centre" ? "center" : align;
  return words;
}
