import { Buffer } from "node:buffer";
import { BrokenAnswer } from "../broken-answer.ts";
import { MOST_DEPTH } from "./item-page.ts";
import { ABSENT, ESCAPED_TEXT, EXPONENT, NESTED, PLAIN_TEXT, type Slots, WORD } from "./kinds.ts";
import type { Expected, NameTable } from "./name-table.ts";
import type { Place } from "./place-tree.ts";
import { decodedText } from "./text.ts";

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const BLANK = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const SMALL_E = 0x65;
const SMALL_U = 0x75;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Four bytes at once: which of them has its highest bit. */
const HIGH_BITS = 0x80808080 | 0;
/** What may follow a backslash, but for `u`. */
const ESCAPES = new Uint8Array(256);
for (const character of '"\\/bfnrt') ESCAPES[character.charCodeAt(0)] = 1;
const HEX = new Uint8Array(256);
for (const character of "0123456789abcdefABCDEF") HEX[character.charCodeAt(0)] = 1;

/** Told of each item, when all of it was read: its values are in its slots then. */
export type OnItem = (start: number, end: number) => void;

/**
 * Goes through JSON once, strictly (RFC 8259), and notes where the values lie that are looked for. The bytes are UTF-8: that is
 * seen to before.
 */
export class Walker {
  body: Buffer = Buffer.alloc(0);
  length = 0;
  /** How many items the list had; -1: there was no list. */
  itemCount = -1;
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** The last position that four bytes can be read at. */
  #lastWord = 0;
  /** Of the text or number that was read last. */
  #isEscaped = false;
  #hasExponent = false;
  readonly #outer: Slots;
  readonly #outerRoot: Place;
  readonly #inner: Slots;
  readonly #itemRoot: Place;
  readonly #onList: () => void;
  readonly #onItem: OnItem;

  constructor(
    outer: { root: Place; slots: Slots },
    item: { root: Place; slots: Slots },
    on: { list: () => void; item: OnItem },
  ) {
    this.#outer = outer.slots;
    this.#outerRoot = outer.root;
    this.#inner = item.slots;
    this.#itemRoot = item.root;
    this.#onList = on.list;
    this.#onItem = on.item;
  }

  walk(body: Buffer): void {
    this.body = body;
    this.length = body.length;
    this.itemCount = -1;
    this.#view = new DataView(body.buffer, body.byteOffset, body.length);
    this.#lastWord = body.length - 4;
    this.#outer.kinds.fill(ABSENT);
    const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
    const start = this.#blank(hasMark ? 3 : 0);
    if (start === body.length) throw new BrokenAnswer("the answer is empty", start);
    const end = this.#blank(this.#value(start, this.#outerRoot, this.#outer, 0));
    if (end < body.length) throw this.#fault(end, "something follows after its end");
  }

  #value(at: number, place: Place | null, slots: Slots, depth: number): number {
    const bytes = this.body;
    const first = bytes[at]!;
    if (place !== null) {
      if (place.beneath.length > 0) for (const slot of place.beneath) slots.kinds[slot] = ABSENT;
      if (place.holdsList) this.itemCount = -1;
      if (place.isList) return this.#list(at, depth);
    }
    const slot = place === null ? -1 : place.slot;
    let end: number;
    let kind: number;
    if (first === QUOTE) {
      end = this.#text(at + 1);
      if (slot >= 0) slots.put(slot, this.#isEscaped ? ESCAPED_TEXT : PLAIN_TEXT, at + 1, end - 1);
      return end;
    }
    if (first === OPEN_OBJECT) {
      if (depth === MOST_DEPTH) throw this.#fault(at, `it is more than ${MOST_DEPTH} levels deep`);
      end = this.#object(at + 1, place === null ? null : place.names, slots, depth + 1);
      kind = NESTED;
    } else if (first === OPEN_LIST) {
      if (depth === MOST_DEPTH) throw this.#fault(at, `it is more than ${MOST_DEPTH} levels deep`);
      end = this.#array(at + 1, place === null ? null : place.elements, slots, depth + 1);
      kind = NESTED;
    } else if (first === MINUS || (first >= ZERO && first <= NINE)) {
      end = this.#number(at);
      kind = this.#hasExponent ? EXPONENT : WORD;
    } else {
      end = this.#literal(at);
      // Null is as good as absent.
      kind = first === 0x6e ? ABSENT : WORD;
    }
    if (slot >= 0) slots.put(slot, kind, at, end);
    return end;
  }

