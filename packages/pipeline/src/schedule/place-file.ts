import { latePolicy, type Reason, type ScheduleRun } from "@inlet/contracts";
import type { LastRun, LoadedDay } from "@inlet/database";
import { INCOMPLETE } from "./holds.ts";
import { standingOf } from "./standing.ts";
import { daysBefore, localDay } from "./timing.ts";

/** A file, as its name tells it. */
export interface NamedFile {
  fileName: string;
  /** Null: only its content will tell. */
  tableName: string | null;
  /** YYYY-MM-DD; null: its name has none. */
  date: string | null;
}

/** What files of a project with a schedule are held against. */
export interface Calendar {
  run: ScheduleRun;
  /** Null: none is due. */
  nextDue: Date | null;
  /** The newest run that the schedule started. */
  last: LastRun | undefined;
  /** What was imported already, of tables and days that are asked about. */
  loaded: readonly LoadedDay[];
}

/** Where a file goes. `lateFor`: the run that had gone on without it. */
export type Placement =
  | { to: "next"; lateFor: number | null }
  | { to: "run"; key: string; lateFor: number | null }
  | { to: "none"; refusal: Reason; lateFor: number | null };

/**
 * Says which run a file belongs to: the one that still waits for files, the last one, which it is late for or mended for, or
 * the next. Where windows go by date, what fits none of them, and what was imported already, goes by the profile's policy.
 */
export function placeFile(file: NamedFile, calendar: Calendar): Placement {
  const { run, last, nextDue } = calendar;
  const next: Placement = { to: "next", lateFor: null };
  if (last && isSentAgain(file, last)) {
    return { to: "run", key: last.key, lateFor: last.isGathering ? null : last.id };
  }
  const fitsLast = last !== undefined && fits(file, run, last.dueAt);
  if (last?.isGathering && fitsLast) return { to: "run", key: last.key, lateFor: null };
  if (fitsLast && completes(file, run, last)) return { to: "run", key: last.key, lateFor: last.id };
  const loaded = loadedBefore(file, calendar);
  if (loaded) return run.loadedAgain === "next" ? next : refused(loadedReason(file, loaded));
  const fitsNext = nextDue === null || fits(file, run, nextDue);
  if (fitsLast && isLate(file, calendar, fitsNext)) return placeLate(file, run, last);
  if (fitsNext || run.wrongDate === "next") return next;
  return refused(wrongDateReason(file, run, nextDue!));
}

const refused = (refusal: Reason, lateFor: number | null = null): Placement => ({ to: "none", refusal, lateFor });

/** Whether a file of its name failed in the last run: then it is that one, mended. */
function isSentAgain({ fileName }: NamedFile, last: LastRun): boolean {
  const same = last.batches.filter((batch) => batch.fileName.toLowerCase() === fileName.toLowerCase());
  return standingOf(same) === "failed";
}

/**
 * Whether the last run was given up for want of a file of this table: it keeps its other files for it, whatever becomes of
 * files that come after a run went on without them.
 */
function completes({ tableName }: NamedFile, { expect, missing }: ScheduleRun, { batches }: LastRun): boolean {
  if (missing.action !== "fail" || tableName === null || !expect.includes(tableName)) return false;
  const has = batches.some((batch) => batch.tableName === tableName && batch.status !== "unpacked");
  return !has && batches.some(({ status, reasonCode }) => status === "failed" && reasonCode === INCOMPLETE);
}

/** Whether a file's date is that of a trigger's window. What has no date fits any. */
function fits({ date }: NamedFile, { window, timezone }: ScheduleRun, dueAt: Date): boolean {
  if (window.by === "arrival" || date === null) return true;
  const before = daysBefore(localDay(dueAt, timezone), date);
  return before >= 0 && before <= window.daysBefore;
}

/** Whether the last run went on without the file: it has none of its table, and expected one, or no later run takes it. */
function isLate({ tableName }: NamedFile, { run, last }: Calendar, fitsNext: boolean): boolean {
  if (tableName === null) return !fitsNext;
  const has = last!.batches.some((batch) => batch.tableName === tableName && batch.status !== "unpacked");
  return !has && (run.expect.includes(tableName) || !fitsNext);
}

function placeLate(file: NamedFile, run: ScheduleRun, last: LastRun): Placement {
  switch (latePolicy(run)) {
    case "reopen":
      return { to: "run", key: last.key, lateFor: last.id };
    case "next":
      return { to: "next", lateFor: last.id };
    case "reject":
      return refused(
        {
          code: "file_late",
          message: `${file.fileName} came after the run of ${last.key} had gone on without it. Nothing was imported. Send it in time for the next run, or ask for late files to be taken.`,
        },
        last.id,
      );
  }
}

function loadedBefore({ tableName, date }: NamedFile, { run, loaded }: Calendar): LoadedDay | undefined {
  if (run.window.by !== "date") return undefined;
  return loaded.find((each) => each.tableName === tableName && each.fileDate === date);
}

function loadedReason({ fileName, tableName, date }: NamedFile, { batchId, importedAt }: LoadedDay): Reason {
  const when = importedAt.toISOString().replace("T", " ").slice(0, 16);
  return {
    code: "day_loaded_already",
    message: `${tableName} of ${date} was imported already (batch ${batchId}, ${when} UTC), so ${fileName} was not. Send a mended error file to correct rows of it, or ask for the day to be loaded again.`,
  };
}

function wrongDateReason({ fileName, date }: NamedFile, run: ScheduleRun, nextDue: Date): Reason {
  const day = localDay(nextDue, run.timezone);
  const days = run.window.by === "date" ? run.window.daysBefore : 0;
  const before = days === 1 ? " or of the day before it" : ` or of the ${days} days before it`;
  const window = `${day}${days === 0 ? "" : before}`;
  return {
    code: "date_not_expected",
    message: `${fileName} is dated ${date}, but the next run takes files of ${window}. Nothing was imported. Send it under the date of its run.`,
  };
}
