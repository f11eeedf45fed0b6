import { pipeline, Readable, type Transform } from "node:stream";
import { createInflate, createInflateRaw } from "node:zlib";
import { AppError } from "@inlet/contracts";
import { bunzip2 } from "./bunzip2.ts";
import { damaged, unsupported } from "./refusals.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Unpacks the body of a compressed packet (RFC 9580, section 5.6), streaming.
 * @throws InvalidInput
 */
export async function* decompress(
  algorithm: number,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let failure: { error: unknown } | undefined;
  const noted = async function* () {
    try {
      yield* body;
    } catch (error) {
      failure = { error };
      throw error;
    }
  };
  try {
    yield* unpacked(algorithm, noted());
  } catch (cause) {
    // A disk that failed, or a stop, is no fault of what is compressed.
    if (failure !== undefined) throw failure.error;
    if (cause instanceof AppError) throw cause;
    throw damaged("what is compressed in it cannot be unpacked", cause);
  }
}

function unpacked(algorithm: number, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch (algorithm) {
    case 0:
      return body;
    case 1:
      return through(body, createInflateRaw({ chunkSize: CHUNK_BYTES }));
    case 2:
      return through(body, createInflate({ chunkSize: CHUNK_BYTES }));
    case 3:
      return bunzip2(body);
    default:
      throw unsupported(`an unknown compression (number ${algorithm})`);
  }
}

/** The unpacking runs on another thread while what came out is looked at here. */
async function* through(source: AsyncIterable<Uint8Array>, unpack: Transform): AsyncGenerator<Uint8Array, void> {
  // Failures, of the source too, come out of what is read.
  const packed = Readable.from(source, { objectMode: false, highWaterMark: CHUNK_BYTES });
  pipeline(packed, unpack, () => {});
  try {
    yield* unpack;
  } finally {
    packed.destroy();
    unpack.destroy();
  }
}
