import type { FilmAsset } from "@inlet/storyboard/film";
import { make } from "../make.ts";
import { safeAddress } from "./safe-values.ts";

type Kind = "img" | "video" | "audio";

/** How long the film waits for something that neither comes nor fails, before it goes on without it. */
const PATIENCE_MS = 8_000;

/**
 * The pictures, videos and sounds of a film. What one film has loaded is handed to the next one that shows the same, so that
 * a change in an editor does not flicker.
 */
export class Media {
  readonly #assetUrl: (asset: FilmAsset) => string;
  readonly #used: [key: string, element: HTMLElement][] = [];
  readonly #spare = new Map<string, HTMLElement[]>();
  readonly #waitedSince = new WeakMap<HTMLElement, number>();

  constructor(assetUrl: (asset: FilmAsset) => string) {
    this.#assetUrl = assetUrl;
  }

  picture(asset: FilmAsset): HTMLImageElement {
    return this.#claim("img", asset);
  }

  video(asset: FilmAsset): HTMLVideoElement {
    const video = this.#claim("video", asset);
    video.muted = true;
    return video;
  }

  sound(asset: FilmAsset): HTMLAudioElement {
    return this.#claim("audio", asset);
  }

  /** Whether it need not be waited for: it is there, cannot be loaded, or has been waited for long enough. */
  isThere(element: HTMLImageElement | HTMLMediaElement, enough: number = HTMLMediaElement.HAVE_CURRENT_DATA): boolean {
    const there =
      element instanceof HTMLImageElement
        ? element.complete
        : element.error !== null || element.src === "" || (element.readyState >= enough && !element.seeking);
    if (there) {
      this.#waitedSince.delete(element);
      return true;
    }
    const since = this.#waitedSince.get(element) ?? performance.now();
    this.#waitedSince.set(element, since);
    return performance.now() - since > PATIENCE_MS;
  }

  /** All that is in use may be claimed anew. */
  recycle(): void {
    for (const [key, element] of this.#used.splice(0)) this.#spare.set(key, [...(this.#spare.get(key) ?? []), element]);
  }

  /** Lets go of what was not claimed again. */
  drop(): void {
    for (const element of [...this.#spare.values()].flat()) {
      if (!(element instanceof HTMLMediaElement)) continue;
      element.pause();
      // Or the browser goes on loading it.
      element.removeAttribute("src");
      element.load();
    }
    this.#spare.clear();
  }

  #claim<Tag extends Kind>(tag: Tag, asset: FilmAsset): HTMLElementTagNameMap[Tag] {
    const address = safeAddress(this.#assetUrl(asset));
    const key = `${tag} ${address}`;
    const element = (this.#spare.get(key)?.pop() as HTMLElementTagNameMap[Tag] | undefined) ?? begin(tag, address);
    this.#used.push([key, element]);
    return element;
  }
}

function begin<Tag extends Kind>(tag: Tag, address: string | undefined): HTMLElementTagNameMap[Tag] {
  const attributes = { img: { alt: "" }, video: { playsinline: "", preload: "auto" }, audio: { preload: "auto" } };
  const element = make(tag, "", attributes[tag]);
  if (element instanceof HTMLMediaElement && tag === "video") {
    element.muted = true;
    element.loop = true;
  }
  if (address !== undefined) (element as HTMLImageElement | HTMLMediaElement).src = address;
  return element;
}
