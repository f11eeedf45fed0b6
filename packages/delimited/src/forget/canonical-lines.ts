const NEWLINE = 10;

/** Some whole lines of a canonical file. */
export interface CanonicalLines {
  bytes: Buffer;
  /** Byte offset of `bytes[0]` in the file. */
  offset: number;
  /** Where each line begins in `bytes`; after the last one where that ends. */
  starts: readonly number[];
  /** At least one. */
  count: number;
}

/** A canonical file's lines, some thousand at a time; good until the next are asked for. Memory: a chunk and a line. */
export async function* canonicalLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<CanonicalLines, void> {
  for await (const { bytes, offset } of wholeLines(chunks)) {
    const starts = [0];
    for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) starts.push(at + 1);
    yield { bytes, offset, starts, count: starts.length - 1 };
  }
}

/** The same without looking at the single lines. */
export async function* wholeLines(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ bytes: Buffer; offset: number }, void> {
  let held: Buffer[] = [];
  let offset = 0;
  for await (const lent of chunks) {
    const chunk = Buffer.from(lent);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      held.push(chunk);
      continue;
    }
    const bytes = Buffer.concat([...held, chunk.subarray(0, end)]);
    yield { bytes, offset };
    offset += bytes.length;
    held = end === chunk.length ? [] : [chunk.subarray(end)];
  }
}
