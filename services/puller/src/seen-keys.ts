/** Words of an item's entry: the 128 bits of its key's hash. */
const HASH_WORDS = 4;
/** Entries of one block: blocks are added, so that growing copies nothing. */
const BLOCK = 1 << 16;
const FIRST_SLOTS = 1 << 12;

/**
 * The keys of a pull's items by their hashes, each with where its row begins in the spool: some 40 bytes an item, in blocks that
 * are added. Entries are numbered in the order of their rows.
 */
export class SeenKeys {
  #slots = new Int32Array(FIRST_SLOTS).fill(-1);
  readonly #hashes: Uint32Array[] = [];
  readonly #starts: Float64Array[] = [];
  #count = 0;

  /** Rows in the spool, those that a later one has replaced included. */
  get count(): number {
    return this.#count;
  }

  /** The entry of a key; -1: it was not seen. `hash` has the four words at `at`. */
  find(hash: Uint32Array, at: number): number {
    return this.#slots[this.#slotOf(hash, at)]!;
  }

  /** Adds a row; of a key that was seen before the new row counts from here on. */
  add(hash: Uint32Array, at: number, start: number): void {
    if (this.#count * 2 >= this.#slots.length) this.#grow();
    const entry = this.#count;
    const block = entry >>> 16;
    if (this.#hashes.length === block) {
      this.#hashes.push(new Uint32Array(BLOCK * HASH_WORDS));
      this.#starts.push(new Float64Array(BLOCK));
    }
    const place = entry & (BLOCK - 1);
    const hashes = this.#hashes[block]!;
    for (let word = 0; word < HASH_WORDS; word += 1) hashes[place * HASH_WORDS + word] = hash[at + word]!;
    this.#starts[block]![place] = start;
    this.#slots[this.#slotOf(hash, at)] = entry;
    this.#count += 1;
  }

  /** Where an entry's row begins in the spool. */
  startOf(entry: number): number {
    return this.#starts[entry >>> 16]![entry & (BLOCK - 1)]!;
  }

  #slotOf(hash: Uint32Array, at: number): number {
    const mask = this.#slots.length - 1;
    // The hash is as good as random in each of its words.
    for (let slot = hash[at]! & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#slots[slot]!;
      if (entry === -1 || this.#isSame(entry, hash, at)) return slot;
    }
  }

  #isSame(entry: number, hash: Uint32Array, at: number): boolean {
    const hashes = this.#hashes[entry >>> 16]!;
    const from = (entry & (BLOCK - 1)) * HASH_WORDS;
    return (
      hashes[from] === hash[at] &&
      hashes[from + 1] === hash[at + 1] &&
      hashes[from + 2] === hash[at + 2] &&
      hashes[from + 3] === hash[at + 3]
    );
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (const entry of before) {
      if (entry === -1) continue;
      let slot = this.#hashes[entry >>> 16]![(entry & (BLOCK - 1)) * HASH_WORDS]! & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = entry;
    }
  }
}
