/** By how much a video may be off while it plays before it is put right: a seek is seen. */
const DRIFT_MS = 250;
/** What a standing video may be off: less than a frame. */
const STILL_MS = 5;

/** A video that follows a film's clock: again from its begin when it is shorter than its time. */
export class BackgroundVideo {
  readonly element: HTMLVideoElement;
  /** How far it is to be; undefined while it is not to be seen. */
  #passedMs: number | undefined;
  #runs = false;
  /** Where it stands still since it was told so: browsers come as near to it as they can. */
  #stillMs: number | undefined;

  constructor(element: HTMLVideoElement) {
    this.element = element;
    // In place of those of a film that had it before. A film that stands still asks once: maybe before the video is there, or on
    // its way to another moment.
    element.onloadedmetadata = element.onseeked = () => this.#follow();
  }

  /** @param runs whether the film runs on from here */
  show(passedMs: number, runs: boolean): void {
    this.#passedMs = passedMs;
    this.#runs = runs;
    this.#follow();
  }

  stop(): void {
    this.#passedMs = undefined;
    this.#stillMs = undefined;
    this.element.pause();
  }

  #follow(): void {
    const { element } = this;
    const lengthMs = element.duration * 1000;
    if (this.#passedMs === undefined || !(lengthMs > 0)) return;
    const wantedMs = this.#passedMs % lengthMs;
    const offMs = Math.abs(element.currentTime * 1000 - wantedMs);
    if (this.#runs) {
      this.#stillMs = undefined;
      // At the seam of a loop the one is at the end, the other at the begin.
      const driftMs = Math.min(offMs, lengthMs - offMs);
      if (!element.seeking && driftMs > DRIFT_MS) element.currentTime = wantedMs / 1000;
      // A browser that lets no video run, to save power, shows its frames by seeking.
      if (element.paused) void element.play().catch(() => {});
      return;
    }
    if (!element.paused) element.pause();
    if (element.seeking || offMs <= STILL_MS || wantedMs === this.#stillMs) return;
    this.#stillMs = wantedMs;
    element.currentTime = wantedMs / 1000;
  }
}
