import type { Box, Film } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import type { PlayerWords } from "../words/player-words.ts";
import { setText } from "./controls.ts";
import { IconButton } from "./icon-button.ts";
import { lengthText } from "./time-text.ts";

/** The play button's diameter, in CSS's pixels: for a finger at least, and no larger than a hand. */
const SMALLEST = 44;
const LARGEST = 112;
/** Of the length from the player's edges. */
const EDGE = 12;

/** What lies over a film that was not begun: the whole of it is the play button. */
export class Start {
  readonly element: HTMLElement;
  readonly button: IconButton;
  readonly #length = make("span", "length", { "aria-hidden": "true" });

  /** @param poster address of a picture, instead of the film's own moment */
  constructor(words: PlayerWords, poster: string | undefined, onPress: () => void) {
    this.button = new IconButton("start", "k Space", onPress);
    this.button.show("play", words.play);
    this.element = make("div", "", {}, [this.button.element, this.#length]);
    if (poster !== undefined) this.element.prepend(make("img", "poster", { src: poster, alt: "" }));
  }

  setFilm({ durationMs }: Film): void {
    setText(this.#length, lengthText(durationMs));
  }

  /**
   * Puts the button in its place, and the length in a corner where it covers neither that nor words. All in the player's own
   * pixels.
   */
  place(button: Box, words: readonly Box[], frame: Pick<Box, "width" | "height">): void {
    const size = Math.min(LARGEST, Math.max(SMALLEST, button.width));
    const centre = { x: button.x + button.width / 2, y: button.y + button.height / 2 };
    const { style } = this.button.element;
    style.setProperty("--x", `${centre.x}px`);
    style.setProperty("--y", `${centre.y}px`);
    style.setProperty("--size", `${size}px`);
    const taken = [...words, { x: centre.x - size / 2, y: centre.y - size / 2, width: size, height: size }];
    const { offsetWidth: width, offsetHeight: height } = this.#length;
    const [left, right, top, bottom] = [EDGE, frame.width - EDGE - width, EDGE, frame.height - EDGE - height];
    const corners = [
      [right, bottom],
      [right, top],
      [left, top],
      [left, bottom],
    ] as const;
    const isFree = ([x, y]: readonly [number, number]) => !taken.some((box) => meet(box, { x, y, width, height }));
    const [x, y] = corners.find(isFree) ?? corners[0];
    this.#length.style.translate = `${x}px ${y}px`;
  }
}

const meet = (one: Box, other: Box) =>
  one.x < other.x + other.width &&
  other.x < one.x + one.width &&
  one.y < other.y + other.height &&
  other.y < one.y + one.height;
