import { InvariantBroken } from "@inlet/contracts";

/** The source, with its size looked at: what is wrapped has to be whole. */
export async function* held(
  source: AsyncIterable<Uint8Array>,
  sizeBytes: number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    // A plain view: OpenPGP.js treats Node's Buffer, whose slice() shares memory, like any other.
    yield new Uint8Array(chunk.buffer as ArrayBuffer, chunk.byteOffset, chunk.byteLength);
  }
  if (bytes !== sizeBytes) {
    throw new InvariantBroken({
      code: "wrap_size_differs",
      message: `What was to be wrapped has ${bytes} bytes and not ${sizeBytes}.`,
    });
  }
}
