import { randomInt } from "node:crypto";

/**
 * A keyed 64-bit hash over bytes, in two 32-bit halves. The key is random per check, so that no file can be made to
 * collide. Its result never decides alone: what looks equal is proved afterwards.
 */
export class KeyHash {
  readonly #seed1 = randomInt(0x1_0000_0000);
  readonly #seed2 = randomInt(0x1_0000_0000);
  /** The halves of the current hash, as 32-bit integers. */
  h1 = 0;
  h2 = 0;

  begin(): void {
    this.h1 = this.#seed1 | 0;
    this.h2 = this.#seed2 | 0;
  }

  update(bytes: Uint8Array, from: number, to: number): void {
    let h1 = this.h1;
    let h2 = this.h2;
    for (let i = from; i < to; i += 1) {
      const byte = bytes[i]!;
      h1 = Math.imul(h1 ^ byte, 0x9e3779b1);
      h1 ^= h1 >>> 15;
      h2 = Math.imul(h2 ^ byte, 0x5f356495);
      h2 ^= h2 >>> 13;
    }
    // The length's end, so that ("a", "bc") and ("ab", "c") differ.
    this.h1 = Math.imul(h1 ^ 0x100, 0x85ebca6b);
    this.h2 = Math.imul(h2 ^ 0x100, 0xc2b2ae35);
  }

  finish(): void {
    let h1 = this.h1;
    let h2 = this.h2;
    h1 = Math.imul(h1 ^ (h1 >>> 16), 0x85ebca6b) ^ Math.imul(h2 ^ (h2 >>> 13), 0xc2b2ae35);
    h2 = Math.imul(h2 ^ (h2 >>> 16), 0x85ebca6b) ^ Math.imul(h1 ^ (h1 >>> 13), 0xc2b2ae35);
    this.h1 = h1 ^ (h1 >>> 16);
    this.h2 = h2 ^ (h2 >>> 16);
  }
}