  /** @param at after the bracket */
  #object(at: number, names: NameTable<Place> | null, slots: Slots, depth: number): number {
    const bytes = this.body;
    let before: Expected<Place> | null = names === null ? null : names.start;
    let i = at;
    for (let isFirst = true; ; isFirst = false) {
      let place: Place | null = null;
      let expected: Expected<Place> | null = null;
      if (before !== null && (isFirst || bytes[i] === COMMA)) {
        const from = isFirst ? i : i + 1;
        if (before.next !== null && this.#isThere(before.next, from)) expected = before.next;
        else if (before.other !== null && this.#isThere(before.other, from)) expected = before.other;
        if (expected !== null) {
          i = from + expected.length;
          if (bytes[i]! <= BLANK) i = this.#blank(i);
          place = expected.place;
        }
      }
      if (expected === null) {
        i = this.#blank(i);
        if (bytes[i] === CLOSE_OBJECT) return i + 1;
        if (!isFirst && bytes[i] !== COMMA) throw this.#fault(i, "a comma or } should be there");
        const from = isFirst ? at : i + 1;
        const nameAt = this.#blank(from);
        if (bytes[nameAt] !== QUOTE) throw this.#fault(nameAt, "a name in quotes should be there");
        const nameEnd = this.#text(nameAt + 1);
        const isEscaped = this.#isEscaped;
        i = this.#blank(nameEnd);
        if (bytes[i] !== COLON) throw this.#fault(i, "a colon should be there");
        i = this.#blank(i + 1);
        if (names !== null) {
          const name = { from: nameAt + 1, to: nameEnd - 1 };
          if (isEscaped) {
            const decoded = decodedText(bytes, name.from, name.to);
            place = names.find(decoded, 0, decoded.length)?.place ?? null;
          } else {
            const known = names.find(bytes, name.from, name.to);
            place = known?.place ?? null;
            expected = known?.expected ?? names.learn(bytes, name, from, i);
            if (before !== null && expected !== null) before.isFollowedBy(expected);
          }
        }
      }
      before = expected;
      // The most frequent of all, without a call.
      if (place === null && bytes[i] === QUOTE) i = this.#text(i + 1);
      else i = this.#value(i, place, slots, depth);
    }
  }

  #isThere(guess: Expected<Place>, at: number): boolean {
    if (at + guess.length > this.length) return false;
    const view = this.#view;
    const { words } = guess;
    let i = at;
    for (let word = 0; word < words.length; word += 1, i += 4) {
      if (view.getInt32(i, true) !== words[word]) return false;
    }
    return view.getInt32(at + guess.length - 4, true) === guess.tail;
  }

