declare module "@openpgp/unbzip2-stream/lib/bit_iterator.js" {
  /** Bits of the chunks that `nextBuffer` gives one after the other. */
  export interface BitIterator {
    bytesRead: number;
  }
  export default function bitIterator(nextBuffer: () => Uint8Array): BitIterator;
}

declare module "@openpgp/unbzip2-stream/lib/bzip2.js" {
  import type { BitIterator } from "@openpgp/unbzip2-stream/lib/bit_iterator.js";

  const bzip2: {
    /** A stream's header: the size of its blocks, in units of 100,000 bytes. */
    header(bits: BitIterator): number;
    /** One block, byte by byte; gives back the checksum so far, or null when there was the stream's end instead. */
    decompress(
      bits: BitIterator,
      push: (byte: number) => void,
      buffer: Int32Array,
      bufferSize: number,
      crc: number | null,
    ): number | null;
  };
  export default bzip2;
}
