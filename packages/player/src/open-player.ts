import type { Film } from "@inlet/storyboard/film";
import { Controls, setText } from "./controls/controls.ts";
import { Filling } from "./controls/filling.ts";
import { pressKey } from "./controls/keyboard.ts";
import { Start } from "./controls/start.ts";
import { calmFilm } from "./film/calm-film.ts";
import { FilmClock } from "./film/clock.ts";
import { PlayThrough } from "./film/play-through.ts";
import { knowFonts } from "./fonts/load-fonts.ts";
import { make } from "./make.ts";
import { playerSheet } from "./player-sheet.ts";
import type { OpenPlayer, Player, PlayerOptions } from "./player-terms.ts";
import { SoundTrack } from "./sound/sound-track.ts";
import { Media } from "./stage/media.ts";
import { safeAddress, safeColour } from "./stage/safe-values.ts";
import { Stage } from "./stage/stage.ts";
import { transcriptOf } from "./transcript.ts";

/** How long the controls stay while nobody moves. */
const IDLE_MS = 2_500;
/** How often it is looked whether what is awaited is there. */
const LOOK_MS = 16;

export const openPlayer: OpenPlayer = (host, options) => new FilmPlayer(host, options);

class FilmPlayer implements Player {
  readonly #options: PlayerOptions;
  readonly #shell = make("div", "");
  readonly #root: HTMLElement;
  readonly #controls: Controls;
  readonly #start: Start;
  readonly #captionText = make("span", "");
  readonly #captions = make("div", "captions", { "aria-hidden": "true" }, [this.#captionText]);
  readonly #loading: HTMLElement;
  readonly #filling: Filling;
  readonly #media: Media;
  readonly #clock = new FilmClock();
  readonly #playThrough: PlayThrough;
  readonly #end = new AbortController();
  readonly #wishesCalm = matchMedia("(prefers-reduced-motion: reduce)");
  readonly #resized = new ResizeObserver(() => this.#scale());

  #film!: Film;
  #stage!: Stage;
  #sounds!: SoundTrack;
  #transcript: HTMLElement | undefined;

