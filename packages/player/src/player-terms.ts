import type { Film, FilmAsset } from "@inlet/storyboard/film";
import type { PlayerWords } from "./words/player-words.ts";

/**
 * What became of the film, for counting. Each comes once for each time the film is played: a share of it was reached, by
 * playing or by a seek before playing on; `click`: a button of the film, by its name. A replay from its end begins anew.
 */
export type PlayerEvent =
  | { kind: "play" | "quarter" | "half" | "three_quarters" | "complete" }
  | { kind: "click"; detail: string };

export interface PlayerOptions {
  film: Film;
  /** Where the bytes of an asset are: an address of http(s), or one on this page's own server. Anything else is not fetched. */
  assetUrl: (asset: FilmAsset) => string;
  /** What the controls are called: `playerWords(language)` of @inlet/player/words. */
  words: PlayerWords;
  /** Address of a picture until the film begins. Absent: the film's own moment, drawn by the player. */
  poster?: string | undefined;
  onEvent?: ((event: PlayerEvent) => void) | undefined;
  /** Begins by itself, without sound. Not where less motion is wished for. */
  autoplay?: boolean | undefined;
  /** Whether captions are shown at first. */
  captions?: boolean | undefined;
  /** `playing`: only while it plays, so that an editor sees all of a film that stands still. Default: always, once it was begun. */
  controls?: "always" | "playing" | undefined;
}

/** A film in a page. It fills its host's width, at the film's ratio; a host of a lower height letterboxes it. */
export interface Player {
  /** From the begin where it is at its end. */
  play: () => void;
  pause: () => void;
  /** Shows that very moment. Milliseconds from the film's begin; beyond either end: that end. */
  seek: (atMs: number) => void;
  readonly currentMs: number;
  readonly isPlaying: boolean;
  /** Shows another film at the same place, for an editor: what is loaded already is kept, nothing is counted again. */
  setFilm: (film: Film) => void;
  /** Once the moment shown is there whole: its fonts, pictures and the very frame of its video. What cannot be loaded is not waited for. */
  settled: () => Promise<void>;
  /** Ends all and empties the host. */
  close: () => void;
}

/** Puts a film into an element of a page. What the element held, such as a picture for those without scripts, is replaced. */
export type OpenPlayer = (host: HTMLElement, options: PlayerOptions) => Player;
