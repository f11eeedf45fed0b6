import { type Rule, type Severity, Unavailable } from "@inlet/contracts";
import { type ColumnPlan, KIND_DECIMAL } from "../cells/column-plan.ts";
import { KeyHash } from "./key-hash.ts";
import { KeySet, NEW_KEY } from "./key-set.ts";

/**
 * A key's canonical bytes, at most. PostgreSQL refuses a B-tree entry of more than 2,704 bytes (a third of a page); what is
 * left pays for the entry's own overhead and alignment.
 */
export const KEY_BYTES = 2500;

/** The columns whose values, taken together, may come only once in a file. */
export interface UniqueRule {
  code: "value_duplicate" | "key_duplicate" | "combination_duplicate";
  plans: readonly ColumnPlan[];
  severity: Severity;
  /** What the client reads instead of our own sentence. */
  message?: string | undefined;
}

/**
 * What must not come twice in a file: the table's key; each unique column that is not the whole key already; and the rules
 * `unique`, where the file has their columns. A key is always an error: an upsert could not take it.
 */
export function uniqueRules(plans: readonly ColumnPlan[], rules: readonly Rule[] = []): UniqueRule[] {
  const key = plans.filter((plan) => plan.inKey);
  const unique: UniqueRule[] = key.length > 0 ? [{ code: "key_duplicate", plans: key, severity: "error" }] : [];
  for (const plan of plans) {
    const { column } = plan;
    const isWholeKey = key.length === 1 && key[0] === plan;
    if (!column.unique || isWholeKey || plan.field < 0) continue;
    unique.push({ code: "value_duplicate", plans: [plan], severity: column.severity });
  }
  for (const rule of rules) {
    if (rule.rule !== "unique") continue;
    const { columns, severity, message } = rule;
    const own = plans.filter(({ column, field }) => field >= 0 && columns.includes(column.name));
    if (own.length < new Set(columns).size) continue;
    const code = own.length === 1 ? "value_duplicate" : "combination_duplicate";
    unique.push({ code, plans: own, severity, message });
  }
  return unique;
}

/** Where a record's cells lie in its canonical line; a start of -1: the cell is not usable. */
export interface CellSpans {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The answers of {@link DuplicateWatch.look} that are no lines. */
export const KEY_NEW = NEW_KEY;
export const KEY_NOT_USABLE = -2;
export const KEY_TOO_LONG = -3;

/**
 * Watches one rule over a file in bounded memory: 64-bit hashes, keyed at random, of all keys. Whatever hits is noted, and
 * proved by {@link DuplicateProof} afterwards.
 */
export class DuplicateWatch {
  readonly rule: UniqueRule;
  readonly #hash: KeyHash;
  #keys = new KeySet();
  readonly #hits = new HitList();

  constructor(rule: UniqueRule, hash = new KeyHash()) {
    this.rule = rule;
    this.#hash = hash;
  }

  /**
   * Notes the key of a record.
   * @returns KEY_NEW; the line of the first record with the same key (0: not known any more); KEY_NOT_USABLE when a cell of
   * it is empty or faulty; KEY_TOO_LONG.
   */
  look(out: Buffer, cells: CellSpans, line: number): number {
    const size = hashKey(this.#hash, this.rule, out, cells);
    if (size < 0) return KEY_NOT_USABLE;
    if (size > mostBytes(this.rule)) return KEY_TOO_LONG;
    const { h1, h2 } = this.#hash;
    const answer = this.#keys.add(h1, h2, line);
    if (answer !== NEW_KEY) this.#hits.add(h1, h2);
    return answer;
  }

  /** Ends the watch. Returns what has to be proved, or undefined when nothing came twice. */
  finish(keysPerReading?: number): DuplicateProof | undefined {
    // The keys are not needed any more, and may be large.
    this.#keys = new KeySet();
    return this.#hits.size === 0 ? undefined : new DuplicateProof(this.rule, this.#hash, this.#hits, keysPerReading);
  }
}

/** The hashes of keys that came again, two words each; a key that came three times is here twice. */
class HitList {
  readonly #chunks: Uint32Array[] = [];
  size = 0;

  add(h1: number, h2: number): void {
    const at = (this.size % HITS_PER_CHUNK) * 2;
    if (at === 0) this.#chunks.push(new Uint32Array(this.size === 0 ? 64 : HITS_PER_CHUNK * 2));
    let chunk = this.#chunks.at(-1)!;
    if (at === chunk.length) {
      const larger = new Uint32Array(HITS_PER_CHUNK * 2);
      larger.set(chunk);
      chunk = larger;
      this.#chunks[this.#chunks.length - 1] = chunk;
    }
    chunk[at] = h1;
    chunk[at + 1] = h2;
    this.size += 1;
  }

  forEach(look: (h1: number, h2: number) => void): void {
    let left = this.size;
    for (const chunk of this.#chunks) {
      for (let at = 0; at < chunk.length && left > 0; at += 2, left -= 1) look(chunk[at]!, chunk[at + 1]!);
    }
  }
}

const HITS_PER_CHUNK = 64 * 1024;
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

/** Only a table's key has an index. */
function mostBytes({ code }: UniqueRule): number {
  return code === "key_duplicate" ? KEY_BYTES : Number.POSITIVE_INFINITY;
}

/** Hashes the key of a record; returns its length in bytes, or -1 when a cell of it is empty or not usable. */
function hashKey(hash: KeyHash, { plans }: UniqueRule, out: Buffer, cells: CellSpans): number {
  let size = 0;
  hash.begin();
  for (const plan of plans) {
    const start = cells.starts[plan.index]!;
    if (start < 0) return -1;
    const end = keyEnd(plan, out, cells);
    if (end - start === 2 && out[start] === 0x5c && out[start + 1] === 0x4e) return -1;
    hash.update(out, start, end);
    size += end - start;
  }
  hash.finish();
  // Two zeros mark a free slot.
  if (hash.h1 === 0 && hash.h2 === 0) hash.h1 = 1;
  return size;
}

/** Where the part of a cell ends that counts in a comparison: 1.50 and 1.5 are one number to PostgreSQL. */
function keyEnd(plan: ColumnPlan, out: Buffer, cells: CellSpans): number {
  const end = cells.ends[plan.index]!;
  if (plan.kind !== KIND_DECIMAL) return end;
  const start = cells.starts[plan.index]!;
  if (out.subarray(start, end).indexOf(0x2e) === -1) return end;
  let at = end;
  while (out[at - 1] === 0x30) at -= 1;
  return out[at - 1] === 0x2e ? at - 1 : at;
}
