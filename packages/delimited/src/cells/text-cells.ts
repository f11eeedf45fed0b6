/** Whether a byte may stand in the local part of an address without quotes (RFC 5322, atext) — dots are looked at apart. */
const ATEXT = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~") {
  ATEXT[character.charCodeAt(0)] = 1;
}
/** Letters, digits, hyphen, the underscore that does occur, and everything beyond ASCII (international domain names). */
const LABEL = new Uint8Array(256).fill(1, 0x80);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
  LABEL[character.charCodeAt(0)] = 1;
/** What may stand in a URL after the host: all but controls, space and the characters of RFC 3986's appendix C. */
const URL_REST = new Uint8Array(256).fill(1, 0x21);
for (const character of '"<>\\^`{|}\x7f') URL_REST[character.charCodeAt(0)] = 0;

const DOT = 46;
const HYPHEN = 45;
const AT = 64;

/**
 * An e-mail address as people have them: one `@`; a dotted local part of at most 64 bytes, ASCII, unquoted; a domain of two
 * labels or more, at most 253 bytes.
 */
export function isEmail(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  let previous = DOT;
  for (; i < to; i += 1) {
    const c = bytes[i]!;
    if (c === AT) break;
    if (ATEXT[c] === 0 && (c !== DOT || previous === DOT)) return false;
    previous = c;
  }
  if (i === to || previous === DOT || i - from > 64) return false;
  return countLabels(bytes, i + 1, to) > 1;
}

/** A web address: http or https, a host, perhaps a port, and nothing after it that needs to be encoded. */
export function isUrl(bytes: Uint8Array, from: number, to: number): boolean {
  const scheme = "http";
  let i = from;
  for (let k = 0; k < 4; k += 1, i += 1) {
    if ((bytes[i]! | 32) !== scheme.charCodeAt(k)) return false;
  }
  if ((bytes[i]! | 32) === 0x73) i += 1;
  if (to - i < 4 || bytes[i] !== 0x3a || bytes[i + 1] !== 0x2f || bytes[i + 2] !== 0x2f) return false;
  const authority = i + 3;
  let end = authority;
  for (; end < to; end += 1) {
    const c = bytes[end]!;
    if (c === 0x2f || c === 0x3f || c === 0x23) break;
    if (URL_REST[c] === 0) return false;
  }
  for (let k = end; k < to; k += 1) {
    if (URL_REST[bytes[k]!] === 0) return false;
  }
  return isAuthority(bytes, authority, end);
}

function isAuthority(bytes: Uint8Array, from: number, to: number): boolean {
  const user = bytes.subarray(from, to).lastIndexOf(AT);
  const host = user === -1 ? from : from + user + 1;
  let end = to;
  while (end > host && bytes[end - 1]! >= 48 && bytes[end - 1]! <= 57) end -= 1;
  if (end > host && bytes[end - 1] === 0x3a) {
    if (to - end > 5 || Number(Buffer.from(bytes.subarray(end, to)).toString("latin1")) > 65_535) return false;
    end -= 1;
  } else {
    end = to;
  }
  if (bytes[host] === 0x5b) return URL.canParse(`http://${Buffer.from(bytes.subarray(host, end)).toString("latin1")}/`);
  // A name may end with a dot.
  return countLabels(bytes, host, bytes[end - 1] === DOT ? end - 1 : end) > 0;
}

/** How many labels a domain has: each of 1 to 63 bytes without a hyphen at either end, at most 253 in all; else 0. */
function countLabels(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > 253) return 0;
  let labels = 0;
  let start = from;
  for (let i = from; i <= to; i += 1) {
    if (i < to) {
      const c = bytes[i]!;
      if (LABEL[c] === 1) continue;
      if (c !== DOT) return 0;
    }
    if (i === start || i - start > 63 || bytes[start] === HYPHEN || bytes[i - 1] === HYPHEN) return 0;
    labels += 1;
    start = i + 1;
  }
  return labels;
}

/** Characters of a cell; UTF-8's continuation bytes do not count. */
export function countCharacters(bytes: Uint8Array, from: number, to: number, multiByte: boolean): number {
  if (!multiByte) return to - from;
  let count = 0;
  for (let i = from; i < to; i += 1) {
    if ((bytes[i]! & 0xc0) !== 0x80) count += 1;
  }
  return count;
}

/** A list of byte strings, looked up without making a string. */
export class ByteList {
  readonly #members: readonly Buffer[];
  /** Index into the members plus 1; 0: free. */
  readonly #slots: Int32Array;
  readonly #mask: number;

  constructor(members: readonly Buffer[]) {
    this.#mask = 2 ** Math.ceil(Math.log2(members.length * 2 + 2)) - 1;
    this.#members = members;
    this.#slots = new Int32Array(this.#mask + 1);
    members.forEach((member, index) => {
      let slot = hash(member, 0, member.length) & this.#mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = index + 1;
    });
  }

  /** The index of the first member that is these bytes, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    let slot = hash(bytes, from, to) & this.#mask;
    for (;;) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) return -1;
      const member = this.#members[index]!;
      const length = member.length;
      if (length === to - from) {
        let i = 0;
        while (i < length && member[i] === bytes[from + i]) i += 1;
        if (i === length) return index;
      }
      slot = (slot + 1) & this.#mask;
    }
  }
}

function hash(bytes: Uint8Array, from: number, to: number): number {
  let h = 0x811c9dc5;
  for (let i = from; i < to; i += 1) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h ^ (h >>> 15);
}
