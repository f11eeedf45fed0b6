/** Four bytes are compared at once. */
const SHORTEST = 4;
const LONGEST = 512;

/**
 * A name as it stands in an answer: `"ItemCode":` with the white space before, between and after. Items have the same names in
 * the same order, so which one comes next is known before it is read, and comparing is quicker than reading.
 */
export class Expected<Place> {
  readonly place: Place | null;
  readonly length: number;
  readonly words: Int32Array;
  /** The last four bytes: they overlap with the words before, so that nothing beyond the name is compared. */
  readonly tail: number;
  /** What came after it the last time, and what came at another time: optional names are there or not. */
  next: Expected<Place> | null = null;
  other: Expected<Place> | null = null;

  constructor(bytes: Uint8Array, from: number, to: number, place: Place | null) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + from, to - from);
    this.place = place;
    this.length = to - from;
    this.words = Int32Array.from({ length: (to - from) >> 2 }, (_, word) => view.getInt32(word * 4, true));
    this.tail = to - from < SHORTEST ? 0 : view.getInt32(to - from - 4, true);
  }

  /** This one came after it. */
  isFollowedBy(next: Expected<Place>): void {
    this.other = this.next;
    this.next = next;
  }
}

interface Known<Place> {
  bytes: Buffer;
  place: Place | null;
  expected: Expected<Place> | null;
  next: Known<Place> | undefined;
}

const BUCKETS = 256;
/** So many names are learned of the objects at one place; a hostile answer has no end of them. */
const MOST_LEARNED = 512;

/** The names of the objects at one place: which of them are looked for, with what lies there, and how they follow each other. */
export class NameTable<Place> {
  /** Stands before an object's first name. */
  readonly start = new Expected<Place>(new Uint8Array(0), 0, 0, null);
  readonly #buckets: (Known<Place> | undefined)[] = new Array(BUCKETS).fill(undefined);
  readonly #places = new Map<string, Place>();
  #learned = 0;

  placeOf(name: string): Place | undefined {
    return this.#places.get(name);
  }

  add(name: string, place: Place): void {
    this.#places.set(name, place);
    this.#know(Buffer.from(name), place);
  }

  /** What is known of a name that was read; undefined: nothing, and it is not looked for. */
  find(bytes: Uint8Array, from: number, to: number): Known<Place> | undefined {
    let known = this.#buckets[bucketOf(bytes, from, to)];
    while (known !== undefined && !isSame(known.bytes, bytes, from, to)) known = known.next;
    return known;
  }

  /**
   * Learns how a name stands in the answer.
   * @param name where the name itself is
   * @param from @param to all of it, from after the comma to the value
   */
  learn(bytes: Uint8Array, name: { from: number; to: number }, from: number, to: number): Expected<Place> | null {
    if (this.#learned === MOST_LEARNED || to - from < SHORTEST || to - from > LONGEST) return null;
    this.#learned += 1;
    const known =
      this.find(bytes, name.from, name.to) ?? this.#know(Buffer.from(bytes.subarray(name.from, name.to)), null);
    known.expected = new Expected(bytes, from, to, known.place);
    return known.expected;
  }

  #know(bytes: Buffer, place: Place | null): Known<Place> {
    const bucket = bucketOf(bytes, 0, bytes.length);
    const known = { bytes, place, expected: null, next: this.#buckets[bucket] };
    this.#buckets[bucket] = known;
    return known;
  }
}

/** Whoever finds many names of one bucket makes its chain as long as what is learned, at most. */
function bucketOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let i = from; i < to; i += 1) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (BUCKETS - 1);
}

function isSame(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i += 1) if (name[i] !== bytes[from + i]) return false;
  return true;
}
