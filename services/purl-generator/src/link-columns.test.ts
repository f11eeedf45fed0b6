import { randomBytes } from "node:crypto";
import { createTokenWriter, issueToken } from "@inlet/purl";
import { expect, test } from "vitest";
import { linkColumns } from "./link-columns.ts";

test("each record gets its own thumbnail and page, and each link is counted", async () => {
  const key = randomBytes(32);
  const columns = linkColumns(createTokenWriter(key, 42), "https://go.example.org/x", undefined);
  expect(columns.labels).toEqual(["thumbnail_1", "landingPage"]);
  const rowBytes = columns.widths.reduce((sum, width) => sum + width, 0);
  // The target may be larger than what is asked for, and holds the rows of the time before.
  const target = Buffer.alloc(rowBytes * 5, "#");
  for (const records of [Float64Array.of(1, 2, 9), Float64Array.of(10)]) {
    await columns.fill(records, target, new Uint8Array(records.length));
    for (const [i, recordNumber] of records.entries()) {
      const token = issueToken(key, { batchId: 42, recordNumber });
      const row = target.toString("latin1", i * rowBytes, (i + 1) * rowBytes);
      expect(row.slice(0, columns.widths[0])).toBe(`https://go.example.org/x/t/${token}.png`);
      expect(row.slice(columns.widths[0])).toBe(`https://go.example.org/x/p/${token}`);
    }
  }
  expect(target.toString("latin1", rowBytes * 3)).toBe("#".repeat(rowBytes * 2));
  expect(columns.linked).toBe(4);
});
