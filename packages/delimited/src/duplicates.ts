import { Unavailable } from "@inlet/contracts";
import { type ColumnPlan, KIND_DECIMAL } from "./column-plan.ts";
import { KeyHash } from "./key-hash.ts";
import { KeySet, NEW_KEY } from "./key-set.ts";

/**
 * A key's canonical bytes, at most. PostgreSQL refuses a B-tree entry of more than 2,704 bytes (a third of a page); what is
 * left pays for the entry's own overhead and alignment.
 */
export const KEY_BYTES = 2500;

/** The columns whose values, taken together, may come only once in a file. */
export interface UniqueRule {
  code: "value_duplicate" | "key_duplicate";
  plans: readonly ColumnPlan[];
}

/** The rules of a table: its key, and each unique column that is not the whole key already. */
export function uniqueRules(plans: readonly ColumnPlan[]): UniqueRule[] {
  const key = plans.filter((plan) => plan.inKey);
  const rules: UniqueRule[] = key.length > 0 ? [{ code: "key_duplicate", plans: key }] : [];
  for (const plan of plans) {
    const isWholeKey = key.length === 1 && key[0] === plan;
    if (plan.column.unique && !isWholeKey && plan.field >= 0) rules.push({ code: "value_duplicate", plans: [plan] });
  }
  return rules;
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
 * Watches one rule over a file in bounded memory: 64-bit hashes, keyed at random, of all keys; whatever hits is noted, and
 * compared byte by byte by {@link DuplicateProof} afterwards.
 */
export class DuplicateWatch {
  readonly rule: UniqueRule;
  readonly #hash: KeyHash;
  readonly #keys = new KeySet();
  /** The hashes of the keys that came again, two words each; a key that came three times is here twice. */
  #hits = new Uint32Array(64);
  hitCount = 0;

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
    if (size > KEY_BYTES) return KEY_TOO_LONG;
    const answer = this.#keys.add(this.#hash.h1, this.#hash.h2, line);
    if (answer !== NEW_KEY) this.#note();
    return answer;
  }

  /** What a proof needs: the same hash, and the hits. */
  proof(): DuplicateProof {
    return new DuplicateProof(this.rule, this.#hash, this.#hits.subarray(0, this.hitCount * 2));
  }

  #note(): void {
    if (this.hitCount * 2 === this.#hits.length) {
      const larger = new Uint32Array(this.#hits.length * 2);
      larger.set(this.#hits);
      this.#hits = larger;
    }
    this.#hits[this.hitCount * 2] = this.#hash.h1;
    this.#hits[this.hitCount * 2 + 1] = this.#hash.h2;
    this.hitCount += 1;
  }
}

/** Keys that are compared in one reading of the file, so that their texts do not fill the memory. */
const KEYS_PER_READING = 200_000;

/**
 * Shows that every hit was a true duplicate: in a second reading it keeps the texts of the keys that hit, and counts how
 * often a text comes again. Two different keys with one 64-bit hash would leave the counts apart.
 */
export class DuplicateProof {
  readonly #rule: UniqueRule;
  readonly #hash: KeyHash;
  /** Distinct hits as numbers, sorted, and how many of them have been dealt with. */
  readonly #wanted: Float64Array;
  readonly #expected: number;
  #from = 0;
  #current = new Map<number, Set<string>>();
  #found = 0;

  constructor(rule: UniqueRule, hash: KeyHash, hits: Uint32Array) {
    this.#rule = rule;
    this.#hash = hash;
    this.#expected = hits.length / 2;
    const numbers = new Float64Array(this.#expected);
    for (let i = 0; i < numbers.length; i += 1) numbers[i] = hashNumber(hits[i * 2]!, hits[i * 2 + 1]!);
    numbers.sort();
    let distinct = 0;
    for (let i = 0; i < numbers.length; i += 1) {
      if (i === 0 || numbers[i] !== numbers[i - 1]) numbers[distinct++] = numbers[i]!;
    }
    this.#wanted = numbers.subarray(0, distinct);
  }

  /** Prepares the next reading; false when none is needed any more. */
  begin(): boolean {
    this.#current = new Map();
    const to = Math.min(this.#wanted.length, this.#from + KEYS_PER_READING);
    for (let i = this.#from; i < to; i += 1) this.#current.set(this.#wanted[i]!, new Set());
    this.#from = to;
    return this.#current.size > 0;
  }

  /** Looks at a record of the reading. */
  look(out: Buffer, cells: CellSpans): void {
    const size = hashKey(this.#hash, this.#rule, out, cells);
    if (size < 0 || size > KEY_BYTES) return;
    const seen = this.#current.get(hashNumber(this.#hash.h1, this.#hash.h2));
    if (seen === undefined) return;
    const text = this.#rule.plans
      .map((plan) => out.toString("latin1", cells.starts[plan.index]!, keyEnd(plan, out, cells)))
      .join("\t");
    if (seen.has(text)) this.#found += 1;
    else seen.add(text);
  }

  /** @throws Unavailable when two different keys had one hash: the check must be made again, with another hash key. */
  finish(): void {
    if (this.#found === this.#expected) return;
    throw new Unavailable({
      code: "hash_collision",
      message: "Two different keys had the same hash; the check has to be repeated.",
    });
  }
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

function hashNumber(h1: number, h2: number): number {
  return (h1 >>> 0) * 0x20_0000 + (h2 >>> 11);
}
