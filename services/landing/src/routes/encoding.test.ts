import { expect, test } from "vitest";
import { acceptedEncoding } from "./encoding.ts";

test.each([
  [undefined, undefined],
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["GZIP;q=0.5", "gzip"],
  ["br;q=0, gzip;q=1.0", "gzip"],
  ["br;q=0.000", undefined],
  ["identity", undefined],
  ["brotli", undefined],
])("who takes %s gets %s", (header, encoding) => {
  expect(acceptedEncoding({ headers: { "accept-encoding": header } }, ["br", "gzip"])).toBe(encoding);
});
