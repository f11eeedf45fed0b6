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
type JudgedBatch = Pick<RunBatch, "batchId" | "tableName" | "fileName" | "status" | "reasonCode" | "held">;

/** What becomes of a run's held files now. */
export interface Verdict {
  /** They go on. */
  release: number[];
  /** They are given up. */
  fail: { batchId: number; reason: Reason }[];
  /** They were given up for want of others, which have come: they are held again, and judged with the rest. */
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

/** Whether files of a project may be held as they come: it has a schedule, or tables that go after others. */
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
 * expected tables keeps its files until they are there. What has no table yet waits for nothing but the trigger: what is
 * missing may be in it.
 * @param batches all of the run's, in order of arrival
 * @param nextDue when the run's trigger is due, for a run that waits for one
 * @param pulling tables that are still being pulled for this run
 */
export function judgeHolds(
  profile: Profile,
  run: JudgedRun,
  batches: readonly JudgedBatch[],
  nextDue: Date | null = null,
  pulling: readonly string[] = [],
): Verdict {
  const verdict: Verdict = { release: [], fail: [], revive: [], waits: new Map() };
  const waiting = batches.filter(({ held, status }) => held && !isEnded(status));
  if (run.key === NEXT_RUN) {
    const at = nextDue?.toISOString() ?? null;
    for (const { batchId } of waiting) verdict.waits.set(batchId, { kind: "trigger", at });
    return verdict;
  }
  const missing = missingTables(profile.run, batches, run.key);
  const fails = profile.run.group === "schedule" && profile.run.missing.action === "fail" && isOfTrigger(run);
  if (fails && missing.length > 0) {
    const container = batches.find(({ tableName, status }) => tableName === null && !isEnded(status));
    for (const { batchId, tableName } of waiting) {
      if (tableName === null) verdict.release.push(batchId);
      else if (run.isGathering) verdict.waits.set(batchId, waitFor(missing, run));
      else if (container) verdict.waits.set(batchId, { kind: "batch", batchId: container.batchId });
      else verdict.fail.push({ batchId, reason: incompleteReason(run, missing) });
    }
    return verdict;
  }
  if (fails) verdict.revive = givenUpFor(profile, batches);
  const absent = { tables: new Set(expects(profile, run) ? missing : []), mayCome: mayCome(profile, run) };
  const waits = waitsByTable(profile, run, { batches, absent, pulling });
  for (const batch of waiting) {
    const wait = waits(batch);
    const failure = wait ? undefined : failureOf(profile, { batch, batches, absent: absent.tables });
    if (wait) verdict.waits.set(batch.batchId, wait);
    else if (failure) verdict.fail.push({ batchId: batch.batchId, reason: failure });
    else verdict.release.push(batch.batchId);
  }
  return verdict;
}

/**
 * The files that were given up for want of others. Of one that was sent again under its name meanwhile the newest alone,
 * where a name counts once: both together would be the same rows twice.
 */
function givenUpFor({ duplicates }: Profile, batches: readonly JudgedBatch[]): number[] {
  const isGivenUp = ({ status, reasonCode }: JudgedBatch) => status === "failed" && reasonCode === INCOMPLETE;
  const counts = (batch: JudgedBatch) =>
    isGivenUp(batch) || ["received", "running", "completed", "partial"].includes(batch.status);
  const newest = new Map(batches.filter(counts).map(({ fileName, batchId }) => [fileName.toLowerCase(), batchId]));
  return batches
    .filter(isGivenUp)
    .filter(({ batchId, fileName }) => duplicates.name === "accept" || newest.get(fileName.toLowerCase()) === batchId)
    .map(({ batchId }) => batchId);
}

/** A run that a person started takes what is there: nothing more is expected of it. */
const expects = ({ run: { group } }: Profile, run: JudgedRun) => group === "date" || isOfTrigger(run);

/** Whether what is expected and has not come is waited for. A run of a date begins to when a file waits for another. */
const mayCome = ({ run: { group } }: Profile, run: JudgedRun) =>
  run.isGathering || (group === "date" && run.gatherUntil === null);

interface Around {
  batches: readonly JudgedBatch[];
  absent: { tables: ReadonlySet<string>; mayCome: boolean };
  pulling: readonly string[];
}

/** What a file waits for, reckoned once for each table: a run may have thousands of each. */
function waitsByTable(
  profile: Profile,
  run: JudgedRun,
  { batches, absent, pulling }: Around,
): (batch: JudgedBatch) => WaitsFor | undefined {
  const present = new Set([...batches.map(({ tableName }) => tableName), ...pulling]);
  const open = batches.flatMap(({ tableName, status }) => (isEnded(status) ? [] : [tableName]));
  const underWay = new Set([...open, ...pulling]);
  const container = batches.find(({ tableName, status }) => tableName === null && !isEnded(status));
  const known = new Map<string | null, { ahead: boolean; wait: WaitsFor | undefined }>();

  function ofTable(tableName: string | null) {
    const before = tablesAhead(profile, tableName, present);
    const tables = [...before].filter((name) => underWay.has(name) || (absent.tables.has(name) && absent.mayCome));
    const isAbsent = tables.every((name) => absent.tables.has(name));
    const wait = isAbsent ? waitFor(tables, run) : ({ kind: "tables", tables, until: null } as const);
    return { ahead: before.size > 0, wait: tables.length === 0 ? undefined : wait };
  }

  return ({ tableName, batchId }) => {
    const found = known.get(tableName) ?? ofTable(tableName);
    known.set(tableName, found);
    if (found.wait !== undefined) return found.wait;
    // An older one alone: a newer one's import may wait for this file's, by their order of arrival.
    const waitsForIt = found.ahead && container !== undefined && container.batchId < batchId;
    return waitsForIt ? { kind: "batch", batchId: container.batchId } : undefined;
  };
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
function tablesAhead(profile: Profile, tableName: string | null, present: ReadonlySet<string | null>): Set<string> {
  const found = new Set<string>();
  const visit = (name: string | null) => {
    const table = tableNamed(profile, name);
    for (const before of table ? tablesBefore(table) : []) {
      if (before === tableName || found.has(before)) continue;
      found.add(before);
      if (!present.has(before)) visit(before);
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
  { batch, batches, absent }: { batch: JudgedBatch; batches: readonly JudgedBatch[]; absent: ReadonlySet<string> },
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
