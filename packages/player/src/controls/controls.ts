import type { Film } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import type { PlayerWords } from "../words/player-words.ts";
import { IconButton } from "./icon-button.ts";
import { chapterAt, SeekBar } from "./seek-bar.ts";
import { filled, lengthText, nowText } from "./time-text.ts";

/** What a person can do. */
export interface Acts {
  toggle: () => void;
  seek: (atMs: number) => void;
  hold: (isHeld: boolean) => void;
  mute: (muted: boolean) => void;
  setVolume: (volume: number) => void;
  setCaptions: (shown: boolean) => void;
  fill: () => void;
}

/** What the controls show. */
export interface Shown {
  atMs: number;
  isPlaying: boolean;
  hasEnded: boolean;
  muted: boolean;
  volume: number;
  captions: boolean;
  isFilled: boolean;
}

/** The bar at the player's foot. */
export class Controls {
  readonly element: HTMLElement;
  readonly play: IconButton;
  readonly #sound: IconButton;
  readonly #captions: IconButton;
  readonly #fill: IconButton;
  readonly #volume: HTMLInputElement;
  readonly #soundGroup: HTMLElement;
  readonly #seek: SeekBar;
  readonly #time = make("span", "time");
  readonly #chapter = make("span", "chapter");
  readonly #words: PlayerWords;
  #film: Film | undefined;
  #shown: Shown | undefined;

  constructor(words: PlayerWords, acts: Acts) {
    this.#words = words;
    this.#seek = new SeekBar({ words, onSeek: acts.seek, onHold: acts.hold });
    this.play = new IconButton("control", "k Space", acts.toggle);
    this.#sound = new IconButton("control", "m", () => acts.mute(!this.#shown?.muted));
    this.#captions = new IconButton("control captions-control", "c", () => acts.setCaptions(!this.#shown?.captions));
    this.#fill = new IconButton("control", "f", acts.fill);
    this.#volume = make("input", "volume", { type: "range", min: "0", max: "100", "aria-label": words.volume });
    this.#volume.addEventListener("input", () => acts.setVolume(Number(this.#volume.value) / 100));
    this.#soundGroup = make("div", "sound", {}, [this.#sound.element, this.#volume]);
    const row = make("div", "row", {}, [
      this.play.element,
      this.#soundGroup,
      this.#time,
      this.#chapter,
      this.#captions.element,
      this.#fill.element,
    ]);
    this.element = make("div", "controls", {}, [this.#seek.element, row]);
  }

  setFilm(film: Film): void {
    this.#film = film;
    this.#shown = undefined;
    this.#seek.setFilm(film);
    this.#soundGroup.hidden = film.sounds.length === 0;
    this.#captions.element.hidden = film.captions.length === 0;
    this.#chapter.lang = film.language;
    this.#chapter.dir = film.direction;
  }

  update(shown: Shown): void {
    const film = this.#film!;
    const { atMs, isPlaying, hasEnded, muted, volume, captions, isFilled } = shown;
    const words = this.#words;
    this.#shown = shown;
    this.#seek.update(atMs);
    setText(
      this.#time,
      filled("{now} / {all}", { now: nowText(atMs, film.durationMs), all: lengthText(film.durationMs) }),
    );
    setText(this.#chapter, chapterAt(film, atMs));
    if (hasEnded) this.play.show("replay", words.replay, words.replay);
    else this.play.show(isPlaying ? "pause" : "play", isPlaying ? words.pause : words.play);
    const isSilent = muted || volume === 0;
    this.#sound.show(isSilent ? "muted" : "sound", isSilent ? words.unmute : words.mute);
    const percent = String(Math.round(isSilent ? 0 : volume * 100));
    if (this.#volume.value !== percent) this.#volume.value = percent;
    this.#volume.style.setProperty("--value", `${percent}%`);
    this.#captions.show("captions", captions ? words.hideCaptions : words.showCaptions);
    this.#captions.element.classList.toggle("on", captions);
    this.#fill.show(isFilled ? "leave" : "fill", isFilled ? words.leaveFullScreen : words.fullScreen);
  }
}

/** Writes only what differs: this is asked at each frame. */
export function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
