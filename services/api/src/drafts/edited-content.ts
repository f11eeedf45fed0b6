import type { Blobs } from "@inlet/blobs";
import {
  countDraftEdits,
  type Database,
  type DraftCheckFiles,
  type DraftClaim,
  type DraftRow,
  draftEditsAfter,
  removeDraftEdits,
  WHOLE_RECORD,
} from "@inlet/database";
import { type Edit, EditRefused, writeEdits } from "@inlet/delimited";
import { type Plain, sourceOf } from "@inlet/structural-check";
import type { CheckParts, Running } from "./check-parts.ts";
import { draftKey } from "./draft-store.ts";
import type { Reading } from "./reading.ts";
import { watched } from "./watched-source.ts";
import { whileClaimed } from "./while-claimed.ts";

/** Edits that turn out to be impossible are taken back one by one, up to so many. */
const MOST_REFUSED_EDITS = 50;
const EDITS_AT_ONCE = 5_000;

/** The mended file, and what was found on the way. */
export interface Edited {
  content: DraftCheckFiles["content"];
  /** Records that the file has to have. */
  records: number;
  /** Edits that could not be made, in words. */
  refused: string[];
}

/** Writes the mended file; undefined: nothing is mended. */
export async function writeContent(
  { database, store }: CheckParts,
  claim: DraftClaim,
  {
    draft,
    plain,
    reading,
    running: { signal, onProgress },
  }: { draft: DraftRow; plain: Plain; reading: Reading | null; running: Running },
): Promise<Edited | undefined> {
  const { draftId, epoch } = claim;
  const plan = reading?.plainPlan;
  if (plan === undefined || plan === null) return undefined;
  const refused: string[] = [];
  for (;;) {
    if ((await countDraftEdits(database, draftId)) === 0) {
      return refused.length === 0 ? undefined : await copyOf(store, draft, plain, epoch, refused);
    }
    const writer = await store.create(`${draftKey(draft)}/content-${epoch}`);
    try {
      const source = watched(sourceOf(plain.reader), plain.reader.sizeBytes, (doneBytes) =>
        onProgress({ phase: "opening", doneBytes, totalBytes: plain.reader.sizeBytes }),
      );
      const writing = writeEdits({ source, plan, edits: editsOf(database, draftId), signal });
      let next = await writing.next();
      for (; !next.done; next = await writing.next()) await writer.write(next.value);
      const { key, sizeBytes, sha256 } = await writer.finish();
      return { content: { key, sizeBytes, sha256: sha256.toString("hex") }, records: next.value.records, refused };
    } catch (error) {
      if (!(error instanceof EditRefused) || refused.length >= MOST_REFUSED_EDITS) throw error;
      refused.push(error.message);
      const cell = { record: error.edit.record, columnIndex: error.edit.columnIndex ?? WHOLE_RECORD };
      await whileClaimed(database, claim, (tx) => removeDraftEdits(tx, { draftId, cell }));
    } finally {
      await writer.abort();
    }
  }
}

/** All edits were impossible: the file as it came. */
async function copyOf(store: Blobs, draft: DraftRow, plain: Plain, epoch: number, refused: string[]): Promise<Edited> {
  const writer = await store.create(`${draftKey(draft)}/content-${epoch}`);
  try {
    for await (const chunk of plain.reader.lentChunks()) await writer.write(chunk);
    const { key, sizeBytes, sha256 } = await writer.finish();
    return { content: { key, sizeBytes, sha256: sha256.toString("hex") }, records: -1, refused };
  } finally {
    await writer.abort();
  }
}

async function* editsOf(database: Database, draftId: number): AsyncGenerator<Edit> {
  let after = { record: 0, columnIndex: WHOLE_RECORD };
  for (;;) {
    const page = await draftEditsAfter(database, { draftId, after, limit: EDITS_AT_ONCE });
    for (const { record, columnIndex, value } of page) {
      yield { record, columnIndex: columnIndex === WHOLE_RECORD ? null : columnIndex, value };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < EDITS_AT_ONCE) return;
    after = last;
  }
}
