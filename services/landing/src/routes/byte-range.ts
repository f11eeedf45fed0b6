import { Readable } from "node:stream";
import { type BlobReader, requestedRange } from "@inlet/blobs";
import type { FastifyReply, FastifyRequest } from "fastify";

interface SentFile {
  reader: BlobReader;
  etag: string;
}

/**
 * Sends a stored file, or the part that was asked for: Safari plays no video without. The reader is closed when all is sent,
 * or its caller is gone. Its type and how long it may be kept the caller has set.
 */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { reader, etag }: SentFile,
): Promise<FastifyReply> | FastifyReply {
  const { sizeBytes } = reader;
  const { range: header } = request.headers;
  const ifRange = request.headers["if-range"]?.toString();
  const range = requestedRange(header, { sizeBytes, etag, ifRange });
  reply.headers({ "accept-ranges": "bytes", etag });
  if (range === "unsatisfiable") {
    void reader.close();
    return reply.code(416).header("content-range", `bytes */${sizeBytes}`).send();
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  if (range !== undefined) reply.code(206).header("content-range", `bytes ${start}-${end - 1}/${sizeBytes}`);
  reply.header("content-length", end - start);
  if (request.method === "HEAD") {
    void reader.close();
    // With nothing at all the length would be set to zero.
    return reply.send(Readable.from([]));
  }
  const stream = reader.stream({ start, end, chunkBytes: CHUNK_BYTES });
  stream.on("close", () => void reader.close());
  return reply.send(stream);
}

/** Of a slow visitor's download this much lies in memory. */
const CHUNK_BYTES = 128 * 1024;
