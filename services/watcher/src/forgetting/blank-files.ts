import type { Blobs } from "@inlet/blobs";
import type { ChangedFile, ForgetfulBatch } from "@inlet/database";
import {
  type BlankedBytes,
  blankCanonical,
  blankErrorFile,
  blankRecords,
  decodeRejected,
  resultPlan,
  type ScanPlan,
} from "@inlet/delimited";
import { LINK_LABELS } from "@inlet/purl";
import { failpoint } from "@inlet/runtime";
import { hasFile, scanPlanOf, sourceOf, withFile } from "./stored-files.ts";

/** What became of a batch's files. */
export interface BlankedFiles {
  changed: ChangedFile[];
  /** Kinds of those that have to go altogether. */
  gone: string[];
}

/** What the client sent, and what goes to the client encrypted or packed: bytes of one recipient cannot be taken out of it. */
const WHOLE = ["source", "wrapped_result", "wrapped_errors"];

interface Parts {
  blobs: Blobs;
  signal: AbortSignal;
}

/**
 * Makes records unreadable in all files of a batch that others of its recipients need: their bytes are overwritten, and everything
 * else keeps its place. Done again after it was broken off, it comes to the same. Without records all that holds rows has to go.
 */
export async function blankFiles(
  batch: ForgetfulBatch,
  records: readonly number[],
  { blobs, signal }: Parts,
): Promise<BlankedFiles> {
  const plan = scanPlanOf(batch);
  if (records.length === 0 || plan === undefined) {
    return { changed: [], gone: batch.files.map(({ kind }) => kind).filter((kind) => kind !== "flag") };
  }
  const changed: ChangedFile[] = [];
  const gone = WHOLE.filter((kind) => hasFile(batch, kind));

  async function overwrite(
    kind: string,
    patches: (reader: Parameters<typeof sourceOf>[0]) => AsyncIterable<BlankedBytes>,
  ) {
    await withFile(blobs, batch, kind, async (reader) => {
      const { blobKey } = batch.files.find((file) => file.kind === kind)!;
      const { sizeBytes, sha256 } = await blobs.overwrite(blobKey, stoppable(patches(reader), signal));
      changed.push({ kind, sizeBytes, sha256 });
      failpoint(`forget.${kind}`);
    });
  }

  await overwrite("canonical", (reader) => blankCanonical(sourceOf(reader).open(), records));
  if (hasFile(batch, "result")) {
    const inResult = await placesInResult(batch, records, blobs);
    if (await isAsCounted(batch, plan, { blobs, signal })) {
      const scan = resultPlan(plan, LINK_LABELS);
      await overwrite("result", (reader) =>
        blankRecords({ source: sourceOf(reader), plan: scan, records: inResult, signal }),
      );
    } else gone.push("result");
  }
  await overwrite("errors", (reader) => blankErrorFile(sourceOf(reader), plan, new Set(records), signal));
  await overwrite("plain", (reader) => blankRecords({ source: sourceOf(reader), plan, records, signal }));
  return { changed, gone };
}

async function* stoppable(patches: AsyncIterable<BlankedBytes>, signal: AbortSignal): AsyncIterable<BlankedBytes> {
  for await (const patch of patches) {
    signal.throwIfAborted();
    yield patch;
  }
}

/** Where records stand in the result file, which has no row of those that were rejected. */
async function placesInResult(batch: ForgetfulBatch, records: readonly number[], blobs: Blobs): Promise<number[]> {
  const places: number[] = [];
  let next = 0;
  let before = 0;
  const passUpTo = (rejected: number) => {
    for (; next < records.length && records[next]! <= rejected; next += 1) {
      if (records[next] !== rejected) places.push(records[next]! - before);
    }
  };
  await withFile(blobs, batch, "rejected", async (reader) => {
    for await (const rejected of decodeRejected(sourceOf(reader).open())) {
      passUpTo(rejected);
      before += 1;
    }
  });
  passUpTo(Number.POSITIVE_INFINITY);
  return places;
}

/**
 * Whether the result file reads back as many records as were put in: what was forgiven in the file as it was sent could read
 * otherwise with the links added. Then nobody knows where a record's bytes are, and the whole file has to go.
 */
async function isAsCounted(batch: ForgetfulBatch, plan: ScanPlan, { blobs, signal }: Parts): Promise<boolean> {
  const count = async (kind: string, scan: ScanPlan) =>
    (await withFile(blobs, batch, kind, async (reader) => {
      const counting = blankRecords({ source: sourceOf(reader), plan: scan, records: [], toEnd: true, signal });
      for (;;) {
        const { value, done } = await counting.next();
        if (done) return value;
      }
    })) ?? 0;
  const rejected = await withFile(blobs, batch, "rejected", async (reader) => {
    let numbers = 0;
    for await (const _ of decodeRejected(sourceOf(reader).open())) numbers += 1;
    return numbers;
  });
  return (await count("result", resultPlan(plan, LINK_LABELS))) === (await count("plain", plan)) - (rejected ?? 0);
}
