/** Where a film is. It runs by the browser's monotonic clock, and stands exactly where it is put. */
export class FilmClock {
  #atMs = 0;
  #startedAt: number | undefined;

  get nowMs(): number {
    return this.#startedAt === undefined ? this.#atMs : this.#atMs + performance.now() - this.#startedAt;
  }

  get runs(): boolean {
    return this.#startedAt !== undefined;
  }

  run(): void {
    this.#startedAt ??= performance.now();
  }

  stop(): void {
    this.#atMs = this.nowMs;
    this.#startedAt = undefined;
  }

  put(atMs: number): void {
    this.#atMs = atMs;
    if (this.#startedAt !== undefined) this.#startedAt = performance.now();
  }
}
