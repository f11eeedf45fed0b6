import type { Film } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import type { PlayerWords } from "../words/player-words.ts";
import { filled, lengthText, nowText, timeText } from "./time-text.ts";

export interface SeekBarOptions {
  words: PlayerWords;
  onSeek: (atMs: number) => void;
  /** Somebody holds the bar, or lets go of it. */
  onHold: (isHeld: boolean) => void;
}

/** Where the film is, and where it may be put. It runs from left to right in every language, as films do. */
export class SeekBar {
  readonly element: HTMLElement;
  readonly #track = make("div", "track");
  readonly #played = make("div", "played");
  readonly #thumb = make("div", "thumb");
  readonly #tip = make("div", "tip", { "aria-hidden": "true" });
  readonly #words: PlayerWords;
  #film: Film | undefined;
  #isHeld = false;
  #told = "";

  constructor({ words, onSeek, onHold }: SeekBarOptions) {
    this.#words = words;
    this.element = make(
      "div",
      "seek",
      {
        role: "slider",
        tabindex: "0",
        "aria-label": words.seek,
        "aria-valuemin": "0",
        "aria-orientation": "horizontal",
      },
      [this.#track, this.#thumb, this.#tip],
    );
    const { element } = this;
    element.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      element.setPointerCapture(event.pointerId);
      this.#isHeld = true;
      onHold(true);
      onSeek(this.#momentAt(event));
      this.#showTip(event);
    });
    element.addEventListener("pointermove", (event) => {
      this.#showTip(event);
      if (this.#isHeld) onSeek(this.#momentAt(event));
    });
    const release = () => {
      if (!this.#isHeld) return;
      this.#isHeld = false;
      onHold(false);
    };
    element.addEventListener("lostpointercapture", release);
    element.addEventListener("pointerup", release);
  }

  setFilm(film: Film): void {
    this.#film = film;
    this.#told = "";
    this.element.setAttribute("aria-valuemax", String(Math.round(film.durationMs / 1000)));
    const marks = film.chapters
      .filter(({ atMs }) => atMs > 0 && atMs < film.durationMs)
      .map(({ atMs }) => {
        const mark = make("div", "mark");
        mark.style.left = `${(atMs / film.durationMs) * 100}%`;
        return mark;
      });
    this.#track.replaceChildren(this.#played, ...marks);
  }

  update(atMs: number): void {
    const film = this.#film!;
    const share = Math.min(1, atMs / film.durationMs);
    this.#played.style.transform = `scaleX(${share})`;
    this.#thumb.style.left = `${share * 100}%`;
    const now = nowText(atMs, film.durationMs);
    const chapter = chapterAt(film, atMs);
    const told = `${now} ${chapter}`;
    if (told === this.#told) return;
    this.#told = told;
    const position = filled(this.#words.position, { now, all: lengthText(film.durationMs) });
    this.element.setAttribute(
      "aria-valuenow",
      String(atMs < film.durationMs ? Math.floor(atMs / 1000) : Math.round(atMs / 1000)),
    );
    this.element.setAttribute("aria-valuetext", chapter ? `${position}, ${chapter}` : position);
  }

  #momentAt(event: PointerEvent): number {
    const { left, width } = this.#track.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width)));
    return share * this.#film!.durationMs;
  }

  #showTip(event: PointerEvent): void {
    const atMs = this.#momentAt(event);
    const chapter = chapterAt(this.#film!, atMs);
    this.#tip.textContent = chapter ? `${timeText(atMs)} · ${chapter}` : timeText(atMs);
    const { left, width } = this.element.getBoundingClientRect();
    const half = this.#tip.offsetWidth / 2;
    this.#tip.style.left = `${Math.min(width - half, Math.max(half, event.clientX - left))}px`;
  }
}

/** The title of the chapter that a moment lies in, or nothing. */
export const chapterAt = ({ chapters }: Film, atMs: number): string =>
  chapters.findLast((chapter) => chapter.atMs <= atMs)?.title ?? "";
