import type { BatchStatus, ReportedBatch } from "@inlet/contracts";
import { displayCount, displayNumber } from "./display.ts";

/** What stands in the Status column: the clients' words, which people and their mail rules look for. */
export type StatusWord =
  | "FAILED"
  | "MISSING"
  | "PARTIAL"
  | "IN PROGRESS"
  | "CANCELLED"
  | "UNPACKED"
  | "SUPERSEDED"
  | "DUPLICATE"
  | "SUCCESS";

/** From what needs a person most to what needs nobody; a run is called by the first of these that occurs in it. */
const BY_URGENCY: readonly StatusWord[] = [
  "FAILED",
  "MISSING",
  "PARTIAL",
  "IN PROGRESS",
  "CANCELLED",
  "UNPACKED",
  "SUPERSEDED",
  "DUPLICATE",
  "SUCCESS",
];

/** How a word is coloured. Never the only sign: the word is always there. */
export type Tone = "good" | "bad" | "warn" | "calm";

const TONES: Record<StatusWord, Tone> = {
  FAILED: "bad",
  MISSING: "warn",
  PARTIAL: "warn",
  "IN PROGRESS": "calm",
  CANCELLED: "calm",
  UNPACKED: "calm",
  SUPERSEDED: "calm",
  DUPLICATE: "calm",
  SUCCESS: "good",
};

const WORDS: Record<BatchStatus, StatusWord> = {
  received: "IN PROGRESS",
  running: "IN PROGRESS",
  completed: "SUCCESS",
  partial: "PARTIAL",
  rejected: "FAILED",
  failed: "FAILED",
  duplicate: "DUPLICATE",
  superseded: "SUPERSEDED",
  cancelled: "CANCELLED",
  unpacked: "UNPACKED",
};

/** The word for a batch's status. A file's fault and ours are one word; the reason tells them apart. */
export function statusWord(status: BatchStatus): StatusWord {
  return WORDS[status];
}

export function toneOf(word: StatusWord): Tone {
  return TONES[word];
}

/** Sorts what needs a person first. */
export function compareUrgency(a: StatusWord, b: StatusWord): number {
  return BY_URGENCY.indexOf(a) - BY_URGENCY.indexOf(b);
}

/** The most urgent of some words. Without any: nothing came, and nothing succeeded. */
export function mostUrgent(words: readonly StatusWord[]): StatusWord {
  return [...words].sort(compareUrgency)[0] ?? "MISSING";
}

/** What the sender can do now, beside what the batch's reason says. */
export function nextStep({ status, table, imported, rejected, pull }: ReportedBatch): string | undefined {
  if (pull && (status === "rejected" || status === "partial")) {
    // What stopped a pull says itself what to do.
    return rejected ? "Correct these rows in the system that they come from, then pull again." : undefined;
  }
  switch (status) {
    case "partial":
      return "Mend the rows that were left out in this file's error file and send that file back: they are put in their places.";
    case "rejected":
      if (table === null) return undefined;
      return rejected
        ? "Mend the rows in this file's error file and send that file back. Or send the whole file again, corrected; it may keep its name."
        : "A corrected file may keep its name.";
    case "failed":
      return imported
        ? "The file need not be sent again: the work that is left can be taken up again."
        : "The file need not be sent again: it is kept, and the work on it can be taken up again.";
    case "completed":
    case "received":
    case "running":
    case "duplicate":
    case "superseded":
    case "cancelled":
      return undefined;
  }
}

/** Why a batch is not a plain success, where it does not say so itself. */
export function reasonOf({ status, reason, rejected }: ReportedBatch): string | undefined {
  if (reason?.message) return reason.message;
  switch (status) {
    case "completed":
      return undefined;
    case "partial":
      return `${displayCount(rejected ?? 0, "row is", "rows are")} invalid and left out.`;
    case "rejected":
      return "The file could not be accepted. Correct it and send it again.";
    case "failed":
      return "The work on this file failed. The file is not at fault.";
    case "received":
    case "running":
      return "The work on this file has not ended yet.";
    case "duplicate":
      return "This file was accepted before.";
    case "superseded":
      return "A newer file of this table was imported before this one.";
    case "cancelled":
      return "The work on this file was cancelled.";
  }
}

/** What became of the file's rows, in a few words. */
export function outcomeOf({ records, imported, pull }: ReportedBatch, rehearsal: boolean): string {
  if (pull) return outcomeOfPull(pull, imported ?? 0, rehearsal);
  const done = rehearsal ? "would be imported" : "imported";
  if (!imported) return `nothing ${done}`;
  if (records === null || records === imported) return `${displayCount(imported, "row")} ${done}`;
  return `${displayNumber(imported)} of ${displayCount(records, "row")} ${done}`;
}

/** What of a pull was expected, came and reached the table; and the page that failed, where one did. */
function outcomeOfPull(
  { expected, received, duplicates, failedPage }: NonNullable<ReportedBatch["pull"]>,
  imported: number,
  rehearsal: boolean,
): string {
  const facts = [
    expected === null ? undefined : `${displayNumber(expected)} expected`,
    `${displayNumber(received)} received`,
    duplicates > 0 ? `${displayCount(duplicates, "duplicate")}` : undefined,
    failedPage === null ? undefined : `page ${displayNumber(failedPage)} failed`,
    `${imported === 0 ? "nothing" : displayNumber(imported)} ${rehearsal ? "would be imported" : "imported"}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(", ");
}

/** `20 rows are imported`; of a rehearsal, whose rows are in no table, `20 rows would be imported`. */
export function importedSentence(imported: number, rehearsal: boolean): string {
  return rehearsal
    ? `${displayCount(imported, "row")} would be imported`
    : `${displayCount(imported, "row is", "rows are")} imported`;
}

/** What became of the rows of a file that failed, before or after its import. */
export function failedSentence(imported: number, rehearsal: boolean): string {
  if (imported === 0) return rehearsal ? "The file would not be imported." : "The file was not imported.";
  return `The rows ${rehearsal ? "would be" : "are"} imported, but the work after that did not end.`;
}

/** What the count of rows that reached a table, or would have, is called. */
export function importedLabel(rehearsal: boolean): "Imported" | "Rehearsed" {
  return rehearsal ? "Rehearsed" : "Imported";
}

/** A finding's code as words: `type_mismatch` reads `type mismatch`. */
export function findingLabel(code: string): string {
  return code.replaceAll("_", " ");
}

/** What a reader of counts must know of a rehearsal. */
export const REHEARSAL_NOTE =
  "This is a rehearsal: all was done as it will be later, but nothing of it went into the live tables.";

/** How a sentence about files that came through ends: with how many links they brought, and how many rows got none. */
export function linksEnding(batches: readonly Pick<ReportedBatch, "valid" | "links">[]): string {
  let [links, withheld] = [0, 0];
  for (const batch of batches) {
    if (batch.links === null) continue;
    links += batch.links;
    withheld += (batch.valid ?? batch.links) - batch.links;
  }
  const ready = links > 0 ? `, and ${displayCount(links, "personal link is", "personal links are")} ready.` : ".";
  if (withheld === 0) return ready;
  return `${ready} ${displayCount(withheld, "row")} got no link, by what the storyboard requires.`;
}
