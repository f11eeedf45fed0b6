import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkFile } from "./check-file.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-check-file-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** A file of so many records, one of them with a word where a number belongs. */
async function givenLargeFile(records: number, badRecord: number): Promise<string> {
  const file = join(folder, "large.csv");
  const handle = await open(file, "w");
  await handle.writeFile("id,name,amount\n");
  for (let from = 1; from <= records; from += 10_000) {
    const line = (_: unknown, n: number) => {
      const record = from + n;
      return `${record},"Zoë, ${record}",${record === badRecord ? "n/a" : record % 977}\n`;
    };
    await handle.writeFile(Array.from({ length: 10_000 }, line).join(""));
  }
  await handle.close();
  return file;
}

test("a finding at the beginning of a large file is drawn long before its end is read, and memory stays small", async () => {
  const file = await givenLargeFile(1_000_000, 30_000);
  const { size } = await stat(file);
  /** How far the reading had come that goes on after the first finding. */
  let doneAtFirst: number | undefined;
  let done = 0;
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const checked = await checkFile(
    file,
    { profile: undefined, table: undefined, hooks: undefined, tolerant: false },
    {
      wantsPicture: () => true,
      onRead: (_, doneBytes) => {
        done = doneBytes;
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      },
      onPicture: ({ excerpt }) => {
        expect(excerpt?.marked).toBe("n/a");
        doneAtFirst ??= done;
      },
    },
    new AbortController().signal,
  );
  await checked.data.close();
  expect(checked.report.counts).toEqual({ records: 1_000_000, valid: 999_999, rejected: 1 });
  expect(doneAtFirst).toBeLessThan(size / 3);
  expect(most).toBeLessThan(64_000_000);
});

test("an interrupted check ends, and says that it was interrupted", async () => {
  const file = await givenLargeFile(200_000, 1);
  const controller = new AbortController();
  const settings = { profile: undefined, table: undefined, hooks: undefined, tolerant: false };
  const work = checkFile(
    file,
    settings,
    { wantsPicture: () => true, onPicture: () => controller.abort() },
    controller.signal,
  );
  await expect(work).rejects.toThrow(/aborted/);
});
