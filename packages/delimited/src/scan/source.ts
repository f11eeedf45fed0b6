/**
 * A file's plain bytes (no ZIP, no PGP), readable as often as needed: the check may look at the file more than once, and
 * later stages scan it again.
 */
export interface ByteSource {
  /**
   * Opens the bytes from `offset` (default 0) to the end; each call is a reader of its own. Chunks may have any size and
   * are borrowed until the next one is asked for; 64 KB and more are best.
   */
  open(offset?: number): AsyncIterable<Uint8Array>;
}

/** A source over bytes in memory, for small files and tests. */
export function memorySource(bytes: Uint8Array): ByteSource {
  return {
    async *open(offset = 0) {
      if (offset < bytes.length) yield bytes.subarray(offset);
    },
  };
}
