import type { Draft, DraftSummary } from "@inlet/contracts";
import type { DraftDetailRow, DraftRow } from "@inlet/database";
import { iso } from "../views.ts";
import { sourceKey } from "./draft-store.ts";
import { KEPT_MS } from "./draft-sweep.ts";

/** A draft with all that is known of it. */
export function draftView(row: DraftDetailRow): Draft {
  const { checked, state } = row;
  return {
    ...commonView(row),
    check: checked && { ...checked, isCurrent: state === "checked" && row.checkedVersion === row.version },
    mapping: row.mapping.map(({ index, column }) => ({ index, column })),
  };
}

/** The same as lists show it. */
export function draftSummaryView(row: DraftRow): DraftSummary {
  return { ...commonView(row), verdict: row.verdict };
}

function commonView(row: DraftRow): Omit<Draft, "check" | "mapping"> {
  const whyNot = whyNotEditable(row);
  return {
    id: row.id,
    client: row.client,
    project: row.project,
    table: row.tableName,
    trial: row.trialProfile !== null,
    fileName: row.fileName,
    innerName: innerNameOf(row),
    sizeBytes: row.sizeBytes,
    receivedBytes: row.receivedBytes,
    sha256: row.sha256?.toString("hex") ?? null,
    records: row.declaredRecords,
    lastModified: iso(row.lastModified),
    state: row.state,
    progress:
      row.state === "checking"
        ? { phase: row.phase ?? "waiting", doneBytes: row.doneBytes, totalBytes: row.totalBytes }
        : null,
    corrects: row.checkFiles?.corrects ?? null,
    reason: row.state === "unreadable" ? row.reason : null,
    remember: row.remember,
    editCount: row.editCount,
    editable: whyNot === null,
    whyNotEditable: whyNot,
    submitted: row.arrivalId === null ? null : { arrivalId: row.arrivalId, batchId: row.batchId },
    createdBy: row.createdBy,
    createdAt: iso(row.createdAt),
    updatedAt: iso(row.updatedAt),
    expiresAt: iso(new Date(row.updatedAt.getTime() + KEPT_MS)),
  };
}

/** The data file's own name, where the upload is a ZIP or an OpenPGP message that it came in. */
function innerNameOf({ checkFiles, ...row }: DraftRow): string | null {
  return checkFiles === null || checkFiles.plain.key === sourceKey(row) ? null : checkFiles.plain.name;
}

/** Why the cells of a draft cannot be mended here, and what to do; null: they can. */
export function whyNotEditable(row: DraftRow): string | null {
  const { checkFiles, state, verdict } = row;
  if (state === "submitted" || state === "discarded") return "The file is not here any more.";
  if (checkFiles === null || verdict === null) return "The file has not been checked yet.";
  if (checkFiles.corrects !== null) {
    return `This is the mended error file of batch ${checkFiles.corrects}. Mend it in your own program and upload it again.`;
  }
  if (checkFiles.plain.key !== sourceKey(row)) {
    return "The file came in a ZIP or encrypted, and is handed on as it came. Mend the data file itself, wrap it and upload it again.";
  }
  return null;
}
