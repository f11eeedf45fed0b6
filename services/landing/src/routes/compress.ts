import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Encoding } from "./encoding.ts";

const [toBrotli, toGzip] = [promisify(brotliCompress), promisify(gzip)];

/**
 * Compresses a page, beside the main thread. A page holds nothing that a visitor sends: neither its query, its host nor its
 * headers come back in it. So its length tells a listener nothing that he could steer (the attack called BREACH), and the only
 * secret that it holds, the token, is the address itself.
 */
export async function compressed(body: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === "gzip") return await toGzip(body, { level: GZIP_LEVEL });
  return await toBrotli(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
      [constants.BROTLI_PARAM_LGWIN]: 16,
    },
  });
}

/** Measured on a page of 21 KB: gzip 5.4 KB in 90 µs, brotli 5.1 KB in 220 µs, at 80 µs 6.1 KB. So gzip comes first. */
export const PAGE_ENCODINGS: readonly Encoding[] = ["gzip", "br"];
const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 4;
