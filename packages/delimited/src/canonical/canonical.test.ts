import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import { INDEX_ENTRY_BYTES, INDEX_SPACING_BYTES, readRecord, unescapeCell } from "./canonical.ts";

const table = buildTable({ columns: [{ name: "id", type: "integer" }, { name: "text" }], invalid: { policy: "skip" } });

/** Some thousand records of very different sizes; every fifth is invalid. */
async function manyRecords() {
  const lines = Array.from({ length: 5000 }, (_, i) => {
    const size = i % 700 === 0 ? 20_000 : (i * 37) % 90;
    return `${i % 5 === 4 ? "x" : i},"${"a\tb\\".repeat(Math.ceil(size / 4))}"`;
  });
  const checked = await checkAll(`id,text\n${lines.join("\n")}\n`, table);
  const reads: number[] = [];
  const read = async (offset: number, length: number) => {
    reads.push(length);
    return checked.canonical.subarray(offset, offset + length);
  };
  return { ...checked, read, reads };
}

describe("finding a record in the canonical file", () => {
  it("finds every record, and nothing for those that are not there", async () => {
    const { index, read } = await manyRecords();
    for (let record = 1; record <= 5000; record += 1) {
      const cells = await readRecord(read, index, record);
      if (record % 5 === 0) expect(cells).toBeUndefined();
      else expect(cells?.[0]).toBe(String(record - 1));
    }
    expect(await readRecord(read, index, 0)).toBeUndefined();
    expect(await readRecord(read, index, 5001)).toBeUndefined();
    expect(await readRecord(read, index, 701)).toEqual(["700", "a\tb\\".repeat(5000)]);
  });

  it("finds the same with an index that is read page by page, in few reads", async () => {
    const { index, read } = await manyRecords();
    let reads = 0;
    const paged = {
      sizeBytes: index.length,
      read: async (offset: number, length: number) => {
        reads += 1;
        return index.subarray(offset, offset + length);
      },
    };
    for (let record = 1; record <= 5000; record += 61) {
      expect(await readRecord(read, paged, record)).toEqual(await readRecord(read, index, record));
    }
    expect(reads).toBeLessThan(83 * 4);
  });

  it("reads little: entries are at most one spacing apart unless one line is longer", async () => {
    const { index, canonical, read, reads } = await manyRecords();
    const offsets: number[] = [];
    for (let at = 8; at < index.length; at += INDEX_ENTRY_BYTES) offsets.push(Number(index.readBigUInt64BE(at)));
    offsets.push(canonical.length);
    for (let i = 1; i < offsets.length; i += 1) {
      const [from, to] = [offsets[i - 1]!, offsets[i]!];
      const lines = canonical.toString("latin1", from, to).split("\n").length - 1;
      expect(lines === 1 || to - from <= INDEX_SPACING_BYTES).toBe(true);
    }
    await readRecord(read, index, 2);
    expect(reads).toEqual([offsets[2]! - offsets[1]!]);
  });

  it("is empty for an empty file", async () => {
    expect(await readRecord(async () => Buffer.alloc(0), Buffer.alloc(0), 1)).toBeUndefined();
  });

  it("says so when file and index do not belong together", async () => {
    const { index } = await manyRecords();
    const other = async (_: number, length: number) => Buffer.alloc(length, 0x78);
    await expect(readRecord(other, index, 3)).rejects.toMatchObject({ code: "canonical_damaged" });
  });
});

describe("cells of COPY's text format", () => {
  it.each([
    ["\\N", null],
    ["\\\\N", "\\N"],
    ["", ""],
    ["a\\tb\\nc\\rd\\\\e", "a\tb\nc\rd\\e"],
    ["\\\\n", "\\n"],
  ])("%j is %j", (text, value) => {
    expect(unescapeCell(text)).toBe(value);
  });
});
