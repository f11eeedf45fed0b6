import type { ByteSource } from "@inlet/delimited";

/** A source that tells how much of it was read, and how often. */
export function watched(source: ByteSource, sizeBytes: number, onRead: (doneBytes: number) => void): ByteSource {
  return {
    async *open(offset = 0) {
      let at = offset;
      for await (const chunk of source.open(offset)) {
        yield chunk;
        at = Math.min(sizeBytes, at + chunk.length);
        onRead(at);
      }
    },
  };
}
