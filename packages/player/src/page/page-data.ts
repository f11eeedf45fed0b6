import type { Film } from "@inlet/storyboard/film";
import type { PlayerWords } from "../words/player-words.ts";

/** Of `<script type="application/json">`, which holds a {@link PageFilm} with `<` written as `\u003c`. */
export const FILM_DATA_ID = "inlet-film";
/** Of the element that the player is put into. What it holds is for those without scripts. */
export const PLAYER_HOST_ID = "inlet-player";
/** On links of the page whose clicks are counted: their name, such as `page`. */
export const CLICK_ATTRIBUTE = "data-inlet-click";

/** What a page gives to the player's script. */
export interface PageFilm {
  film: Film;
  words: PlayerWords;
  /** Addresses of the film's assets by their sha256. */
  assets: Readonly<Record<string, string>>;
  poster?: string | undefined;
  autoplay?: boolean | undefined;
  captions?: boolean | undefined;
  /**
   * Where events go, as `PageEvent` of @inlet/contracts; absent: nowhere. The script draws `view` by chance for each time that
   * the page is opened, and keeps it in memory alone: so the page's bytes stay the same, and a 304 works.
   */
  events?: { url: string } | undefined;
}