  /** The film itself is to be seen, not its poster any more. */
  #hasBegun = false;
  #isPlaying = false;
  #isHeld = false;
  #muted = false;
  #volume = 1;
  #showsCaptions: boolean;
  #isClosed = false;
  #isLaidOut = true;
  /** Whether the controls were gone when a press began. */
  #wasQuiet = false;
  #frame = 0;
  #idleTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HTMLElement, options: PlayerOptions) {
    const { words, onEvent, captions = false, poster } = options;
    this.#options = options;
    this.#showsCaptions = captions;
    this.#media = new Media(options.assetUrl);
    this.#playThrough = new PlayThrough((event) => onEvent?.(event));
    this.#controls = new Controls(words, {
      toggle: () => this.#toggle(),
      seek: (atMs) => this.seek(atMs),
      hold: (isHeld) => this.#hold(isHeld),
      mute: (muted) => this.#mute(muted),
      setVolume: (volume) => this.#setVolume(volume),
      setCaptions: (shown) => this.#setCaptions(shown),
      fill: () => this.#filling.toggle(),
    });
    this.#start = new Start(words, poster === undefined ? undefined : safeAddress(poster), () => this.play());
    this.#loading = make("div", "loading", { role: "status", "aria-label": words.loading });
    this.#loading.hidden = true;
    this.#root = make(
      "section",
      "player",
      { "aria-label": words.player, lang: words.language, dir: words.direction, tabindex: "-1" },
      [this.#loading, this.#controls.element, this.#captions, this.#start.element],
    );
    this.#filling = new Filling(this.#shell, () => this.#update());
    const shadow = this.#shell.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [playerSheet()];
    shadow.append(this.#root);
    host.replaceChildren(this.#shell);
    this.#listen();
    this.setFilm(options.film);
    if (options.autoplay && !this.#wishesCalm.matches) {
      this.#muted = true;
      this.#begin();
    }
  }

  get currentMs(): number {
    return Math.min(this.#clock.atMs, this.#film.durationMs);
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  play(): void {
    if (this.#isPlaying) return;
    this.#playThrough.begin();
    this.#sounds.unlock();
    this.#begin();
  }

  pause(): void {
    this.#isPlaying = false;
    this.#clock.stop();
    this.#wake();
    this.#show();
  }

  seek(atMs: number): void {
    const wanted = Math.min(this.#film.durationMs, Math.max(0, Number.isFinite(atMs) ? atMs : 0));
    this.#clock.put(wanted);
    this.#hasBegun = true;
    this.#wake();
    this.#show();
  }

  setFilm(film: Film): void {
    const atMs = Math.min(this.#clock.atMs, film.durationMs);
    this.#film = film;
    this.#clock.put(atMs);
    this.#sounds?.stop();
    this.#media.recycle();
    const { words } = this.#options;
    knowFonts(film);
    const stage = new Stage(this.#wishesCalm.matches ? calmFilm(film) : film, {
      media: this.#media,
      newTab: words.newTab,
      onClick: (name) => this.#click(name),
    });
    if (this.#stage) this.#stage.element.replaceWith(stage.element);
    else this.#root.prepend(stage.element);
    this.#stage = stage;
    this.#sounds = new SoundTrack(film, this.#media, () => this.#mute(true));
    const transcript = transcriptOf(film, words.transcript);
    if (this.#transcript) this.#transcript.replaceWith(transcript);
    else this.#root.append(transcript);
    this.#transcript = transcript;
    this.#controls.setFilm(film);
    this.#shell.style.setProperty("--player-ratio", `${film.width} / ${film.height}`);
    this.#shell.toggleAttribute("data-is-wide", film.width > film.height);
    this.#captions.lang = film.language;
    this.#captions.dir = film.direction;
    this.#start.setFilm(film);
    this.#scale();
    this.#show();
    this.#media.drop();
  }

  async settled(): Promise<void> {
    await document.fonts.ready;
    while (!this.#isClosed && !this.#isThere) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    this.#stage.fit();
    await Promise.allSettled(this.#stage.pictures.map((picture) => picture.decode()));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#isPlaying = false;
    cancelAnimationFrame(this.#frame);
    clearTimeout(this.#idleTimer);
    this.#end.abort();
    this.#resized.disconnect();
    this.#filling.close();
    this.#media.recycle();
    this.#media.drop();
    this.#shell.remove();
  }

  get #isThere(): boolean {
    return this.#hasBegun ? this.#stage.isThere(this.currentMs) : this.#stage.isPosterThere;
  }

  get #hasEnded(): boolean {
    return this.#hasBegun && !this.#isPlaying && this.currentMs >= this.#film.durationMs;
  }

  #begin(): void {
    if (this.#clock.atMs >= this.#film.durationMs) {
      this.#clock.put(0);
      this.#playThrough.again();
      this.#playThrough.begin();
    }
    // The button in focus goes; the keyboard goes on at the one that takes its place.
    const hadFocus = (this.#shell.shadowRoot as ShadowRoot).activeElement === this.#start.button.element;
    this.#hasBegun = true;
    this.#isPlaying = true;
    this.#wake();
    this.#tick();
    if (hadFocus) this.#controls.play.element.focus();
  }

  #toggle(): void {
    if (this.#isPlaying) this.pause();
    else this.play();
  }

  #hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (isHeld) this.#clock.stop();
    this.#update();
  }

  #mute(muted: boolean): void {
    this.#muted = muted;
    if (!muted) {
      if (this.#volume === 0) this.#volume = 1;
      this.#sounds.unlock();
      if (this.#isPlaying) this.#playThrough.begin();
    }
    this.#show();
  }

  #setVolume(volume: number): void {
    this.#volume = volume;
    this.#mute(volume === 0);
  }

  #setCaptions(shown: boolean): void {
    this.#showsCaptions = shown && this.#film.captions.length > 0;
    this.#update();
  }

  #click(name: string): void {
    this.#playThrough.click(name);
    this.pause();
  }

  /** One frame of a film that plays. */
  readonly #tick = (): void => {
    cancelAnimationFrame(this.#frame);
    if (!this.#isPlaying || this.#isClosed) return;
    this.#clock.tick();
    const atMs = this.#clock.atMs;
    const { durationMs } = this.#film;
    if (atMs >= durationMs && !this.#isHeld) {
      this.#finish();
      return;
    }
    const isThere = this.#stage.isThere(atMs) && (this.#muted || this.#sounds.isThere(atMs));
    if (isThere && !this.#isHeld) this.#clock.run();
    else this.#clock.stop();
    this.#loading.hidden = isThere;
    this.#stage.prepare(atMs);
    if (!this.#muted) this.#sounds.prepare(atMs);
    this.#show();
    if (!this.#isHeld) this.#playThrough.reach(atMs, durationMs);
    this.#frame = requestAnimationFrame(this.#tick);
  };

  #finish(): void {
    this.#playThrough.reach(this.#film.durationMs, this.#film.durationMs);
    this.#clock.stop();
    this.#clock.put(this.#film.durationMs);
    this.pause();
  }

  #show(): void {
    const atMs = this.currentMs;
    const runs = this.#clock.runs;
    if (this.#hasBegun) {
      this.#stage.show(atMs, runs);
      this.#sounds.follow(atMs, runs, { muted: this.#muted, volume: this.#volume });
    } else {
      this.#stage.showPoster();
      this.#placeStart();
    }
    if (!this.#isPlaying) this.#loading.hidden = true;
    this.#update();
  }

  /** What lies over the film. */
  #update(): void {
    const hasBegun = this.#hasBegun;
    const atMs = this.currentMs;
    this.#root.classList.toggle("begun", hasBegun);
    this.#stage.element.inert = !hasBegun;
    this.#start.element.hidden = hasBegun;
    this.#controls.element.hidden = !hasBegun || (this.#options.controls === "playing" && !this.#isPlaying);
    const caption = this.#showsCaptions && hasBegun ? captionAt(this.#film, atMs) : "";
    setText(this.#captionText, caption);
    this.#captions.hidden = caption === "";
    this.#controls.update({
      atMs,
      isPlaying: this.#isPlaying,
      hasEnded: this.#hasEnded,
      muted: this.#muted,
      volume: this.#volume,
      captions: this.#showsCaptions,
      isFilled: this.#filling.isFilled,
    });
  }

  #scale(): void {
    const { clientWidth, clientHeight } = this.#root;
    const wasLaidOut = this.#isLaidOut;
    this.#isLaidOut = clientWidth > 0;
    if (!this.#isLaidOut) return;
    // In a part of a page that is not shown words have no size.
    if (!wasLaidOut) this.#stage.fit();
    const isFilled = this.#stage.scaleInto(clientWidth, clientHeight);
    // Where nothing of it is to be seen it would shine through at round corners.
    this.#root.style.background = isFilled ? "none" : safeColour(this.#film.surround);
    this.#placeStart();
  }

  #placeStart(): void {
    const { clientWidth: width, clientHeight: height } = this.#root;
    if (this.#hasBegun || width === 0) return;
    const { words, playButton } = this.#stage.posterPlaces();
    this.#start.place(playButton, words, { width, height });
  }

  /** The controls are there, for a while. */
  #wake(idleMs = IDLE_MS): void {
    clearTimeout(this.#idleTimer);
    this.#root.classList.remove("quiet");
    if (!this.#isPlaying) return;
    this.#idleTimer = setTimeout(() => {
      const isWatched = this.#isHeld || this.#root.querySelector(".controls :focus-visible") !== null;
      if (isWatched) this.#wake();
      else this.#root.classList.toggle("quiet", this.#isPlaying);
    }, idleMs);
  }

  #listen(): void {
    const { signal } = this.#end;
    const root = this.#root;
    const noteQuiet = () => {
      this.#wasQuiet = root.classList.contains("quiet");
    };
    root.addEventListener("pointerdown", noteQuiet, { signal, capture: true });
    root.addEventListener("click", (event) => this.#press(event as PointerEvent), { signal });
    root.addEventListener("pointermove", (event) => event.pointerType === "mouse" && this.#wake(), { signal });
    root.addEventListener("pointerleave", () => this.#isPlaying && this.#wake(400), { signal });
    root.addEventListener("focusin", () => this.#wake(), { signal });
    root.addEventListener(
      "keydown",
      (event) => {
        if (!this.#pressKey(event)) return;
        event.preventDefault();
        this.#wake();
      },
      { signal },
    );
    document.addEventListener("visibilitychange", () => document.hidden && this.#isPlaying && this.pause(), { signal });
    document.fonts.addEventListener(
      "loadingdone",
      () => {
        this.#stage.fit();
        this.#placeStart();
      },
      { signal },
    );
    this.#wishesCalm.addEventListener("change", () => this.setFilm(this.#film), { signal });
    this.#resized.observe(root);
  }

  /** A press on the film itself. A finger on one that plays asks for the controls first. */
  #press(event: PointerEvent): void {
    // Not the target's parents as they are now: a button that was pressed may show another picture already.
    const path = event.composedPath().filter((each) => each instanceof Element);
    if (path.some((each) => each.matches("a, button, input, .seek, .row"))) return;
    if (event.pointerType !== "mouse" && this.#wasQuiet) this.#wake();
    else this.#toggle();
  }

  #pressKey(event: KeyboardEvent): boolean {
    return pressKey(event, {
      toggle: () => this.#toggle(),
      seekBy: (ms) => this.seek(this.currentMs + ms),
      seekToShare: (share) => this.seek(share * this.#film.durationMs),
      mute: () => this.#mute(!this.#muted),
      captions: () => this.#setCaptions(!this.#showsCaptions),
      fill: () => this.#filling.toggle(),
    });
  }
}

const captionAt = ({ captions }: Film, atMs: number): string =>
  captions.findLast(({ fromMs, untilMs }) => fromMs <= atMs && atMs < untilMs)?.text ?? "";
