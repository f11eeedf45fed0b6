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
