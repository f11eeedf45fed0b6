import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import type { Storyboard } from "@inlet/contracts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWithheld } from "./withheld.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-withheld-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const REQUIREMENTS: Pick<Storyboard, "requirements"> = {
  requirements: [
    { condition: { all: [{ field: "note", is: "not_equal", value: "a\tb" }] }, message: "no" },
    { condition: { all: [{ field: "name", is: "filled" }] }, message: "no" },
  ],
};

/** Opens the look at canonical lines. */
async function lookAt(lines: readonly string[]) {
  const blobs = openBlobs(folder);
  const { key } = await blobs.put("spring/1/canonical", Buffer.from(lines.map((line) => `${line}\n`).join("")));
  const columns = ["id", "name", "note"];
  return openWithheld(await blobs.open(key), { columns, storyboard: REQUIREMENTS });
}

test("empty, escaped and last cells are read, whatever the pieces that the file comes in", async () => {
  // Far more than is read at once, with lines that lie across two pieces.
  const cells = [
    ["Ada", "x"],
    ["\\N", "x"],
    ["Ada", "a\\tb"],
    ["Ada", "\\N"],
  ] as const;
  const records = Float64Array.from({ length: 40_000 }, (_, i) => 2 * i + 1);
  const lines = Array.from(records, (record, i) => {
    const [name, note] = cells[i % 4]!;
    return `${record}\t${i}\t${name === "Ada" ? "Ada".padEnd(3 + (i % 37), "a") : name}\t${note}`;
  });
  const look = await lookAt(lines);
  const withheld = new Uint8Array(records.length);
  let marked = 0;
  for (let from = 0; from < records.length; from += 999)
    marked += await look.mark(records.subarray(from, from + 999), withheld.subarray(from, from + 999));
  await look.close();
  expect(marked).toBe(20_000);
  expect(withheld.every((mark, i) => mark === (i % 4 === 1 || i % 4 === 2 ? 1 : 0))).toBe(true);
});

test.each([
  ["lacks a record", ["1\t1\tAda\tx", "3\t3\tAda\tx"]],
  ["ends too early", ["1\t1\tAda\tx"]],
])("a canonical file that %s stops the stage", async (_, lines) => {
  const look = await lookAt(lines);
  await expect(look.mark(Float64Array.of(1, 2), new Uint8Array(2))).rejects.toMatchObject({
    code: "canonical_damaged",
    context: { record: 2 },
  });
  await look.close();
});
