/**
 * Columns to add to every record of a result file. All cells of one column have the same width, and are ASCII: a web
 * address with a fixed-size token in it. That is what makes a million of them cheap.
 */
export interface AddedColumns {
  /** The header's new labels, such as `thumbnail_1`, `landingPage`. */
  labels: readonly string[];
  /** Bytes per cell of each column. */
  widths: readonly number[];
  /**
   * Writes the cells of `records.length` records, some thousand at a time, into `target`: row `i` begins at
   * `i * sum(widths)` and holds its cells one after the other, with nothing between them. `records` holds their numbers,
   * rising. Set `withheld[i] = 1` to leave record `i`'s new cells empty (its row need not be written then).
   * The cells of one column may differ only in letters, digits, `-` and `_`, so that one look shows whether it needs quotes.
   */
  fill(records: Float64Array, target: Buffer, withheld: Uint8Array): void | Promise<void>;
}
