import fc from "fast-check";
import { expect, it } from "vitest";
import type { Marks, ScanLimits } from "./dialect.ts";
import { STRETCH_BYTES } from "./mark-index.ts";
import { referenceScan } from "./reference-scan.test-kit.ts";
import { choppedSource, type Scanned, scanAll, WIDE_LIMITS } from "./scan-all.test-kit.ts";

const marks: fc.Arbitrary<Required<Marks>> = fc.record({
  delimiter: fc.constantFrom(",", ";", "\t", " ", "\x1f"),
  quote: fc.constantFrom<'"' | "'" | null>('"', '"', '"', "'", null),
  escape: fc.constantFrom("doubled", "backslash"),
  comment: fc.constantFrom(null, "#"),
  reading: fc.constantFrom("strict", "tolerant"),
  trimSpaces: fc.boolean(),
  trailer: fc.constantFrom(null, "T", "#T", "é,"),
});
const tight: fc.Arbitrary<ScanLimits> = fc.record({
  recordBytes: fc.integer({ min: 4, max: 30 }),
  fieldBytes: fc.integer({ min: 1, max: 12 }),
  columns: fc.integer({ min: 1, max: 4 }),
  linesInField: fc.integer({ min: 1, max: 3 }),
});

/** Text in which the characters that matter come often. */
function garbage({ delimiter, quote }: Marks): fc.Arbitrary<string> {
  const mark = quote ?? '"';
  const pieces = [
    mark,
    mark,
    mark,
    delimiter,
    delimiter,
    "\n",
    "\n",
    "\r\n",
    "\r",
    "\\",
    " ",
    " ",
    "\t",
    "a",
    "b",
    "n",
  ];
  const lines = [
    `\n#`,
    "\nT",
    `\n${mark}T`,
    "\n#T",
    "#",
    "é",
    "\0",
    `${mark}${mark}`,
    `\\${mark}`,
    `${delimiter}${mark}`,
  ];
  return fc.array(fc.constantFrom(...pieces, ...lines), { maxLength: 40 }).map((parts) => parts.join(""));
}

const cases = marks.chain((dialect) =>
  fc.record({
    dialect: fc.constant(dialect),
    text: garbage(dialect),
    limits: fc.oneof(fc.constant(WIDE_LIMITS), tight),
    cuts: fc.array(fc.nat(60), { maxLength: 6 }),
    window: fc.integer({ min: 1, max: 40 }),
  }),
);

/** Faults in the order of the file, whichever of a field's was noted first. */
function inOrder(scanned: Scanned): Scanned {
  const sort = (faults: Scanned["faults"]) =>
    faults.toSorted((a, b) => a.record - b.record || a.field - b.field || a.at - b.at || a.code.localeCompare(b.code));
  const trailer = <T extends Scanned["lastTrailer"]>(found: T): T =>
    found === null ? found : { ...found, faults: sort(found.faults) };
  return {
    ...scanned,
    faults: sort(scanned.faults),
    firstTrailer: trailer(scanned.firstTrailer),
    lastTrailer: trailer(scanned.lastTrailer),
  };
}

it("finds what the reference finds in any text and dialect, within any limits, however the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async ({ dialect, text, limits, cuts, window }) => {
      const bytes = Buffer.from(text);
      const found = await scanAll(choppedSource(bytes, cuts), dialect, limits, window);
      expect(inOrder(found)).toEqual(inOrder(referenceScan(bytes, dialect, limits)));
    }),
    { numRuns: 4000 },
  );
});

it("finds the same where one search for marks ends and the next begins", async () => {
  await fc.assert(
    fc.asyncProperty(cases, fc.nat(40), async ({ dialect, text, limits }, back) => {
      const bytes = Buffer.from(`${"x".repeat(STRETCH_BYTES - back - 1)}\n${text}`);
      const found = await scanAll(choppedSource(bytes, []), dialect, limits, 2 * STRETCH_BYTES);
      expect(inOrder(found)).toEqual(inOrder(referenceScan(bytes, dialect, limits)));
    }),
    { numRuns: 300 },
  );
});
