import { expect, it } from "vitest";
import { readRecord } from "../canonical/canonical.ts";
import { decodeRejected } from "../canonical/rejected.ts";
import { check } from "../check/check.ts";
import { buildTable } from "../check/check-all.test-kit.ts";
import { memorySource } from "../scan/source.ts";
import { OnlyNew } from "./only-new.ts";
import { addCanonicalRecords, RecordSet } from "./record-set.ts";

const table = buildTable({
  columns: [{ name: "id", type: "integer", unique: true }, { name: "note" }],
  invalid: { policy: "skip" },
});

/** Checks a file of which some records are imported already. */
async function checkNew(text: string, imported: RecordSet) {
  const made = { canonical: [] as Buffer[], index: [] as Buffer[], rejected: [] as Buffer[] };
  const keep = (kind: keyof typeof made) => (chunk: Buffer) => void made[kind].push(Buffer.from(chunk));
  const onlyNew = new OnlyNew(imported, {
    canonical: keep("canonical"),
    index: keep("index"),
    rejected: keep("rejected"),
  });
  const report = await check(memorySource(Buffer.from(text)), { table, sinks: onlyNew.sinks });
  const { conflict } = await onlyNew.finish(report.counts.records);
  const rejected: number[] = [];
  for await (const record of decodeRejected(made.rejected)) rejected.push(record);
  return { report, conflict, rejected, canonical: Buffer.concat(made.canonical), index: Buffer.concat(made.index) };
}

async function* cut(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

it("keeps the new records alone, found again by their index, and calls all others rejected", async () => {
  const text = `id,note\n${Array.from({ length: 5000 }, (_, i) => `${i + 1},a\\b "${i}\n`).join("")}x,last\n`;
  const all = await checkNew(text, new RecordSet());
  expect(all).toMatchObject({ rejected: [5001], conflict: null });
  const imported = new RecordSet();
  await addCanonicalRecords(cut(all.canonical, 7), imported);
  expect(imported.size).toBe(5000);

  const odd = new RecordSet();
  for (let record = 1; record <= 5000; record += 2) odd.add(record);
  const { canonical, index, rejected } = await checkNew(text, odd);
  expect(canonical.toString().split("\n").slice(0, -1)).toHaveLength(2500);
  expect(rejected).toEqual([...Array.from({ length: 2500 }, (_, i) => 2 * i + 1), 5001]);
  const read = async (offset: number, length: number) => canonical.subarray(offset, offset + length);
  for (const record of [2, 1000, 4998, 5000]) expect((await readRecord(read, index, record))?.[0]).toBe(String(record));
  expect(await readRecord(read, index, 999)).toBeUndefined();
});

it("tells of a record that is imported already and would not be valid beside a new one", async () => {
  const imported = new RecordSet();
  imported.add(2);
  expect(await checkNew("id,note\n7,new\n7,old\n", imported)).toMatchObject({ conflict: 2 });
});
