/** Whether a byte may stand in the local part of an address without quotes (RFC 5322, atext) — dots are looked at apart. */
const ATEXT = new Uint8Array(256);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~") {
  ATEXT[character.charCodeAt(0)] = 1;
}
/** Letters, digits, hyphen, and everything beyond ASCII (international domain names). */
const LABEL = new Uint8Array(256).fill(1, 0x80);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
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
  return isDomain(bytes, i + 1, to) && bytes.subarray(i + 1, to).includes(DOT);
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
  // A name may end with a dot; underscores do occur in host names.
  return isDomain(bytes, host, bytes[end - 1] === DOT ? end - 1 : end);
}

/** Labels of 1 to 63 bytes without a hyphen at either end, at most 253 bytes in all. */
function isDomain(bytes: Uint8Array, from: number, to: number): boolean {
  if (to <= from || to - from > 253) return false;
  let start = from;
  for (let i = from; i <= to; i += 1) {
    if (i < to && bytes[i] !== DOT) {
      if (LABEL[bytes[i]!] === 0 && bytes[i] !== 0x5f) return false;
      continue;
    }
    if (i === start || i - start > 63 || bytes[start] === HYPHEN || bytes[i - 1] === HYPHEN) return false;
    start = i + 1;
  }
  return true;
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

/** A set of byte strings, looked up without making a string. */
export class ByteSet {
  readonly #slots: (Buffer | undefined)[];
  readonly #mask: number;

  constructor(members: readonly Buffer[]) {
    this.#mask = 2 ** Math.ceil(Math.log2(members.length * 2 + 2)) - 1;
    this.#slots = new Array(this.#mask + 1).fill(undefined);
    for (const member of members) {
      let slot = hash(member, 0, member.length) & this.#mask;
      while (this.#slots[slot] !== undefined) slot = (slot + 1) & this.#mask;
      this.#slots[slot] = member;
    }
  }

  has(bytes: Uint8Array, from: number, to: number): boolean {
    let slot = hash(bytes, from, to) & this.#mask;
    for (;;) {
      const member = this.#slots[slot];
      if (member === undefined) return false;
      if (member.length === to - from) {
        let i = 0;
        while (i < member.length && member[i] === bytes[from + i]) i += 1;
        if (i === member.length) return true;
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
