import {
  InvariantBroken,
  isEnded,
  type Profile,
  type Reason,
  type StepKind,
  stepPlan,
  type Table,
  tablesBefore,
  type WaitsFor,
} from "@inlet/contracts";
import { type LockedRun, NEXT_RUN, type RunBatch } from "@inlet/database";
import { missingTables } from "../report.ts";
import { standingOf } from "./standing.ts";

type JudgedRun = Pick<LockedRun, "key" | "gatherUntil" | "isGathering">;
type JudgedBatch = Pick<RunBatch, "batchId" | "tableName" | "fileName" | "status" | "reasonCode" | "reasonMessage">;

/** What becomes of a run's held files now. */
export interface Verdict {
  /** They go on. */
  release: number[];
  /** They are given up. */
  fail: { batchId: number; reason: Reason }[];
  /** They were given up for want of others, which have come. */
  revive: number[];
  /** What each of the others waits for. */
  waits: Map<number, WaitsFor>;
}

/** The reason of files that were given up because others of their run did not come. */
export const INCOMPLETE = "run_incomplete";

/** The stage that a held file begins with when it goes on. */
export function firstStage(profile: Profile): StepKind {
  const [first] = stepPlan(profile);
  if (first === undefined) throw new InvariantBroken({ code: "empty_plan", message: "A profile has no stages." });
  return first;
}

/** Whether any of a project's files may be held: it has a schedule, or tables that go after others. */
export function mayHold(profile: Profile): boolean {
  return profile.run.group === "schedule" || hasOrder(profile);
}

/** Whether a project's tables go after one another. */
export function hasOrder(profile: Profile): boolean {
  const known = ordered.get(profile);
  if (known !== undefined) return known;
  const found = profile.tables.some((table) => tablesBefore(table).length > 0);
  ordered.set(profile, found);
  return found;
}

const ordered = new WeakMap<Profile, boolean>();

/** Whether files of a run that its trigger began are waited for, and what happens without them, is its profile's matter. */
const isOfTrigger = (run: JudgedRun) => run.gatherUntil !== null;

/**
 * Judges the held files of a run. Those of a schedule wait for its trigger. From then on a file waits while one of a table
 * that its own goes after is under way in the run, or is expected and may still come; and a run that fails without the
 * expected tables keeps all its files until they are there.
 * @param batches all of the run's, in order of arrival
 * @param nextDue when the run's trigger is due, for a run that waits for one
 */
export function judgeHolds(
  profile: Profile,
  run: JudgedRun,
  batches: readonly JudgedBatch[],
  held: ReadonlySet<number>,
  nextDue: Date | null = null,
): Verdict {
  const verdict: Verdict = { release: [], fail: [], revive: [], waits: new Map() };
  const waiting = batches.filter(({ batchId, status }) => held.has(batchId) && !isEnded(status));
  if (run.key === NEXT_RUN) {
    const at = nextDue?.toISOString() ?? null;
    for (const { batchId } of waiting) verdict.waits.set(batchId, { kind: "trigger", at });
    return verdict;
  }
  const missing = missingTables(profile.run, batches, run.key);
  const fails = profile.run.group === "schedule" && profile.run.missing.action === "fail" && isOfTrigger(run);
  if (fails && missing.length > 0) {
    for (const { batchId } of waiting) {
      if (run.isGathering) verdict.waits.set(batchId, waitFor(missing, run));
      else verdict.fail.push({ batchId, reason: incompleteReason(run, missing) });
    }
    return verdict;
  }
  if (fails) {
    verdict.revive = batches
      .filter(({ status, reasonCode }) => status === "failed" && reasonCode === INCOMPLETE)
      .map(({ batchId }) => batchId);
  }
  const absent = { tables: new Set(expects(profile, run) ? missing : []), mayCome: mayCome(profile, run) };
  for (const batch of waiting) {
    const wait = waitOf(profile, run, { batch, batches, absent });
    const failure = wait ? undefined : failureOf(profile, { batch, batches, absent: absent.tables });
    if (wait) verdict.waits.set(batch.batchId, wait);
    else if (failure) verdict.fail.push({ batchId: batch.batchId, reason: failure });
    else verdict.release.push(batch.batchId);
  }
  return verdict;
}

