import type { Issue } from "@inlet/contracts";
import { clearPendingFix, type DraftClaim, type DraftRow, putDraftEdits, WHOLE_RECORD } from "@inlet/database";
import { type Edit, fixesOf, listFindings } from "@inlet/delimited";
import type { CheckParts } from "./check-parts.ts";
import { columnPlaces } from "./check-view.ts";
import { openReading } from "./reading.ts";
import { storable } from "./storable.ts";
import { whileClaimed } from "./while-claimed.ts";

const EDITS_AT_ONCE = 5_000;

/** Makes edits of the replacements that the last check suggested and that somebody asked for. */
export async function takeFixes(
  parts: CheckParts,
  claim: DraftClaim,
  draft: DraftRow,
  signal: AbortSignal,
): Promise<void> {
  const { database, store } = parts;
  const { code, column, by } = draft.pendingFix!;
  if (draft.checkFiles === null) return;
  const reading = await openReading(store, draft.checkFiles);
  const findings = listFindings(await reading.openFindings(), {
    codes: [code],
    ...(column === null ? {} : { column }),
    hasFix: true,
  });
  const before = new Map<string, string>();
  const noted = noteValues(findings, columnPlaces(reading.columns), before);
  try {
    let page: Edit[] = [];
    const put = async () => {
      signal.throwIfAborted();
      const edits = page.map(({ record, columnIndex, value }) => ({
        ...{ record, columnIndex: columnIndex ?? WHOLE_RECORD, value: storable(value) },
        before: storable(before.get(`${record} ${columnIndex ?? WHOLE_RECORD}`) ?? ""),
      }));
      before.clear();
      page = [];
      // Two findings of one cell suggest the same: one statement may meet a row but once.
      const last = new Map(edits.map((edit) => [`${edit.record} ${edit.columnIndex}`, edit]));
      await whileClaimed(database, claim, (tx) =>
        putDraftEdits(tx, { draftId: draft.id, by, edits: [...last.values()] }),
      );
    };
    for await (const edit of fixesOf(noted, reading.columns)) {
      page.push(edit);
      if (page.length >= EDITS_AT_ONCE) await put();
    }
    if (page.length > 0) await put();
  } finally {
    await reading.close();
  }
  await clearPendingFix(database, claim);
}

/** Passes findings on and notes what their cells hold. */
async function* noteValues(
  findings: AsyncIterable<Issue>,
  places: ReadonlyMap<string, number>,
  before: Map<string, string>,
): AsyncGenerator<Issue> {
  for await (const issue of findings) {
    const place = issue.column === null ? undefined : places.get(issue.column);
    before.set(`${issue.record} ${place ?? WHOLE_RECORD}`, issue.value ?? "");
    yield issue;
  }
}
