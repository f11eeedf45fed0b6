/** What was used last stays: a cache that is bounded by the summed size of what it holds. */
export class Lru<Key, Value> {
  readonly #entries = new Map<Key, { value: Value; size: number }>();
  readonly #maxSize: number;
  #size = 0;
  /** The key that was used last: most often it is the next one's, too. */
  #newest: Key | undefined;

  /** `maxSize` in whatever unit `set` is given sizes in: bytes, or entries at 1 each. */
  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  get(key: Key): Value | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (key === this.#newest) return entry.value;
    // A Map keeps the order of insertion: what is used goes to the end, so the first entry is the oldest.
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#newest = key;
    return entry.value;
  }

  /** Adds a value, and drops the least recently used ones that do not fit any more. */
  set(key: Key, value: Value, size = 1): void {
    this.delete(key);
    if (size > this.#maxSize) return;
    this.#entries.set(key, { value, size });
    this.#newest = key;
    this.#size += size;
    for (const oldest of this.#entries.keys()) {
      if (this.#size <= this.#maxSize) return;
      this.delete(oldest);
    }
  }

  delete(key: Key): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#size -= entry.size;
  }

  /** The keys with their values, the least recently used first. Not counted as a use. */
  *entries(): Generator<[Key, Value]> {
    for (const [key, { value }] of this.#entries) yield [key, value];
  }

  get size(): number {
    return this.#size;
  }
}
