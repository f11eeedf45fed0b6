import type { Encoding } from "../scan/dialect.ts";
import { decodeText } from "../scan/encoding.ts";

/** Values that are remembered to see whether one comes twice. */
const MOST_REMEMBERED = 200_000;
/** More distinct values than this are not few. */
const MOST_FEW = 20;
const LONGEST_BYTES = 200;

/** Values that show what a column of text is about. */
const MOST_EXAMPLES = 100;

/** Counts the distinct values of one column, as far as they are few, and sees whether any comes twice. */
export class ValueStudy {
  #seen: Set<string> | undefined = new Set();
  #few: Set<string> | undefined = new Set();
  /** Its first different values. */
  readonly examples = new Set<string>();
  isUnique = true;

  look(bytes: Buffer, from: number, to: number, encoding: Encoding): void {
    if (from === to || (this.#seen === undefined && this.#few === undefined)) return;
    if (to - from > LONGEST_BYTES) {
      this.#few = undefined;
      return;
    }
    const text = decodeText(bytes, from, to, encoding);
    if (this.examples.size < MOST_EXAMPLES) this.examples.add(text);
    if (this.#few !== undefined) {
      this.#few.add(text);
      if (this.#few.size > MOST_FEW) this.#few = undefined;
    }
    if (this.#seen === undefined) return;
    if (this.#seen.has(text)) {
      this.isUnique = false;
      this.#seen = undefined;
    } else if (this.#seen.size < MOST_REMEMBERED) {
      this.#seen.add(text);
    }
  }

  /** All values, in the order of the alphabet; undefined when there are many. */
  get few(): readonly string[] | undefined {
    return this.#few === undefined ? undefined : [...this.#few].sort();
  }
}
