/**
 * What the player's controls are called, in one language. `{now}`, `{all}`, `{chapter}` and `{percent}` are filled in.
 */
export interface PlayerWords {
  /** BCP 47: the language of these words, which may be another one than the film's. */
  language: string;
  direction: "ltr" | "rtl";
  /** Of the whole. */
  player: string;
  play: string;
  pause: string;
  replay: string;
  seek: string;
  /** Such as `{now} of {all}`. */
  position: string;
  mute: string;
  unmute: string;
  volume: string;
  showCaptions: string;
  hideCaptions: string;
  fullScreen: string;
  leaveFullScreen: string;
  loading: string;
  /** Of the film's words as text, for those who do not see it. */
  transcript: string;
  /** Behind a button's own words. */
  newTab: string;
}
