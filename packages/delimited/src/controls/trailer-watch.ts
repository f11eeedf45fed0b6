import type { ScanPlan } from "../scan/dialect.ts";
import { trailerTexts } from "../scan/field-text.ts";
import type { RecordBlock } from "../scan/record-block.ts";

/** A file's trailer: the line that says what the file holds. */
export interface FoundTrailer {
  /** Its cells as the client meant them; undefined where a quote of it is broken. */
  cells: string[] | undefined;
  /** Physical line, from 1. */
  line: number;
  /** Byte offset in the file, from 0. */
  offset: number;
}

/** Looks for the trailer while a file's blocks go by. */
export class TrailerWatch {
  readonly #dialect: ScanPlan["dialect"];
  /** The last line that looks like one. */
  last: FoundTrailer | undefined;
  /** Where records, or another trailer, follow one. */
  early: FoundTrailer | undefined;

  constructor({ dialect }: ScanPlan) {
    this.#dialect = dialect;
  }

  look(block: RecordBlock): void {
    if (block.count === 0 && block.trailerLines === 0) return;
    if (this.last !== undefined) this.early ??= this.last;
    const { firstTrailer, lastTrailer } = block;
    if (firstTrailer === null || lastTrailer === null) return;
    const { encoding, quote } = this.#dialect;
    const found = (trailer: typeof lastTrailer): FoundTrailer => ({
      cells: trailer.faults.some(({ forgiven }) => !forgiven)
        ? undefined
        : trailerTexts(block, trailer, encoding, quote),
      line: block.baseLine + trailer.line,
      offset: block.baseOffset + trailer.start,
    });
    this.last = found(lastTrailer);
    if (block.trailerLines > 1 || firstTrailer.recordsBefore < block.count) this.early ??= found(firstTrailer);
  }
}
