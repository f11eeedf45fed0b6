import { FIELD_ESCAPED, type RecordBlock } from "../scan/record-block.ts";
import { ColumnStudy, type StudiedType } from "./column-study.ts";
import { lookAtSample, type Sampled } from "./sample.ts";
import { ValueStudy } from "./value-study.ts";

/** What the cells of one field of the file show. */
export interface InferredColumn extends StudiedType {
  /** Position in the file, from 0. */
  index: number;
  /** Cells that were looked at: with something in them, with nothing, with spaces round them. */
  filled: number;
  empty: number;
  padded: number;
  /** The longest cell, in bytes. */
  longest: number;
  /** Every value that was met, when there are few of them; and whether none came twice. Only where it was asked for. */
  values: readonly string[] | undefined;
  isUnique: boolean;
  /** The first different values, up to a hundred. */
  examples: readonly string[];
}

/** What a file's cells show. */
export interface InferredColumns {
  columns: InferredColumn[];
  /** Records that were looked at. */
  records: number;
  /** The whole file was. */
  isWhole: boolean;
}

/**
 * Infers what the columns of a file hold: integer, decimal (with dot or comma), boolean, date, timestamp (in one of some
 * dozens of writings) or text. A type needs a strong majority of the filled cells, so that the few that contradict it can be
 * reported; digits with zeros before them are text. Bounded: it looks at some ten thousand records.
 * @param width how many fields a record has; others are passed over.
 * @param withValues also collects distinct values.
 */
export async function inferColumns(sampled: Sampled, width: number, withValues = false): Promise<InferredColumns> {
  const studies = Array.from({ length: width }, () => new ColumnStudy());
  const values = withValues ? studies.map(() => new ValueStudy()) : [];
  const { encoding } = sampled.scan.dialect;
  let records = 0;
  const isWhole = await lookAtSample(sampled, (block: RecordBlock) => {
    const { bytes, fieldStarts, fieldEnds, fieldFlags } = block;
    for (let r = 0; r < block.count; r += 1) {
      const first = block.firstFields[r]!;
      if (block.faulty[r] !== 0 || block.firstFields[r + 1]! - first !== width) continue;
      records += 1;
      for (let index = 0; index < width; index += 1) {
        const field = first + index;
        const from = fieldStarts[field]!;
        const to = fieldEnds[field]!;
        const isPlain = (fieldFlags[field]! & FIELD_ESCAPED) === 0;
        studies[index]!.look(bytes, from, to, isPlain);
        values[index]?.look(bytes, from, to, encoding);
      }
    }
  });
  const columns = studies.map((study, index) => ({
    index,
    ...study.judge(isWhole),
    filled: study.filled,
    empty: study.empty,
    padded: study.padded,
    longest: study.longest,
    values: values[index]?.few,
    isUnique: values[index]?.isUnique ?? false,
    examples: [...(values[index]?.examples ?? [])],
  }));
  return { columns, records, isWhole };
}
