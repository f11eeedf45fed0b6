import { BrokenAnswer } from "../broken-answer.ts";

const ISO = /^[+-]?\d{4,6}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?)?/;

const LONGEST_KEY = 1_000;

/** Keeps the latest time, or the greatest key, of those that it is shown; as it is written. */
export class Greatest {
  readonly #isTime: boolean;
  #text: string | null = null;
  #bytes: Buffer | null = null;
  /** For times: since 1970. */
  #timeMs = 0;
  /** Digits may be compared in their order: a time from its year on, or a key. */
  #isOrdered = false;

  constructor(kind: "time" | "key") {
    this.#isTime = kind === "time";
  }

  get text(): string | null {
    return this.#text;
  }

  /**
   * @param bytes the value's text lies from `from` to `to`, decoded
   * @throws BrokenAnswer when it should be a time and is none
   */
  show(bytes: Uint8Array, from: number, to: number): void {
    const order = this.#isOrdered ? orderOfAlike(this.#bytes!, bytes, from, to) : UNLIKE;
    if (order !== UNLIKE && order <= 0) return;
    const candidate = Buffer.from(bytes.subarray(from, to));
    const text = candidate.toString("utf8");
    if (this.#isTime) {
      const timeMs = readTime(text, from);
      if (order === UNLIKE && this.#text !== null && timeMs <= this.#timeMs) return;
      this.#timeMs = timeMs;
      this.#isOrdered = ISO.test(text);
    } else {
      // It is kept where nothing holds a NUL, and sent as a part of an address.
      if (text.length > LONGEST_KEY || text.includes("\0"))
        throw new BrokenAnswer("an item's key at `incremental.by` cannot be kept: too long, or with a NUL in it", from);
      if (order === UNLIKE && this.#text !== null && compareKeys(text, this.#text) <= 0) return;
      this.#isOrdered = true;
    }
    this.#text = text;
    this.#bytes = candidate;
  }
}

const UNLIKE = 2;

/** How a value compares with the greatest so far, where both have digits in the same places and are otherwise the same. */
function orderOfAlike(greatest: Uint8Array, bytes: Uint8Array, from: number, to: number): number {
  if (to - from !== greatest.length) return UNLIKE;
  let order = 0;
  for (let i = 0; i < greatest.length; i += 1) {
    const theirs = greatest[i]!;
    const ours = bytes[from + i]!;
    if (ours === theirs) continue;
    if (!isDigit(ours) || !isDigit(theirs)) return UNLIKE;
    if (order === 0) order = ours - theirs;
  }
  return order === 0 ? 0 : order > 0 ? 1 : -1;
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** ISO 8601, without an offset in UTC; OData's `/Date(1763712000000)/`; seconds or milliseconds since 1970. */
function readTime(text: string, offset: number): number {
  const milliseconds = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(text)?.[1];
  if (milliseconds !== undefined) return Number(milliseconds);
  if (/^\d{9,10}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  if (/^\d{12,14}$/.test(text)) return Number(text);
  const shape = ISO.exec(text);
  if (shape !== null) {
    const iso = text.replace(" ", "T").replace(",", ".");
    const hasZone = /(?:[Zz]|[+-]\d\d(?::?\d\d)?)$/.test(text.slice(Math.max(10, shape[0].length)));
    const timeMs = Date.parse(hasZone || iso.length <= 10 ? iso : `${iso}Z`);
    if (!Number.isNaN(timeMs)) return timeMs;
  }
  throw new BrokenAnswer(
    "an item says that it was changed at a time that cannot be read: name another field in `incremental.by`",
    offset,
  );
}

/** Whole numbers by their value, however long; other texts byte by byte. */
function compareKeys(a: string, b: string): number {
  const whole = /^-?\d{1,100}$/;
  if (whole.test(a) && whole.test(b)) {
    const difference = BigInt(a) - BigInt(b);
    return difference > 0n ? 1 : difference < 0n ? -1 : 0;
  }
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
