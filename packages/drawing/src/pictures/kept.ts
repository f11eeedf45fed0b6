/** Values that were made, bounded by their summed size; what is asked for while it is being made is made once. */
export class Kept<Value> {
  readonly #entries = new Map<string, { value: Value; sizeBytes: number }>();
  readonly #underWay = new Map<string, Promise<Value>>();
  readonly #maxBytes: number;
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** The value of that name; the least recently used ones go when there is no room. What fails is not kept. */
  async of(name: string, make: () => Promise<Value>, sizeBytesOf: (value: Value) => number): Promise<Value> {
    const entry = this.#entries.get(name);
    if (entry !== undefined) {
      // A Map keeps the order of insertion: what is used goes to the end, so the first entry is the oldest.
      this.#entries.delete(name);
      this.#entries.set(name, entry);
      return entry.value;
    }
    const known = this.#underWay.get(name);
    if (known !== undefined) return await known;
    const making = make();
    this.#underWay.set(name, making);
    try {
      const value = await making;
      this.#keep(name, value, sizeBytesOf(value));
      return value;
    } finally {
      this.#underWay.delete(name);
    }
  }

  #keep(name: string, value: Value, sizeBytes: number): void {
    if (sizeBytes > this.#maxBytes) return;
    this.#entries.set(name, { value, sizeBytes });
    this.#sizeBytes += sizeBytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#sizeBytes <= this.#maxBytes) return;
      this.#entries.delete(oldest);
      this.#sizeBytes -= entry.sizeBytes;
    }
  }
}
