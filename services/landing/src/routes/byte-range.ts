import type { BlobReader } from "@inlet/blobs";
import type { FastifyReply, FastifyRequest } from "fastify";

/** Bytes of a file, from `start` to before `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * What of a file a request asks for (RFC 9110, section 14): a part, undefined for the whole, or `unsatisfiable`. Several
 * parts at once are answered with the whole, as is what is no range: both are allowed, and no browser asks so. A part of a
 * file that has changed since (`If-Range`) is the whole, too.
 */
export function requestedRange(
  header: string | undefined,
  { sizeBytes, etag, ifRange }: { sizeBytes: number; etag: string; ifRange?: string | undefined },
): ByteRange | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (match === null || (ifRange !== undefined && ifRange !== etag)) return undefined;
  const [, first, last] = match as unknown as [string, string, string];
  if (first === "") {
    if (last === "") return undefined;
    return Number(last) === 0 ? "unsatisfiable" : { start: Math.max(0, sizeBytes - Number(last)), end: sizeBytes };
  }
  const start = Number(first);
  const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== "" && Number(last) < start) return undefined;
  return start >= sizeBytes ? "unsatisfiable" : { start, end };
}

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
  const { range: header, "if-range": ifRange } = request.headers;
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
    return reply.send();
  }
  const stream = reader.stream({ start, end, chunkBytes: CHUNK_BYTES });
  stream.on("close", () => void reader.close());
  return reply.send(stream);
}

/** Of a slow visitor's download this much lies in memory. */
const CHUNK_BYTES = 128 * 1024;