  /** @param at after the bracket */
  #array(at: number, elements: Map<number, Place> | null, slots: Slots, depth: number): number {
    const bytes = this.body;
    let i = this.#blank(at);
    if (bytes[i] === CLOSE_LIST) return i + 1;
    for (let element = 0; ; element += 1) {
      i = this.#value(i, elements === null ? null : (elements.get(element) ?? null), slots, depth);
      i = this.#blank(i);
      if (bytes[i] === CLOSE_LIST) return i + 1;
      if (bytes[i] !== COMMA) throw this.#fault(i, "a comma or ] should be there");
      i = this.#blank(i + 1);
    }
  }

  /** The list of the items. Where its name comes twice, the last one is it. */
  #list(at: number, depth: number): number {
    const bytes = this.body;
    const root = this.#itemRoot;
    const slots = this.#inner;
    const { kinds } = slots;
    this.itemCount = -1;
    this.#onList();
    if (bytes[at] !== OPEN_LIST) {
      // Null is an empty list; whatever else is there is none.
      const end = this.#value(at, null, slots, depth);
      if (bytes[at] === 0x6e) this.itemCount = 0;
      return end;
    }
    this.itemCount = 0;
    let i = this.#blank(at + 1);
    if (bytes[i] === CLOSE_LIST) return i + 1;
    while (true) {
      const start = i;
      for (let slot = 0; slot < kinds.length; slot += 1) kinds[slot] = ABSENT;
      if (bytes[i] === OPEN_OBJECT) i = this.#object(i + 1, root.names, slots, depth + 2);
      else if (bytes[i] === OPEN_LIST) i = this.#array(i + 1, root.elements, slots, depth + 2);
      else {
        this.#value(i, null, slots, depth + 1);
        throw new BrokenAnswer(`item ${this.itemCount + 1} of the list is no object (byte ${i})`, i);
      }
      this.itemCount += 1;
      this.#onItem(start, i);
      i = this.#blank(i);
      if (bytes[i] === CLOSE_LIST) return i + 1;
      if (bytes[i] !== COMMA) throw this.#fault(i, "a comma or ] should be there");
      i = this.#blank(i + 1);
    }
  }

  /**
   * @param at after the opening quote
   * @returns after the closing one
   */
  #text(at: number): number {
    const bytes = this.body;
    const view = this.#view;
    const lastWord = this.#lastWord;
    this.#isEscaped = false;
    let i = at;
    while (i <= lastWord) {
      // A quote, a backslash or a control among four bytes: of the marked ones the first is always right.
      const word = view.getInt32(i, true);
      const quote = word ^ 0x22222222;
      const slash = word ^ 0x5c5c5c5c;
      const marked =
        (((quote - 0x01010101) & ~quote) | ((slash - 0x01010101) & ~slash) | ((word - 0x20202020) & ~word)) & HIGH_BITS;
      if (marked === 0) {
        i += 4;
        continue;
      }
      i += (31 - Math.clz32(marked & -marked)) >> 3;
      const byte = bytes[i]!;
      if (byte === QUOTE) return i + 1;
      if (byte !== BACKSLASH) throw this.#fault(i, "a control character stands in a text");
      i = this.#escape(i);
    }
    while (i < this.length) {
      const byte = bytes[i]!;
      if (byte === QUOTE) return i + 1;
      if (byte === BACKSLASH) i = this.#escape(i);
      else if (byte < BLANK) throw this.#fault(i, "a control character stands in a text");
      else i += 1;
    }
    throw this.#fault(i, "a text has no end");
  }

  #escape(at: number): number {
    const bytes = this.body;
    this.#isEscaped = true;
    const kind = bytes[at + 1]!;
    if (ESCAPES[kind] === 1) return at + 2;
    if (kind !== SMALL_U) throw this.#fault(at + 1, "a backslash stands before what it cannot stand before");
    for (let digit = at + 2; digit < at + 6; digit += 1) {
      if (HEX[bytes[digit]!] !== 1) throw this.#fault(digit, "four hexadecimal digits should be there");
    }
    return at + 6;
  }

  #number(at: number): number {
    const bytes = this.body;
    let i = bytes[at] === MINUS ? at + 1 : at;
    let byte = bytes[i]!;
    this.#hasExponent = false;
    if (byte === ZERO) {
      byte = bytes[++i]!;
    } else {
      if (!(byte >= ZERO && byte <= NINE)) throw this.#fault(i, "a digit should be there");
      do byte = bytes[++i]!;
      while (byte >= ZERO && byte <= NINE);
    }
    if (byte === DOT) {
      i = this.#digits(i + 1);
      byte = bytes[i]!;
    }
    if ((byte | 0x20) === SMALL_E) {
      this.#hasExponent = true;
      const sign = bytes[i + 1];
      i = this.#digits(sign === PLUS || sign === MINUS ? i + 2 : i + 1);
    }
    return i;
  }

  #digits(at: number): number {
    const bytes = this.body;
    let i = at;
    let byte = bytes[i]!;
    if (!(byte >= ZERO && byte <= NINE)) throw this.#fault(i, "a digit should be there");
    do byte = bytes[++i]!;
    while (byte >= ZERO && byte <= NINE);
    return i;
  }

  #literal(at: number): number {
    const bytes = this.body;
    const word = bytes[at] === 0x74 ? "true" : bytes[at] === 0x66 ? "false" : "null";
    for (let k = 0; k < word.length; k += 1) {
      if (bytes[at + k] !== word.charCodeAt(k)) throw this.#fault(at + k, "a value should be there");
    }
    return at + word.length;
  }

  #blank(at: number): number {
    const bytes = this.body;
    let i = at;
    let byte = bytes[i]!;
    while (byte === BLANK || byte === LF || byte === CR || byte === TAB) byte = bytes[++i]!;
    return i;
  }

  #fault(at: number, what: string): BrokenAnswer {
    return at >= this.length
      ? new BrokenAnswer(`the answer is cut off at byte ${this.length}`, this.length)
      : new BrokenAnswer(`the answer is no JSON at byte ${at}: ${what}`, at);
  }
}
