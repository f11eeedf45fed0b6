import fc from "fast-check";
import type { ReadAt } from "../canonical/canonical.ts";
import type { Dialect, Marks, ScanLimits, ScanPlan } from "../scan/dialect.ts";

/** Limits that a small file can break. */
export const NARROW_LIMITS: ScanLimits = { recordBytes: 200_000, fieldBytes: 150_000, columns: 40, linesInField: 5 };

/** The plan of a file without header. */
export function planOf(
  marks: Partial<Dialect> & Pick<Marks, "delimiter" | "quote">,
  limits: ScanLimits = NARROW_LIMITS,
  offset = 0,
): ScanPlan {
  const dialect: Dialect = {
    ...{ encoding: "utf-8", bom: offset > 0, escape: "doubled", comment: null, reading: "strict", trimSpaces: false },
    ...{ trailer: null, lineEnd: "\n", quoteAll: false, confidence: 1 },
    ...marks,
  };
  const header = { records: 0, offset, end: offset, line: 1, labels: [] };
  return { dialect, limits, header, data: { offset, line: 1 } };
}

/** Reads bytes in memory as a file is read. */
export const readerOf =
  (bytes: Uint8Array): ReadAt =>
  async (offset, length) =>
    bytes.subarray(offset, offset + length);

const PIECES = ['"', "'", ",", ";", "\t", "\n", "\n", "\r\n", "\r", "\\", "#", " ", "a", "bc", "é", "😀", "\0", "1"];
const LARGE = ["x".repeat(70_000), `"${"y,".repeat(40_000)}"`, "\n".repeat(2_000), `#${"z".repeat(300_000)}\n`];

/** Bytes that break every rule, long enough for an index of several entries. */
export const hostileFiles: fc.Arbitrary<{ bytes: Buffer; offset: number }> = fc
  .record({
    parts: fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 40 }),
    times: fc.constantFrom(1, 30, 300),
    large: fc.array(fc.record({ at: fc.nat(10_000), text: fc.constantFrom(...LARGE) }), { maxLength: 3 }),
    damage: fc.array(fc.record({ at: fc.nat(10_000), byte: fc.constantFrom(0xff, 0x22, 0x0a, 0xc3) }), {
      maxLength: 3,
    }),
    bom: fc.boolean(),
  })
  .map(({ parts, times, large, damage, bom }) => {
    let text = parts.join("").repeat(times);
    for (const { at, text: filler } of large) {
      const place = at % (text.length + 1);
      text = text.slice(0, place) + filler + text.slice(place);
    }
    const bytes = Buffer.from((bom ? "\ufeff" : "") + text);
    const offset = bom ? 3 : 0;
    for (const { at, byte } of damage) bytes[offset + (at % (bytes.length - offset))] = byte;
    return { bytes, offset };
  });

/** Dialects of all kinds. */
export const dialects = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t"),
  quote: fc.constantFrom<'"' | "'" | null>('"', '"', "'", null),
  escape: fc.constantFrom("doubled" as const, "backslash" as const),
  comment: fc.constantFrom(null, "#"),
  reading: fc.constantFrom("strict" as const, "tolerant" as const),
  trimSpaces: fc.boolean(),
  trailer: fc.constantFrom(null, "bc"),
});
