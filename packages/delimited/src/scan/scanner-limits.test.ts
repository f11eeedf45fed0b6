import { describe, expect, it } from "vitest";
import type { Marks, ScanLimits } from "./dialect.ts";
import { scanBlocks, WINDOW_BYTES } from "./scan-blocks.ts";
import { memorySource } from "./source.ts";

const LIMITS: ScanLimits = { recordBytes: 100_000, fieldBytes: 50_000, columns: 1000, linesInField: 1000 };
const NO_LIMITS: ScanLimits = { recordBytes: 1e7, fieldBytes: 1e7, columns: 1000, linesInField: 1e7 };

/** Reads all of it, and keeps only what tells how much work and memory that took. */
async function weigh(bytes: Buffer, marks: Partial<Marks>, limits: ScanLimits) {
  const found = { records: 0, faults: 0, windowBytes: 0, to: 0, cpuMicroseconds: 0 };
  const before = process.cpuUsage();
  const dialect = { delimiter: ",", quote: '"', ...marks } as const;
  const start = { marks: dialect, limits, offset: 0, line: 1 };
  for await (const block of scanBlocks(memorySource(bytes), start)) {
    found.records += block.count;
    found.faults = Math.max(found.faults, block.faults.length);
    found.windowBytes = Math.max(found.windowBytes, block.bytes.length);
    found.to = block.baseOffset + block.to;
  }
  found.cpuMicroseconds = process.cpuUsage(before).user;
  return found;
}

const repeat = (text: string) => (size: number) => text.repeat(Math.ceil(size / text.length));

/** The files that are worst to read, at any size. */
const WORST: [string, (size: number) => string, Partial<Marks>?][] = [
  ["an unclosed quote at the start", (size) => `"${repeat("a,b\n")(size)}`],
  ["an unclosed quote in every line", repeat('"a,b\n')],
  ["a quote after a space in every line", repeat('1, "a,b\n')],
  ["an open quote in every cell of one line", repeat(',"a')],
  ["an open quote after a space in every cell of one line", repeat(', "a')],
  ["nothing but quotes", repeat('"')],
  ["doubled quotes after an open one in every line", repeat('"""a\n""')],
  ["a quoted cell whose quote is followed by spaces", (size) => `"a\n"${repeat(" ")(size)}x\n`],
  ["a quote and many spaces in every line", repeat(`"a\n"${" ".repeat(1000)}x\n`)],
  ["one giant cell", repeat("x")],
  ["one giant quoted cell", (size) => `"${repeat("x\n")(size)}"`],
  ["one line of empty cells", repeat(",")],
  ["one line of NUL bytes and stray quotes", repeat('\0"')],
  ["one line of cells that hold a NUL byte", repeat("\0,")],
  ["backslashes and quotes", repeat('"\\\\\\"\n'), { escape: "backslash" }],
  ["nothing but backslashes in quotes", (size) => `"${repeat("\\")(size)}`, { escape: "backslash" }],
  ["nothing but backslashes", repeat("\\"), { quote: null, escape: "backslash" }],
  ["one giant comment", repeat("#"), { comment: "#" }],
  ["a comment in every line", repeat('#"\n'), { comment: "#" }],
  ["a trailer in every line", repeat('"END",1\n'), { trailer: "END" }],
  ["spaces round every cell", repeat('    "a"    ,    b    \n'), { trimSpaces: true }],
  ["nothing but spaces", repeat(" "), { trimSpaces: true }],
];

describe.each(["strict", "tolerant"] as const)("the worst files, read %s", (reading) => {
  it.each(WORST)("%s", async (_, write, marks) => {
    // Without limits, work that is not linear would be some 20 microseconds for a byte.
    const bytes = Buffer.from(write(200_000));
    const unlimited = await weigh(bytes, { reading, ...marks }, NO_LIMITS);
    expect(unlimited.to).toBe(bytes.length);
    expect(unlimited.cpuMicroseconds / bytes.length).toBeLessThan(5);

    const longer = Buffer.from(write(450_000));
    const limited = await weigh(longer, { reading, ...marks }, LIMITS);
    expect(limited.to).toBe(longer.length);
    expect(limited.windowBytes).toBeLessThanOrEqual(LIMITS.recordBytes + WINDOW_BYTES + 64);
    expect(limited.faults).toBeLessThan(100_000);
  });
});

it("meets the same number of records in a file of which no line can be read", async () => {
  const { records, faults } = await weigh(Buffer.from('"a,b\n'.repeat(100_000)), {}, LIMITS);
  expect(records).toBe(100_000);
  expect(faults).toBeLessThanOrEqual(100_000);
});
