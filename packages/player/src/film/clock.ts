/** The longest step between two frames. A browser that was busy for longer goes on where it was: nothing is left out. */
const LONGEST_STEP_MS = 400;

/** Where a film is. It goes on by the browser's monotonic clock, at each frame, and stands exactly where it is put. */
export class FilmClock {
  #atMs = 0;
  #tickedAt: number | undefined;

  get atMs(): number {
    return this.#atMs;
  }

  get runs(): boolean {
    return this.#tickedAt !== undefined;
  }

  run(): void {
    this.#tickedAt ??= performance.now();
  }

  stop(): void {
    this.#tickedAt = undefined;
  }

  put(atMs: number): void {
    this.#atMs = atMs;
  }

  /** At each frame. */
  tick(): void {
    if (this.#tickedAt === undefined) return;
    const now = performance.now();
    this.#atMs += Math.min(now - this.#tickedAt, LONGEST_STEP_MS);
    this.#tickedAt = now;
  }
}
