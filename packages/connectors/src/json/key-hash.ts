/** One half of the product of two 32-bit numbers, as everybody's murmur has it. */
const { imul } = Math;

/**
 * MurmurHash3's 128 bits for 32-bit machines (Austin Appleby, public domain), begun with what was hashed before. It is the same in
 * every process, so that a pull that is taken up again elsewhere still knows its keys. It holds against chance, not against
 * somebody who makes keys that collide: whoever could do that would harm nobody but themselves.
 */
export class KeyHash {
  h1 = 0;
  h2 = 0;
  h3 = 0;
  h4 = 0;

  begin(): void {
    this.h1 = 0;
    this.h2 = 0;
    this.h3 = 0;
    this.h4 = 0;
  }

  /** Adds a cell; its length is a part of it, so that `a`, `bc` and `ab`, `c` differ. */
  add(bytes: Uint8Array, from: number, to: number): void {
    let { h1, h2, h3, h4 } = this;
    let i = from;
    for (; i + 16 <= to; i += 16) {
      h1 ^= mix(word(bytes, i), C1, 15, C2);
      h1 = (imul(rotate(h1, 19) + h2, 5) + 0x561ccd1b) | 0;
      h2 ^= mix(word(bytes, i + 4), C2, 16, C3);
      h2 = (imul(rotate(h2, 17) + h3, 5) + 0x0bcaa747) | 0;
      h3 ^= mix(word(bytes, i + 8), C3, 17, C4);
      h3 = (imul(rotate(h3, 15) + h4, 5) + 0x96cd1c35) | 0;
      h4 ^= mix(word(bytes, i + 12), C4, 18, C1);
      h4 = (imul(rotate(h4, 13) + h1, 5) + 0x32ac3b17) | 0;
    }
    if (i < to) {
      h1 ^= mix(rest(bytes, i, to), C1, 15, C2);
      if (i + 4 < to) h2 ^= mix(rest(bytes, i + 4, to), C2, 16, C3);
      if (i + 8 < to) h3 ^= mix(rest(bytes, i + 8, to), C3, 17, C4);
      if (i + 12 < to) h4 ^= mix(rest(bytes, i + 12, to), C4, 18, C1);
    }
    const length = to - from;
    h1 ^= length;
    h2 ^= length;
    h3 ^= length;
    h4 ^= length;
    h1 = (h1 + h2 + h3 + h4) | 0;
    h2 = final((h2 + h1) | 0);
    h3 = final((h3 + h1) | 0);
    h4 = final((h4 + h1) | 0);
    h1 = final(h1);
    h1 = (h1 + h2 + h3 + h4) | 0;
    this.h1 = h1;
    this.h2 = (h2 + h1) | 0;
    this.h3 = (h3 + h1) | 0;
    this.h4 = (h4 + h1) | 0;
  }
}

const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
const mix = (value: number, first: number, bits: number, second: number): number =>
  imul(rotate(imul(value, first), bits), second);

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** What is left of a word at the end. */
function rest(bytes: Uint8Array, at: number, to: number): number {
  let value = 0;
  const end = Math.min(to, at + 4);
  for (let i = end - 1; i >= at; i -= 1) value = (value << 8) | bytes[i]!;
  return value;
}

function final(value: number): number {
  let hash = imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
