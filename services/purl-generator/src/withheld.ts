import type { BlobReader } from "@inlet/blobs";
import { InvariantBroken, type Storyboard } from "@inlet/contracts";
import { unescapeCell } from "@inlet/delimited";
import { compileRequirements, requirementColumns } from "@inlet/storyboard";

/** Tells which of a batch's records get no link, by what its storyboard requires of them. */
export interface Withheld {
  /**
   * Sets `withheld[i] = 1` for each of the records that gets none, and resolves to how many. To be asked for all valid records
   * of the batch, rising, some thousand at a time: the canonical file is read alongside.
   * @throws InvariantBroken when a record is not in the canonical file
   */
  mark(records: Float64Array, withheld: Uint8Array): Promise<number>;
  close(): Promise<void>;
}

const READ_BYTES = 256 * 1024;
const TAB = 9;
const NEWLINE = 10;

/** Opens the look at a batch's canonical file; it is closed with the look. `columns`: the table's, in the profile's order. */
export function openWithheld(
  canonical: BlobReader,
  { columns, storyboard }: { columns: readonly string[]; storyboard: Pick<Storyboard, "requirements"> },
): Withheld {
  const unmet = compileRequirements(storyboard);
  // The cells that are looked at, by their place in the line; a column that the table does not have is an empty cell.
  const places = requirementColumns(storyboard).flatMap((name) => {
    const place = columns.indexOf(name);
    return place === -1 ? [] : [{ name, place }];
  });
  const lastPlace = Math.max(-1, ...places.map(({ place }) => place));
  const lines = linesOf(canonical);
  let line: Buffer = Buffer.alloc(0);
  const starts = new Int32Array(lastPlace + 2);

  function cell(name: string): string | null {
    const found = places.find((each) => each.name === name);
    if (found === undefined) return null;
    return unescapeCell(line.toString("utf8", starts[found.place]!, starts[found.place + 1]! - 1));
  }

  /** Finds where the cells begin, as far as they are looked at, and returns the record's number. */
  function readLine(): number {
    let at = line.indexOf(TAB);
    const record = Number(line.toString("latin1", 0, at));
    for (let place = 0; place <= lastPlace + 1; place += 1) {
      starts[place] = at + 1;
      at = line.indexOf(TAB, at + 1);
      if (at === -1) at = line.length;
    }
    return record;
  }

  return {
    async mark(records, withheld) {
      let marked = 0;
      for (let i = 0; i < records.length; i += 1) {
        const next = lines.next();
        // A line that is there already need not wait for its turn.
        const { value, done } = next instanceof Promise ? await next : next;
        if (done) throw missing(records[i]!);
        line = value;
        if (readLine() !== records[i]) throw missing(records[i]!);
        if (unmet(cell).length === 0) continue;
        withheld[i] = 1;
        marked += 1;
      }
      return marked;
    },
    close: () => canonical.close(),
  };
}

function missing(record: number): InvariantBroken {
  return new InvariantBroken({
    code: "canonical_damaged",
    message: `The canonical file does not hold record ${record}, which is valid. Nothing was imported.`,
    context: { record },
  });
}

/** The lines of a file, each good until the next is asked for; a promise only where the disk is waited for. */
function linesOf(file: BlobReader) {
  const chunks = file.chunks({ chunkBytes: READ_BYTES })[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  type Step = { value: Buffer; done: false } | { value: undefined; done: true };
  const take = (): Step | undefined => {
    const end = held.indexOf(NEWLINE, at);
    if (end === -1) return undefined;
    const value = held.subarray(at, end);
    at = end + 1;
    return { value, done: false };
  };
  async function readOn(): Promise<Step> {
    for (;;) {
      const { value: chunk, done } = await chunks.next();
      if (done) return { value: undefined, done: true };
      held = at === held.length ? chunk : Buffer.concat([held.subarray(at), chunk]);
      at = 0;
      const step = take();
      if (step !== undefined) return step;
    }
  }
  return { next: (): Step | Promise<Step> => take() ?? readOn() };
}
