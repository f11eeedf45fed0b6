import { isEnded, type RunTableStatus } from "@inlet/contracts";
import type { RunBatch } from "@inlet/database";

/** How the files of one table stand together. */
export type Standing = Exclude<RunTableStatus, "waiting" | "missing" | "late">;

type Judged = Pick<RunBatch, "status" | "fileName" | "tableName">;

/** From what needs a person most; what was passed over says something only where nothing else does. */
const BY_URGENCY: readonly Standing[] = ["failed", "partial", "success", "cancelled", "superseded", "duplicate"];

const WORDS: Readonly<Record<Exclude<Judged["status"], "received" | "running" | "unpacked">, Standing>> = {
  completed: "success",
  partial: "partial",
  rejected: "failed",
  failed: "failed",
  cancelled: "cancelled",
  superseded: "superseded",
  duplicate: "duplicate",
};

/**
 * How the files of a table stand, given in order of arrival: under way, or the worst of them. One that failed and was sent
 * again under its name, and accepted, counts no more. Undefined: there is none. A ZIP of several files is none of a table.
 */
export function standingOf(files: readonly Judged[]): Standing | undefined {
  let worst: Standing | undefined;
  for (const [place, file] of files.entries()) {
    const { status } = file;
    if (status === "unpacked") continue;
    if (!isEnded(status)) return "running";
    if (WORDS[status as keyof typeof WORDS] === "failed" && isMended(file, files.slice(place + 1))) continue;
    const word = WORDS[status as keyof typeof WORDS];
    if (worst === undefined || BY_URGENCY.indexOf(word) < BY_URGENCY.indexOf(worst)) worst = word;
  }
  return worst;
}

/** Whether a file was sent again, with success or with the work on it under way. */
function isMended(file: Judged, later: readonly Judged[]): boolean {
  const name = file.fileName.toLowerCase();
  return later.some(
    (each) =>
      each.fileName.toLowerCase() === name && ["received", "running", "completed", "partial"].includes(each.status),
  );
}
