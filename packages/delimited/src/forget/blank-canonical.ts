import type { BlankedBytes } from "./blanked.ts";
import { canonicalLines } from "./canonical-lines.ts";

const TAB = 9;
const FILL = "x".charCodeAt(0);

/**
 * The same for a canonical file: the cells of some of its lines, each byte of which becomes an `x`; tabs and record numbers stay.
 * A record that is not there, because it was rejected, is passed over.
 * @param records rising
 */
export async function* blankCanonical(
  chunks: AsyncIterable<Uint8Array>,
  records: readonly number[],
): AsyncGenerator<BlankedBytes, void> {
  let next = 0;
  for await (const { bytes, offset, starts, count } of canonicalLines(chunks)) {
    if (next === records.length) return;
    const last = recordAt(bytes, starts[count - 1]!);
    if (last < records[next]!) continue;
    for (let line = 0; line < count && next < records.length; line += 1) {
      const start = starts[line]!;
      const record = recordAt(bytes, start);
      while (next < records.length && records[next]! < record) next += 1;
      if (records[next] !== record) continue;
      const from = bytes.indexOf(TAB, start) + 1;
      const blanked = Buffer.from(bytes.subarray(from, starts[line + 1]! - 1));
      for (let i = 0; i < blanked.length; i += 1) if (blanked[i] !== TAB) blanked[i] = FILL;
      yield { offset: offset + from, bytes: blanked };
    }
  }
}

function recordAt(bytes: Buffer, start: number): number {
  return Number(bytes.toString("latin1", start, bytes.indexOf(TAB, start)));
}
