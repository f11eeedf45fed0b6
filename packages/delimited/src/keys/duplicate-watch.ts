import { KIND_INTEGER } from "../cells/column-plan.ts";
import { DenseKeys } from "./dense-keys.ts";
import { DuplicateProof } from "./duplicate-proof.ts";
import { HitList } from "./hit-list.ts";
import { KeyHash } from "./key-hash.ts";
import { KeySet, NEW_KEY } from "./key-set.ts";
import { type CellSpans, hashKey, isUsable, mostBytes, type UniqueRule } from "./unique-rule.ts";

/** The answers of {@link DuplicateWatch.look} that are no lines. */
export const KEY_NEW = NEW_KEY;
export const KEY_NOT_USABLE = -2;
export const KEY_TOO_LONG = -3;

/**
 * Watches one rule over a file in bounded memory. Whole numbers that lie side by side are kept as they are (dense-keys.ts).
 * Of all other keys 64-bit hashes are kept, keyed at random; whatever hits is noted, and proved by {@link DuplicateProof}
 * afterwards.
 */
export class DuplicateWatch {
  readonly rule: UniqueRule;
  readonly #hash: KeyHash;
  #keys = new KeySet();
  /** As long as there are but whole numbers, and near ones. */
  #dense: DenseKeys | undefined;
  readonly #hits = new HitList();

  constructor(rule: UniqueRule, hash = new KeyHash()) {
    const [plan, ...others] = rule.plans;
    this.rule = rule;
    this.#hash = hash;
    this.#dense = plan?.kind === KIND_INTEGER && others.length === 0 ? new DenseKeys() : undefined;
  }

  /**
   * Notes the key of a record.
   * @returns KEY_NEW; the line of the first record with the same key (0: not known any more); KEY_NOT_USABLE when a cell of
   * it is empty or faulty; KEY_TOO_LONG.
   */
  look(out: Buffer, cells: CellSpans, line: number): number {
    if (this.#dense !== undefined) {
      const { index } = this.rule.plans[0]!;
      const key = readWholeNumber(out, cells.starts[index]!, cells.ends[index]!);
      if (!Number.isNaN(key)) return this.#lookDense(this.#dense, key, out, cells, line);
      if (!isUsable(out, cells, index)) return KEY_NOT_USABLE;
      this.#leaveDense(this.#dense);
    }
    const size = hashKey(this.#hash, this.rule, out, cells);
    if (size < 0) return KEY_NOT_USABLE;
    if (size > mostBytes(this.rule)) return KEY_TOO_LONG;
    const { h1, h2 } = this.#hash;
    const answer = this.#keys.add(h1, h2, line);
    if (answer !== NEW_KEY) this.#hits.add(h1, h2);
    return answer;
  }

  #lookDense(dense: DenseKeys, key: number, out: Buffer, cells: CellSpans, line: number): number {
    const answer = dense.add(key, line);
    if (answer !== NEW_KEY) {
      // The proof has to know it, in case that hashes are needed later.
      hashKey(this.#hash, this.rule, out, cells);
      this.#hits.add(this.#hash.h1, this.#hash.h2);
    } else if (dense.isSparse) {
      this.#leaveDense(dense);
    }
    return answer;
  }

  /** Goes on with hashes of all keys. */
  #leaveDense(dense: DenseKeys): void {
    const { index } = this.rule.plans[0]!;
    const cells = { starts: new Int32Array(index + 1), ends: new Int32Array(index + 1) };
    const text = Buffer.alloc(MOST_DIGITS + 1);
    this.#dense = undefined;
    for (const { key, line } of dense.entries()) {
      cells.ends[index] = text.write(String(key), "latin1");
      hashKey(this.#hash, this.rule, text, cells);
      const { h1, h2 } = this.#hash;
      if (this.#keys.add(h1, h2, line) !== NEW_KEY) this.#hits.add(h1, h2);
    }
  }

  /** Ends the watch. Returns what has to be proved, or undefined when nothing came twice, or all is proved. */
  finish(keysPerReading?: number): DuplicateProof | undefined {
    // The keys are not needed any more, and may be large.
    this.#keys = new KeySet();
    const isExact = this.#dense !== undefined;
    this.#dense = undefined;
    if (isExact) return undefined;
    return this.#hits.size === 0 ? undefined : new DuplicateProof(this.rule, this.#hash, this.#hits, keysPerReading);
  }
}

/** Digits of a whole number that is exact as a double, whatever it is. */
const MOST_DIGITS = 15;

/** A whole number in canonical form; NaN for NULL, for a cell that is not usable, and for more digits than are exact. */
function readWholeNumber(out: Buffer, from: number, to: number): number {
  if (from < 0) return Number.NaN;
  const isNegative = out[from] === 0x2d;
  let i = isNegative ? from + 1 : from;
  if (to - i > MOST_DIGITS) return Number.NaN;
  let value = 0;
  for (; i < to; i += 1) {
    const digit = out[i]! - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return isNegative ? -value : value;
}
