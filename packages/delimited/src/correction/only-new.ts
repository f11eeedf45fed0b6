import { CanonicalWriter } from "../canonical/canonical-writer.ts";
import { decodeRejected, RejectedEncoder } from "../canonical/rejected.ts";
import { RecordSet } from "./record-set.ts";

type Sink = (chunk: Buffer) => void | Promise<void>;

/** Where the products of a check go. */
interface Sinks {
  canonical: Sink;
  index: Sink;
  rejected: Sink;
}

/**
 * For a file of which some records are in the client's table already: it is checked as a whole, because whether a record
 * is unique, or its group is complete, shows only among all; but its canonical file holds the new records alone, and its
 * rejected file all the others. Give `sinks` to the check, and call `finish` after it.
 */
export class OnlyNew {
  readonly sinks: Sinks;
  readonly #imported: RecordSet;
  readonly #out: Sinks;
  readonly #failed: Buffer[] = [];
  readonly #writer = new CanonicalWriter();

  constructor(imported: RecordSet, out: Sinks) {
    this.#imported = imported;
    this.#out = out;
    this.sinks = {
      canonical: (chunk) => this.#takeLines(chunk),
      index: () => {},
      rejected: (chunk) => void this.#failed.push(Buffer.from(chunk)),
    };
  }

  /**
   * Writes the rejected file.
   * @param recordCount how many records the file has.
   * @returns the first record that is imported already and would not pass any more beside the new ones; else null.
   */
  async finish(recordCount: number): Promise<{ conflict: number | null }> {
    const failed = new RecordSet();
    for await (const record of decodeRejected(this.#failed)) {
      if (this.#imported.has(record)) return { conflict: record };
      failed.add(record);
    }
    const encoder = new RejectedEncoder();
    for (let record = 1; record <= recordCount; record += 1) {
      if (failed.has(record) || this.#imported.has(record)) encoder.add(record);
      if (record % 100_000 === 0) await this.#hand(this.#out.rejected, encoder.take());
    }
    await this.#hand(this.#out.rejected, encoder.take());
    return { conflict: null };
  }

  /** Keeps the new records of some canonical lines. */
  async #takeLines(lines: Buffer): Promise<void> {
    const writer = this.#writer;
    for (let from = 0; from < lines.length; ) {
      const to = lines.indexOf("\n", from) + 1;
      const record = Number(lines.toString("latin1", from, lines.indexOf("\t", from)));
      if (!this.#imported.has(record)) {
        const start = writer.position;
        lines.copy(writer.reserve(to - from), start, from, to);
        writer.commit(record, start + to - from);
      }
      from = to;
    }
    await this.#hand(this.#out.index, writer.takeIndex());
    await this.#hand(this.#out.canonical, writer.pending());
    writer.release();
  }

  async #hand(sink: Sink, bytes: Buffer): Promise<void> {
    if (bytes.length > 0) await sink(bytes);
  }
}
