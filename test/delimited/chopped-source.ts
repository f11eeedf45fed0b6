import type { ByteSource } from "@inlet/delimited";

/** A source over bytes in memory whose chunks end at the given positions, and that knows how far it has been read. */
export interface ChoppedSource extends ByteSource {
  /** The end of the last byte that anybody was given. */
  readTo: number;
}

/** Each chunk is a copy that is overwritten when the next one is asked for: it is only lent. */
export function choppedSource(bytes: Uint8Array, cuts: readonly number[]): ChoppedSource {
  return {
    readTo: 0,
    async *open(offset = 0) {
      let from = offset;
      for (const cut of [...cuts, bytes.length]) {
        if (cut <= from || cut > bytes.length) continue;
        const lent = Buffer.from(bytes.subarray(from, cut));
        this.readTo = Math.max(this.readTo, cut);
        yield lent;
        lent.fill(0x5a);
        from = cut;
      }
    },
  };
}
