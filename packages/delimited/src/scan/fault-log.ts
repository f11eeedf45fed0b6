import type { Marks, ScanLimits } from "./dialect.ts";
import { type Fault, type FaultCode, RECORD_FAULTY, RECORD_FORGIVEN, type RecordBlock } from "./record-block.ts";

/** What tolerant reading forgives. */
const FORGIVABLE: ReadonlySet<FaultCode> = new Set([
  "quote_unclosed",
  "quote_stray",
  "text_after_quote",
  "spaces_round_quotes",
]);

/** Notes on a block what is wrong with its records. */
export class FaultLog {
  readonly #isTolerant: boolean;
  readonly #columns: number;

  constructor({ reading }: Marks, { columns }: ScanLimits) {
    this.#isTolerant = reading === "tolerant";
    this.#columns = columns;
  }

  /** Notes a fault; once per field and kind, and not in columns beyond the limit, so that their number is bounded. */
  note(block: RecordBlock, record: number, code: FaultCode, at: number, field: number): void {
    const { faults } = block;
    if (field === this.#columns && code !== "columns_too_many") return;
    for (let i = faults.length - 1; i >= 0; i -= 1) {
      const fault = faults[i]!;
      if (fault.record !== record || fault.field !== field) break;
      if (fault.code === code) return;
    }
    const forgiven = this.#isTolerant && FORGIVABLE.has(code);
    faults.push({ record, code, at, field, forgiven });
    if (!forgiven) block.faulty[record] = RECORD_FAULTY;
    else if (block.faulty[record] === 0) block.faulty[record] = RECORD_FORGIVEN;
  }

  /** Takes the faults of the last record away. */
  drop(block: RecordBlock, record: number): Fault[] {
    const { faults } = block;
    let first = faults.length;
    while (first > 0 && faults[first - 1]!.record === record) first -= 1;
    block.faulty[record] = 0;
    return faults.splice(first);
  }
}
