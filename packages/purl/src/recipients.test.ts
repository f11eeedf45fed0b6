import { mkdtemp, readdir, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import { INDEX_ENTRY_BYTES, writeIndexEntry } from "@inlet/delimited";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRecipients, type RecipientFiles, type Recipients } from "./recipients.ts";

let folder: string;
let blobs: Blobs;
let recipients: Recipients | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-recipients-"));
  blobs = openBlobs(folder);
});
afterEach(async () => {
  await recipients?.close();
  recipients = undefined;
  await rm(folder, { recursive: true });
});

/** So many recipients that their files are held open; small ones are read at once. */
const MANY = 15_000;

/** Stores a batch of `count` recipients; every third record was rejected. */
async function storeBatch(batchId: number, count = 300, linesPerEntry = 20): Promise<RecipientFiles> {
  const lines: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (let record = 1; record <= count; record++) {
    if (record % 3 === 0) continue;
    if (lines.length % linesPerEntry === 0) {
      const entry = Buffer.alloc(INDEX_ENTRY_BYTES);
      writeIndexEntry(entry, 0, record, offset);
      entries.push(entry);
    }
    const line = Buffer.from(`${record}\tName ${record} of ${batchId}\t\\N\ta\\tb\\\\\n`);
    lines.push(line);
    offset += line.length;
  }
  const canonical = await blobs.put(`acme/${batchId}/canonical`, Buffer.concat(lines));
  const index = await blobs.put(`acme/${batchId}/index`, Buffer.concat(entries));
  return {
    canonical: { blobKey: canonical.key, sha256: canonical.sha256.toString("hex") },
    index: { blobKey: index.key, sha256: index.sha256.toString("hex") },
    columns: ["name", "constructor", "note"],
  };
}

/** The batches whose files this process holds open. */
async function openFiles(): Promise<string[]> {
  const handles = await readdir("/proc/self/fd");
  const targets = await Promise.all(handles.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => "")));
  return targets
    .filter((target) => target.startsWith(folder))
    .map((target) => target.slice(folder.length + 1))
    .sort();
}

test("a recipient's fields come by column name, empty cells as null", async () => {
  recipients = openRecipients(blobs);
  const files = await storeBatch(1);
  const recipient = await recipients.find(files, 298);
  expect(Object.fromEntries(recipient!)).toEqual({ name: "Name 298 of 1", constructor: null, note: "a\tb\\" });
});

test("every accepted record is found, and no rejected one", async () => {
  recipients = openRecipients(blobs);
  const files = await storeBatch(1);
  for (let record = 1; record <= 300; record++) {
    const recipient = await recipients.find(files, record);
    expect(recipient?.get("name")).toBe(record % 3 === 0 ? undefined : `Name ${record} of 1`);
  }
  expect(await recipients.find(files, 301)).toBeUndefined();
});

test("an index that is too large for memory is searched on disk", async () => {
  recipients = openRecipients(blobs, { maxIndexBytes: 64 });
  const files = await storeBatch(1, 2 * MANY, 1);
  expect((await recipients.find(files, 20_000))?.get("name")).toBe("Name 20000 of 1");
  expect(await openFiles()).toEqual(["acme/1/canonical", "acme/1/index"]);
});

test("the least recently used batches are closed, also while others are being read", async () => {
  recipients = openRecipients(blobs, { maxBatches: 2 });
  const batches = await Promise.all([1, 2, 3, 4].map((id) => storeBatch(id, MANY)));
  const found = await Promise.all(batches.map((files) => recipients!.find(files, 1)));
  expect(found.map((recipient) => recipient?.get("name"))).toEqual([1, 2, 3, 4].map((id) => `Name 1 of ${id}`));
  await recipients.find(batches[2]!, 2);
  await recipients.find(batches[0]!, 2);
  await expect.poll(openFiles).toEqual(["acme/1/canonical", "acme/3/canonical"]);
});

test("a file that was written anew under the same key is read anew", async () => {
  recipients = openRecipients(blobs);
  expect((await recipients.find(await storeBatch(1, 10), 1))?.get("name")).toBe("Name 1 of 1");
  const changed = await blobs.put("acme/1/canonical", Buffer.from("1\tforgotten\t\\N\t\\N\n"));
  const index = Buffer.alloc(INDEX_ENTRY_BYTES);
  writeIndexEntry(index, 0, 1, 0);
  const stored = await blobs.put("acme/1/index", index);
  const files: RecipientFiles = {
    canonical: { blobKey: changed.key, sha256: changed.sha256.toString("hex") },
    index: { blobKey: stored.key, sha256: stored.sha256.toString("hex") },
    columns: ["name", "constructor", "note"],
  };
  expect((await recipients.find(files, 1))?.get("name")).toBe("forgotten");
});

test("a missing file is an error that says so, and is looked for again the next time", async () => {
  recipients = openRecipients(blobs);
  const files = await storeBatch(1);
  await blobs.remove("acme/1/canonical");
  await expect(recipients.find(files, 1)).rejects.toThrow(/missing/);
  await storeBatch(1);
  expect((await recipients.find(files, 1))?.get("name")).toBe("Name 1 of 1");
});

test("a profile with other columns than the file is an error, not a wrong page", async () => {
  recipients = openRecipients(blobs);
  const files = await storeBatch(1);
  await expect(recipients.find({ ...files, columns: ["name"] }, 1)).rejects.toThrow(/3 columns, its table 1/);
});

test("closing leaves no file open", async () => {
  recipients = openRecipients(blobs);
  await recipients.find(await storeBatch(1, MANY), 1);
  expect(await openFiles()).toEqual(["acme/1/canonical"]);
  await recipients.close();
  expect(await openFiles()).toEqual([]);
});