/** A run that a person started takes what is there: nothing more is expected of it. */
const expects = ({ run: { group } }: Profile, run: JudgedRun) => group === "date" || isOfTrigger(run);

/** Whether what is expected and has not come is waited for. A run of a date begins to when a file waits for another. */
const mayCome = ({ run: { group } }: Profile, run: JudgedRun) =>
  run.isGathering || (group === "date" && run.gatherUntil === null);

interface Around {
  batch: JudgedBatch;
  batches: readonly JudgedBatch[];
  absent: { tables: ReadonlySet<string>; mayCome: boolean };
}

function waitOf(profile: Profile, run: JudgedRun, { batch, batches, absent }: Around): WaitsFor | undefined {
  const before = tablesAhead(profile, batch.tableName, batches);
  if (before.size === 0) return undefined;
  const tables = [...before].filter((name) => {
    const files = batches.filter(({ tableName, batchId }) => tableName === name && batchId !== batch.batchId);
    return files.some(({ status }) => !isEnded(status)) || (absent.tables.has(name) && absent.mayCome);
  });
  if (tables.length > 0) {
    const isAbsent = tables.every((name) => absent.tables.has(name));
    return isAbsent ? waitFor(tables, run) : { kind: "tables", tables, until: null };
  }
  const container = batches.find(({ tableName, status, batchId }) => {
    return tableName === null && !isEnded(status) && batchId < batch.batchId;
  });
  return container && { kind: "batch", batchId: container.batchId };
}

const waitFor = (tables: readonly string[], { gatherUntil }: JudgedRun): WaitsFor => ({
  kind: "tables",
  tables: [...tables],
  until: gatherUntil?.toISOString() ?? null,
});

/**
 * The tables that one goes after, through those of which no file is in the run: what goes after `sku`, which goes after
 * `style`, goes after `style` also on a day without `sku`.
 */
function tablesAhead(profile: Profile, tableName: string | null, batches: readonly JudgedBatch[]): Set<string> {
  const found = new Set<string>();
  const visit = (name: string | null) => {
    const table = tableNamed(profile, name);
    for (const before of table ? tablesBefore(table) : []) {
      if (before === tableName || found.has(before)) continue;
      found.add(before);
      if (!batches.some((batch) => batch.tableName === before)) visit(before);
    }
  };
  visit(tableName);
  return found;
}

const tableNamed = ({ tables }: Profile, wanted: string | null): Table | undefined =>
  tables.find(({ name }) => name === wanted);

/** Why a file is not worked on after what it goes after. */
function failureOf(
  profile: Profile,
  { batch, batches, absent }: Pick<Around, "batch" | "batches"> & { absent: ReadonlySet<string> },
): Reason | undefined {
  const table = tableNamed(profile, batch.tableName);
  if (table === undefined || table.afterFailed === "continue") return undefined;
  for (const name of tablesBefore(table)) {
    if (absent.has(name)) {
      return {
        code: "table_before_missing",
        message: `${batch.fileName} goes after ${name}, of which no file came. Nothing of it was imported. Send ${name}; then have this batch retried.`,
      };
    }
    const files = batches.filter(({ tableName }) => tableName === name);
    const standing = standingOf(files);
    if (standing !== "failed" && standing !== "cancelled") continue;
    const last = files.findLast(({ status }) => ["failed", "rejected", "cancelled"].includes(status))!;
    return {
      code: "table_before_failed",
      message: `${batch.fileName} goes after ${name}, and ${last.fileName} (batch ${last.batchId}) ended as ${last.status}. Nothing of it was imported. When ${name} is imported, have this batch retried.`,
    };
  }
  return undefined;
}

function incompleteReason({ key }: JudgedRun, missing: readonly string[]): Reason {
  const names = missing.join(", ");
  return {
    code: INCOMPLETE,
    message: `No file of ${names} came for the run of ${key}, and without ${missing.length === 1 ? "it" : "them"} nothing of the run is imported. Send ${names}; what came before need not be sent again.`,
  };
}
