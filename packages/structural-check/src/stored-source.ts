import type { BlobReader } from "@inlet/blobs";
import type { ByteSource } from "@inlet/delimited";
import type { SentWork } from "./sent-work.ts";

const READ_BYTES = 512 * 1024;

/** A stored file as the delimited engine reads it; a giant gives way to small files after each piece. */
export function sourceOf(reader: BlobReader, giveWay: SentWork["giveWay"] = () => undefined): ByteSource {
  return {
    async *open(offset = 0) {
      for await (const chunk of reader.lentChunks({ start: offset, chunkBytes: READ_BYTES })) {
        yield chunk;
        await giveWay();
      }
    },
  };
}

/** The same for a reader who looks at the beginning and mostly goes away: nothing is read ahead. */
export function peekedSource(reader: BlobReader): ByteSource {
  return { open: (offset = 0) => reader.chunks({ start: offset, chunkBytes: READ_BYTES }) };
}
