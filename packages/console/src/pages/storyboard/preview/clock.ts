/** Where a film is, for whatever moves with it; told at every frame, past React. */
export class Clock {
  #atMs = 0;
  #isPlaying = false;
  readonly #listeners = new Set<() => void>();

  get atMs(): number {
    return this.#atMs;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** Takes what the player says; tells the listeners where that is anything new. */
  set(atMs: number, isPlaying: boolean): void {
    if (atMs === this.#atMs && isPlaying === this.#isPlaying) return;
    this.#atMs = atMs;
    this.#isPlaying = isPlaying;
    for (const listener of this.#listeners) listener();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
}
