import type { Film, FilmSound } from "@inlet/storyboard/film";
import type { Media } from "../stage/media.ts";

/** By how much a sound may be off before it is put right: a seek is heard. */
const DRIFT_MS = 200;
/** How long before it is heard a sound is loaded. */
const AHEAD_MS = 15_000;

export interface Loudness {
  /** Then nothing plays, and nothing is waited for: browsers let no sound begin by itself, not even a silent one. */
  muted: boolean;
  /** 0 to 1. */
  volume: number;
}

/** The sounds of a film, kept in step with its clock. Nothing is loaded before the film is played. */
export class SoundTrack {
  readonly #media: Media;
  readonly #sounds: readonly FilmSound[];
  readonly #elements = new Map<FilmSound, HTMLAudioElement>();
  readonly #onBlocked: () => void;
  #isUnlocked = false;

  /** @param onBlocked the browser lets nothing sound before a person does something */
  constructor(film: Film, media: Media, onBlocked: () => void) {
    this.#media = media;
    this.#sounds = film.sounds;
    this.#onBlocked = onBlocked;
  }

  get hasSounds(): boolean {
    return this.#sounds.length > 0;
  }

  /**
   * While a person's press is dealt with: from then on all sounds may begin by themselves. Safari lets only those that were
   * loaded by a press.
   */
  unlock(): void {
    if (this.#isUnlocked) return;
    this.#isUnlocked = true;
    for (const sound of this.#sounds) {
      if (this.#elements.has(sound)) continue;
      const element = this.#element(sound);
      if (sound.fromMs > AHEAD_MS) element.preload = "metadata";
      element.load();
    }
  }

  prepare(atMs: number): void {
    for (const sound of this.#sounds) {
      if (sound.untilMs > atMs && sound.fromMs < atMs + AHEAD_MS) this.#element(sound).preload = "auto";
    }
  }

  /** Whether all that is to be heard at a moment can be. */
  isThere(atMs: number): boolean {
    return this.#sounds.every(
      (sound) =>
        !isHeard(sound, atMs) ||
        this.#element(sound).ended ||
        this.#media.isThere(this.#element(sound), HTMLMediaElement.HAVE_FUTURE_DATA),
    );
  }

  follow(atMs: number, runs: boolean, loudness: Loudness): void {
    if (loudness.muted) {
      this.stop();
      return;
    }
    for (const sound of this.#sounds) {
      if (isHeard(sound, atMs)) this.#play(sound, atMs, runs, loudness.volume);
      else this.#elements.get(sound)?.pause();
    }
  }

  stop(): void {
    for (const element of this.#elements.values()) element.pause();
  }

  #play(sound: FilmSound, atMs: number, runs: boolean, volume: number): void {
    const element = this.#element(sound);
    element.volume = Math.min(1, Math.max(0, volume * sound.volume * fade(sound, atMs)));
    if (!runs) {
      element.pause();
      return;
    }
    const lengthMs = element.duration * 1000;
    const passedMs = atMs - sound.fromMs;
    if (!(lengthMs > 0)) return;
    if (!sound.loop && passedMs >= lengthMs) {
      element.pause();
      return;
    }
    const wantedMs = passedMs % lengthMs;
    const offMs = Math.abs(element.currentTime * 1000 - wantedMs);
    const driftMs = sound.loop ? Math.min(offMs, lengthMs - offMs) : offMs;
    if (driftMs > DRIFT_MS && !element.seeking) element.currentTime = wantedMs / 1000;
    // One that came to its end a moment too soon would begin anew.
    else if (element.ended) return;
    if (element.paused) {
      void element.play().catch((error: DOMException) => {
        if (error.name === "NotAllowedError") this.#onBlocked();
      });
    }
  }

  #element(sound: FilmSound): HTMLAudioElement {
    let element = this.#elements.get(sound);
    if (element === undefined) {
      element = this.#media.sound(sound.asset);
      element.loop = sound.loop;
      this.#elements.set(sound, element);
    }
    return element;
  }
}

const isHeard = ({ fromMs, untilMs }: FilmSound, atMs: number) => atMs >= fromMs && atMs < untilMs;

/** How loud it is still, towards its end: linear, as ffmpeg's `afade` with `curve=tri`. */
function fade({ untilMs, fadeOutMs }: FilmSound, atMs: number): number {
  return fadeOutMs === 0 ? 1 : Math.min(1, (untilMs - atMs) / fadeOutMs);
}
