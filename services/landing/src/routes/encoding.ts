import type { FastifyRequest } from "fastify";

/** How a body can be sent. */
export type Encoding = "br" | "gzip";

/**
 * The first of these encodings that a caller takes (RFC 9110, section 12.5.3). Undefined: the bytes as they are. What a caller says of
 * weights other than zero does not count: they all take both.
 */
export function acceptedEncoding(
  { headers }: Pick<FastifyRequest, "headers">,
  encodings: readonly Encoding[],
): Encoding | undefined {
  const header = headers["accept-encoding"];
  if (header === undefined) return undefined;
  const accepted = header
    .toString()
    .toLowerCase()
    .split(",")
    .filter((entry) => !/;\s*q=0(\.0*)?\s*$/.test(entry))
    .map((entry) => entry.split(";")[0]!.trim());
  return encodings.find((encoding) => accepted.includes(encoding));
}
