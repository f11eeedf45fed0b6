import { Unavailable } from "@inlet/contracts";
import type { HitList } from "./hit-list.ts";
import { KeyHash } from "./key-hash.ts";
import { type CellSpans, hashKey, mostBytes, type UniqueRule } from "./unique-rule.ts";

/** Keys that are compared in one reading of the file: some 50 MB. */
const KEYS_PER_READING = 2_000_000;

/**
 * Shows that every hit was a true duplicate. In another reading it takes a second, independent 64-bit hash of each key that
 * hit, and counts how often it comes again: two different keys that shared the first hash differ in the second. Among 10
 * million keys, the chance that two different ones share both is 1 in 10^24.
 */
export class DuplicateProof {
  readonly #rule: UniqueRule;
  readonly #hash: KeyHash;
  readonly #second = new KeyHash();
  readonly #hits: HitList;
  readonly #parts: number;
  #part = -1;
  /** Four words per slot: the hash that hit (both 0: free), and the first key's second hash (both 0: not met yet). */
  #slots = new Uint32Array(0);
  #slotCount = 0;
  #expected = 0;
  #found = 0;

  constructor(rule: UniqueRule, hash: KeyHash, hits: HitList, keysPerReading = KEYS_PER_READING) {
    this.#rule = rule;
    this.#hash = hash;
    this.#hits = hits;
    this.#parts = Math.ceil(hits.size / keysPerReading);
  }

  /** Prepares the next reading; false when none is needed any more. */
  begin(): boolean {
    this.#part += 1;
    if (this.#part >= this.#parts) return false;
    let count = 0;
    this.#hits.forEach((h1) => {
      if (this.#partOf(h1) === this.#part) count += 1;
    });
    this.#expected += count;
    this.#slotCount = Math.ceil(count * 1.5) + 1;
    this.#slots = new Uint32Array(this.#slotCount * 4);
    this.#hits.forEach((h1, h2) => {
      if (this.#partOf(h1) !== this.#part) return;
      const at = this.#find(h1, h2);
      this.#slots[at] = h1;
      this.#slots[at + 1] = h2;
    });
    return true;
  }

  /** Looks at a record of the reading. */
  look(out: Buffer, cells: CellSpans): void {
    const size = hashKey(this.#hash, this.#rule, out, cells);
    if (size < 0 || size > mostBytes(this.#rule) || this.#partOf(this.#hash.h1) !== this.#part) return;
    const at = this.#find(this.#hash.h1, this.#hash.h2);
    const slots = this.#slots;
    if (slots[at] === 0 && slots[at + 1] === 0) return;
    hashKey(this.#second, this.#rule, out, cells);
    const first = this.#second.h1 >>> 0 || 1;
    const second = this.#second.h2 >>> 0;
    if (slots[at + 2] === 0) {
      slots[at + 2] = first;
      slots[at + 3] = second;
    } else if (slots[at + 2] === first && slots[at + 3] === second) {
      this.#found += 1;
    }
  }

  /** @throws Unavailable when two different keys had one hash: the check must be made again, with another hash key. */
  finish(): void {
    if (this.#found === this.#expected) return;
    throw new Unavailable({
      code: "hash_collision",
      message: "Two different keys had the same hash; the check has to be repeated.",
    });
  }

  #partOf(h1: number): number {
    return Math.floor(((h1 >>> 0) * this.#parts) / 0x1_0000_0000);
  }

  /** Where a hash is in the slots, or where it would go. */
  #find(h1: number, h2: number): number {
    const [first, second] = [h1 >>> 0, h2 >>> 0];
    let slot = Math.floor((second * this.#slotCount) / 0x1_0000_0000);
    for (;;) {
      const at = slot * 4;
      const [a, b] = [this.#slots[at]!, this.#slots[at + 1]!];
      if ((a === 0 && b === 0) || (a === first && b === second)) return at;
      slot += 1;
      if (slot === this.#slotCount) slot = 0;
    }
  }
}
