import type { ColumnPlan } from "../cells/column-plan.ts";
import { FORM_ESCAPES, FORM_UTF8, mostCanonicalBytes, writeCell } from "../cells/write-cell.ts";
import { marksOf, type Reading, type TypeCandidate, typeCandidates } from "./type-candidate.ts";

/** Cells after which the ways to read that fit fewer than half of them are not tried any more. */
const TRIED_CELLS = 100;
/** Nothing but text is longer. */
const LONGEST_BYTES = 60;
/** A column holds a type when so many of its filled cells do … */
const MAJORITY = 0.95;
/** … and at least so many; a single exception may be among this many already. */
const LEAST_CELLS = 19;
const LEAST_CELLS_FOR_ONE = 9;
/** Numbers with a zero before them are postal codes, telephone numbers, article numbers; a few may be slips. */
const MOST_LEADING_ZEROS = 0.02;
/** What a bigint holds in any case. */
const INTEGER_DIGITS = 18;

interface Trial {
  candidate: TypeCandidate;
  plan: ColumnPlan | undefined;
  good: number;
}

/** What a column's cells turned out to be. */
export interface StudiedType {
  reading: Reading;
  /** How many of the filled cells that were looked at can be read so, from 0 to 1. */
  share: number;
  /** Another reading that fits as well, so that somebody has to decide: `MM/dd/yyyy` beside `dd/MM/yyyy`. */
  rival: Reading | undefined;
  /** Text, although its cells are digits: with zeros before them, or more than a number holds. */
  isCode: boolean;
}

const TEXT: Reading = { type: "string" };
const scratch = Buffer.allocUnsafe(mostCanonicalBytes(LONGEST_BYTES));

/** Looks at the cells of one column, as they come, and judges what they are. */
export class ColumnStudy {
  filled = 0;
  empty = 0;
  /** Cells with spaces round them. */
  padded = 0;
  /** In bytes. */
  longest = 0;
  #trials: Trial[] = typeCandidates().map((candidate) => ({ candidate, plan: undefined, good: 0 }));
  #leadingZeros = 0;
  #signedOrLong = 0;
  /** Cells such as `1,234`, which may mean a thousand and something. */
  #thousands = 0;

  /** @param isPlain false: its bytes are not its content, because it holds escapes; so it is text. */
  look(bytes: Buffer, from: number, to: number, isPlain: boolean): void {
    if (to - from > this.longest) this.longest = to - from;
    let start = from;
    let end = to;
    while (start < end && isSpace(bytes[start]!)) start += 1;
    while (end > start && isSpace(bytes[end - 1]!)) end -= 1;
    if (start === end) {
      this.empty += 1;
      return;
    }
    this.filled += 1;
    if (end - start < to - from) this.padded += 1;
    if (isPlain && end - start <= LONGEST_BYTES) this.#try(bytes, start, end);
    if (this.filled === TRIED_CELLS) this.#trials = this.#trials.filter(({ good }) => good * 2 >= TRIED_CELLS);
  }

  #try(bytes: Buffer, from: number, to: number): void {
    if (this.#trials.length === 0) return;
    const marks = marksOf(bytes, from, to);
    this.#lookAtNumber(bytes, from, to);
    for (const trial of this.#trials) {
      const { needs, forbids } = trial.candidate;
      if ((marks & needs) !== needs || (marks & forbids) !== 0) continue;
      trial.plan ??= trial.candidate.plan();
      if (writeCell(trial.plan, bytes, from, to, FORM_UTF8 | FORM_ESCAPES, scratch, 0) >= 0) trial.good += 1;
    }
  }

  #lookAtNumber(bytes: Buffer, from: number, to: number): void {
    const first = bytes[from] === 45 || bytes[from] === 43 ? from + 1 : from;
    if (bytes[first] === 48 && first + 1 < to && isDigits(bytes, first + 1, first + 2)) this.#leadingZeros += 1;
    if (isThousands(bytes, from, to)) this.#thousands += 1;
    if (bytes[from] === 43 || (to - from > INTEGER_DIGITS && isDigits(bytes, from, to))) this.#signedOrLong += 1;
  }

  /**
   * @param isWhole all cells of the column have been looked at; if not, a type must show in more than a few.
   */
  judge(isWhole: boolean): StudiedType {
    const best = this.#trials.reduce<Trial | undefined>(
      (found, trial) => (found === undefined || trial.good > found.good ? trial : found),
      undefined,
    );
    const text: StudiedType = { reading: TEXT, share: 1, rival: undefined, isCode: false };
    if (best === undefined || !this.#isStrong(best.good, isWhole)) return text;
    const { reading } = best.candidate;
    if (isNumber(reading) && this.#isCode()) return { ...text, isCode: true };
    if (reading.decimalSeparator === "," && this.#mayBeThousands(best)) return text;
    return { reading, share: best.good / this.filled, rival: this.#rivalOf(best), isCode: false };
  }

  #isStrong(good: number, isWhole: boolean): boolean {
    const bad = this.filled - good;
    if (bad === 0) return good >= (isWhole ? 1 : LEAST_CELLS);
    if (bad === 1) return good >= LEAST_CELLS_FOR_ONE;
    return good >= LEAST_CELLS && good >= this.filled * MAJORITY;
  }

  /** Digits that name something and count nothing: reading them as numbers would lose their zeros. */
  #isCode(): boolean {
    return this.#leadingZeros > this.filled * MOST_LEADING_ZEROS || this.#signedOrLong > this.filled / 2;
  }

  /** Where no cell is a plain number as well, `1,234` everywhere is rather a thousand and something. */
  #mayBeThousands(best: Trial): boolean {
    return this.#thousands === best.good;
  }

  #rivalOf(best: Trial): Reading | undefined {
    const { type, format } = best.candidate.reading;
    if (format === undefined || !/^[dM]/.test(format)) return undefined;
    const swapped = format.replace(/[dM]+/g, (letters) => letters.replace(/./g, letters[0] === "d" ? "M" : "d"));
    return this.#trials.find(
      ({ candidate, good }) =>
        good === best.good && candidate.reading.type === type && candidate.reading.format === swapped,
    )?.candidate.reading;
  }
}

const isNumber = ({ type }: Reading) => type === "integer" || type === "decimal";
const isSpace = (byte: number) => byte === 0x20 || byte === 0x09;

/** A comma with three digits behind it and one to three before, of which the first is no zero. */
function isThousands(bytes: Buffer, from: number, to: number): boolean {
  const start = bytes[from] === 45 ? from + 1 : from;
  const comma = to - 4;
  return (
    bytes[comma] === 44 &&
    comma > start &&
    comma - start <= 3 &&
    bytes[start] !== 48 &&
    isDigits(bytes, start, comma) &&
    isDigits(bytes, comma + 1, to)
  );
}

function isDigits(bytes: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i += 1) if (bytes[i]! < 48 || bytes[i]! > 57) return false;
  return true;
}
