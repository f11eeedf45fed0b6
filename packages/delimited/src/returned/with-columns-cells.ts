import { InvariantBroken, Misconfigured } from "@inlet/contracts";
import type { Dialect } from "../scan/dialect.ts";
import { encodeText } from "../scan/encoding.ts";
import { SLACK_BYTES } from "../scan/record-block.ts";
import { WideCopy } from "../scan/wide-copy.ts";

const BACKSLASH = 0x5c;

/** How the cells of one added column are written. */
export interface CellForm {
  /** The quote round each of them, or 0. */
  quote: number;
  /** Some of their bytes have to be escaped. */
  escapes: boolean;
}

/** Writes new cells as the file's dialect wants them, so that it reads back the very same text. */
export class NewCells {
  readonly #dialect: Dialect;
  readonly #quote: number;
  /** What is put before a byte that has to be escaped, and which bytes these are. */
  readonly #escape: number;
  readonly #isEscaped = new Uint8Array(256);
  readonly #copy = new WideCopy();

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#quote = dialect.quote?.charCodeAt(0) ?? 0;
    this.#escape = dialect.escape === "backslash" ? BACKSLASH : this.#quote;
    if (dialect.quote !== null) {
      this.#isEscaped[this.#quote] = 1;
      this.#isEscaped[this.#escape] = 1;
    } else if (dialect.escape === "backslash") {
      const spaces = dialect.trimSpaces ? " \t" : "";
      for (const byte of Buffer.from(`${dialect.delimiter}\r\n\\${spaces}`)) this.#isEscaped[byte] = 1;
    }
  }

  /**
   * How a column is written whose cells differ from `sample` in letters, digits, `-` and `_` only.
   * @throws Misconfigured when the dialect has no way to write it.
   */
  formOf(sample: string): CellForm {
    const { delimiter } = this.#dialect;
    const mayDiffer = (delimiter === "-" || delimiter === "_") && sample !== "";
    return this.#formOf(sample, mayDiffer || sample.includes(delimiter));
  }

  #formOf(sample: string, mayHoldDelimiter: boolean): CellForm {
    const { quote, quoteAll, escape: kind, trimSpaces } = this.#dialect;
    const isSpecial = mayHoldDelimiter || /[\r\n]/.test(sample) || (trimSpaces && /^[ \t]|[ \t]$/.test(sample));
    if (quote === null) {
      const escapes = kind === "backslash";
      if (!isSpecial || escapes) return { quote: 0, escapes: escapes && (isSpecial || sample.includes("\\")) };
      throw new Misconfigured({
        code: "cell_not_writable",
        message:
          "A cell or label to be added holds the delimiter or a line end of the file, which has no quotes; let the file be sent with quotes, or with another delimiter.",
      });
    }
    if (!quoteAll && !isSpecial && !sample.includes(quote)) return { quote: 0, escapes: false };
    return { quote: this.#quote, escapes: sample.includes(quote) || (kind === "backslash" && sample.includes("\\")) };
  }

  /**
   * Writes a cell's bytes to `out` at `at`; returns the position after it. It needs twice its bytes and two more; `cells` and
   * `out` both have SLACK_BYTES to spare.
   */
  write(out: Buffer, at: number, cells: Uint8Array, from: number, to: number, { quote, escapes }: CellForm): number {
    let end = at;
    if (quote !== 0) out[end++] = quote;
    end = escapes ? this.#escaped(out, end, cells, from, to) : this.#copy.copy(cells, from, to, out, end);
    if (quote !== 0) out[end++] = quote;
    return end;
  }

  #escaped(out: Buffer, at: number, cells: Uint8Array, from: number, to: number): number {
    let end = at;
    for (let i = from; i < to; i += 1) {
      if (this.#isEscaped[cells[i]!] === 1) out[end++] = this.#escape;
      out[end++] = cells[i]!;
    }
    return end;
  }

  /**
   * A label's bytes.
   * @throws InvariantBroken when it cannot be written in the file's encoding; Misconfigured as `formOf`.
   */
  label(text: string): Buffer {
    const bytes = encodeText(text, this.#dialect.encoding);
    if (bytes === undefined) {
      throw new InvariantBroken({
        code: "label_not_encodable",
        message: `The label ${text} cannot be written in ${this.#dialect.encoding}.`,
      });
    }
    const form = this.#formOf(text, text.includes(this.#dialect.delimiter));
    const room = Buffer.concat([bytes, Buffer.alloc(SLACK_BYTES)]);
    const out = Buffer.allocUnsafe(bytes.length * 2 + 2 + SLACK_BYTES);
    return out.subarray(0, this.write(out, 0, room, 0, bytes.length, form));
  }
}
