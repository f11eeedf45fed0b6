/** What {@link KeySet.add} answers for a key that it had not met. */
export const NEW_KEY = -1;
/** What it answers for a known key whose line it no longer keeps. */
export const LINE_UNKNOWN = 0;

const PARTITIONS = 64;
/** Linear probing over a sequential stretch of memory stays quick up to here. */
const MOST_LOAD = 0.85;
/** Above this many keys the lines are given up, so that 10 million keys fit into some 110 MB. */
const KEYS_WITH_LINES = 4_000_000;

interface Partition {
  /** Per slot: first half, second half, and the line while lines are kept. Both halves 0: free. */
  words: Uint32Array;
  slots: number;
  used: number;
  stride: 2 | 3;
}

/**
 * The 64-bit hashes of all keys met so far, with the line of the first that had it. Open addressing in typed arrays, in
 * partitions that grow one at a time. Slots are in the order of the hash, so a partition grows in one sequential pass.
 */
export class KeySet {
  readonly #partitions: Partition[] = Array.from({ length: PARTITIONS }, () => ({
    words: new Uint32Array(16 * 3),
    slots: 16,
    used: 0,
    stride: 3,
  }));
  size = 0;

  /**
   * Adds a key by its hash, which is not 0 in both halves.
   * @returns NEW_KEY; or the line of the first record that had the same hash; or LINE_UNKNOWN in a very large set.
   */
  add(h1: number, h2: number, line: number): number {
    const partition = this.#partitions[h1 >>> 26]!;
    if (partition.used >= partition.slots * MOST_LOAD) this.#grow(partition);
    const { words, slots, stride } = partition;
    const first = h1 >>> 0;
    const second = h2 >>> 0;
    let slot = Math.floor((second * slots) / 0x1_0000_0000);
    for (;;) {
      const at = slot * stride;
      const a = words[at]!;
      const b = words[at + 1]!;
      if (a === 0 && b === 0) {
        words[at] = first;
        words[at + 1] = second;
        if (stride === 3) words[at + 2] = line;
        partition.used += 1;
        this.size += 1;
        return NEW_KEY;
      }
      if (a === first && b === second) return stride === 3 ? words[at + 2]! : LINE_UNKNOWN;
      slot += 1;
      if (slot === slots) slot = 0;
    }
  }

  /** Whether a key with this hash was added. */
  has(h1: number, h2: number): boolean {
    const { words, slots, stride } = this.#partitions[h1 >>> 26]!;
    const first = h1 >>> 0;
    const second = h2 >>> 0;
    let slot = Math.floor((second * slots) / 0x1_0000_0000);
    for (;;) {
      const at = slot * stride;
      if (words[at] === 0 && words[at + 1] === 0) return false;
      if (words[at] === first && words[at + 1] === second) return true;
      slot += 1;
      if (slot === slots) slot = 0;
    }
  }

  #grow(partition: Partition): void {
    const { words, slots, stride } = partition;
    // Small sets grow fast, large ones in small steps: memory counts there.
    const larger = Math.ceil(slots * (slots < 16_384 ? 2 : slots < 65_536 ? 1.5 : 1.25));
    const newStride = this.size > KEYS_WITH_LINES ? 2 : stride;
    const grown = new Uint32Array(larger * newStride);
    for (let old = 0; old < slots; old += 1) {
      const at = old * stride;
      const first = words[at]!;
      const second = words[at + 1]!;
      if (first === 0 && second === 0) continue;
      let slot = Math.floor((second * larger) / 0x1_0000_0000);
      while (grown[slot * newStride] !== 0 || grown[slot * newStride + 1] !== 0) {
        slot += 1;
        if (slot === larger) slot = 0;
      }
      grown[slot * newStride] = first;
      grown[slot * newStride + 1] = second;
      if (newStride === 3) grown[slot * newStride + 2] = words[at + 2]!;
    }
    partition.words = grown;
    partition.slots = larger;
    partition.stride = newStride;
  }
}
