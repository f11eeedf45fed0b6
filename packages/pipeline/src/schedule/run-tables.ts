import { isEnded, type Profile, type RunTable, type RunTableStatus, type WaitsFor } from "@inlet/contracts";
import { type LockedRun, NEXT_RUN, type RunBatch, type RunFileRow } from "@inlet/database";
import { isOwnRun, missingTables } from "../report.ts";
import { judgeHolds } from "./holds.ts";
import { standingOf } from "./standing.ts";

/** A run, as its tables are told of it. */
export type ToldRun = Pick<LockedRun, "id" | "key" | "state" | "gatherUntil" | "isGathering">;

/** What of a run its tables are told by. */
interface Facts {
  profile: Profile;
  run: ToldRun;
  /** In order of arrival. */
  batches: readonly RunBatch[];
  /** What is known of its files beside their batches, and of those that came too late for it. */
  files: readonly RunFileRow[];
  /** When its trigger is due, while it waits for one. */
  nextDue: Date | null;
}

/** What each held batch of a run waits for. */
export function waitsOf({ profile, run, batches, nextDue }: Omit<Facts, "files">): Map<number, WaitsFor> {
  return batches.some(({ held }) => held) ? judgeHolds(profile, run, batches, nextDue).waits : new Map();
}

/** The expected tables of a run and those of which files came, by name, each with how it stands. */
export function runTables(facts: Facts): RunTable[] {
  const { profile, run, batches, files } = facts;
  const grouping = profile.run;
  const expected: readonly string[] = grouping.group === "file" || isOwnRun(run.key) ? [] : grouping.expect;
  const waits = waitsOf(facts);
  const missing = new Set(missingTables(grouping, batches, run.key));
  const told = batches.filter(({ status }) => status !== "unpacked");
  const names = new Set<string | null>([...expected, ...told.map(({ tableName }) => tableName)]);
  return [...names].sort(byName).map((table) => {
    const own = told.filter(({ tableName }) => tableName === table);
    const elsewhere = files.find(
      (file) => file.lateFor === run.id && file.runId !== run.id && file.tableName === table,
    );
    const batch = own.at(-1);
    return {
      table,
      expected: table !== null && expected.includes(table),
      status: batch ? statusOf(own, waits) : missing.has(table ?? "") ? absence(run, elsewhere) : "missing",
      batchId: batch?.batchId ?? elsewhere?.batchId ?? null,
      fileName: batch?.fileName ?? elsewhere?.fileName ?? null,
      files: own.length,
      late: files.some((file) => file.lateFor === run.id && file.tableName === table),
      waitsFor: own.map(({ batchId }) => waits.get(batchId)).find((wait) => wait !== undefined) ?? null,
    };
  });
}

function statusOf(own: readonly RunBatch[], waits: ReadonlyMap<number, WaitsFor>): RunTableStatus {
  const open = own.filter(({ status }) => !isEnded(status));
  if (open.length > 0 && open.every(({ batchId }) => waits.has(batchId))) return "waiting";
  return standingOf(own) ?? "missing";
}

/** A table without a file: it may still come, it came too late, or it did not. */
function absence(run: ToldRun, elsewhere: RunFileRow | undefined): RunTableStatus {
  if (run.state === "open" && (run.isGathering || run.key === NEXT_RUN)) return "waiting";
  return elsewhere ? "late" : "missing";
}

function byName(one: string | null, other: string | null): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? 1 : -1;
  return one < other ? -1 : 1;
}

/** From what needs a person most. */
const BY_URGENCY: readonly RunTableStatus[] = [
  ...["failed", "missing", "late", "partial", "running", "waiting"],
  ...["cancelled", "superseded", "duplicate", "success"],
] as const satisfies readonly string[] as readonly RunTableStatus[];

/** The word for a whole run; null: nothing came, and nothing was expected. */
export function worstOf(tables: readonly RunTable[]): RunTableStatus | null {
  return BY_URGENCY.find((word) => tables.some(({ status }) => status === word)) ?? null;
}
