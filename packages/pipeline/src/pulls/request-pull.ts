import { InvalidInput, monitoringOf, type PullSource } from "@inlet/contracts";
import {
  type AuditEntry,
  type Database,
  insertPulls,
  type LiveProject,
  liveProject,
  lockProjectIntake,
  recordAudit,
  transaction,
} from "@inlet/database";
import { failpoint } from "@inlet/runtime";
import type { Publisher } from "../queues.ts";
import { startPulls } from "./start-pulls.ts";
import { systemKeyOf } from "./system-key.ts";

interface RequestParts {
  database: Database;
  publisher: Publisher;
}

/** A person's order to pull. */
export interface PullOrder {
  projectId: number;
  /** Absent: all that the project pulls. */
  tables?: readonly string[] | undefined;
  /** Everything anew, also where only what has changed would be pulled. */
  full: boolean;
  actor: string;
  reason: string | null;
  /** The audit's line on it, once the pulls' numbers are known: written with them, or neither is. */
  audit: (started: { pullIds: number[]; runId: number }) => AuditEntry;
}

/** What a person's order started. */
export interface RequestedPulls {
  pullIds: number[];
  runId: number;
  /** Tables of which nothing was started, because a pull is under way, or the last one is being imported. */
  underWay: { table: string; pullId: number }[];
}

/**
 * Pulls a project's tables now, under one run. In a project that rehearses the pulls are rehearsed, too.
 * @throws InvalidInput `no_pulls`, `table_not_pulled`, `full_would_double`, `pull_under_way` (of every table that was asked for)
 */
export async function requestPull(
  { database, publisher }: RequestParts,
  { projectId, tables, full, actor, reason, audit }: PullOrder,
): Promise<RequestedPulls> {
  const { pulls, underWay, runId } = await transaction(database, async (tx) => {
    await lockProjectIntake(tx, projectId);
    const pulled = pullsOf(await liveProject(tx, projectId));
    const asked = tables ?? pulled.source.pulls.map(({ table }) => table);
    assertPulled(pulled, asked);
    if (full) assertNotAppended(pulled, asked);
    const trigger = { by: "person" as const, dueAt: null, actor, reason };
    const started = await startPulls(tx, pulled, { ...trigger, tables: asked, full, now: new Date() });
    if (started.runId === null) {
      const busy = started.underWay.map(({ table, pullId }) => `${table} (pull ${pullId})`).join(", ");
      throw new InvalidInput({
        code: "pull_under_way",
        message: `A pull of each of these tables is under way, or its batch has not ended: ${busy}. Wait for it, or cancel it.`,
      });
    }
    await recordAudit(tx, audit({ pullIds: started.pulls.map(({ pullId }) => pullId), runId: started.runId }));
    return { ...started, runId: started.runId };
  });
  failpoint("pulls.requested");
  publisher.changed({ runs: [runId] });
  await publisher.pulls(pulls);
  return { pullIds: pulls.map(({ pullId }) => pullId), runId, underWay };
}

/** A person's order to look at what a system has. */
export interface ProbeOrder {
  projectId: number;
  /** Absent: the first that the project pulls. */
  table?: string | undefined;
  actor: string;
  reason: string | null;
  audit: (pullId: number) => AuditEntry;
}

/**
 * Asks for a probe: access, count, shape and first rows of what a table is pulled from; nothing is imported. The result is the
 * pull's, when it has ended.
 * @throws InvalidInput `no_pulls`, `table_not_pulled`
 */
export async function requestProbe(
  { database, publisher }: RequestParts,
  { projectId, table, actor, reason, audit }: ProbeOrder,
): Promise<{ pullId: number }> {
  const [pull] = await transaction(database, async (tx) => {
    const pulled = pullsOf(await liveProject(tx, projectId));
    const { project, source } = pulled;
    const tableName = table ?? source.pulls[0]!.table;
    assertPulled(pulled, [tableName]);
    const { clientId, profileVersion, profile, state } = project;
    const pulls = await insertPulls(tx, [
      {
        ...{ clientId, projectId, profileVersion, tableName, purpose: "probe", full: true, actor, reason },
        ...{ by: "person", dueAt: null, runId: null, skipped: null, rehearsal: state === "rehearsal" },
        monitored: monitoringOf(profile).enabled,
        systemKey: systemKeyOf(clientId, source.system),
      },
    ]);
    await recordAudit(tx, audit(pulls[0]!.pullId));
    return pulls;
  });
  await publisher.pulls([pull!]);
  return { pullId: pull!.pullId };
}

interface Pulled {
  project: LiveProject;
  source: PullSource;
}

function pullsOf(project: LiveProject | undefined): Pulled {
  const source = project?.profile.source;
  if (project !== undefined && source?.kind === "pull") return { project, source };
  throw new InvalidInput({
    code: "no_pulls",
    message: `Project ${project?.project ?? ""} pulls nothing: its files come in another way.`,
  });
}

function assertPulled({ project, source }: Pulled, tables: readonly string[]): void {
  const known = source.pulls.map(({ table }) => table);
  const unknown = tables.filter((table) => !known.includes(table));
  if (unknown.length === 0) return;
  throw new InvalidInput({
    code: "table_not_pulled",
    message: `Project ${project.project} pulls no table ${unknown.join(", ")}. It pulls ${known.join(", ")}.`,
  });
}

function assertNotAppended({ project: { profile } }: Pulled, tables: readonly string[]): void {
  const appended = profile.tables.filter(({ name, mode }) => mode === "append" && tables.includes(name));
  if (appended.length === 0) return;
  const names = appended.map(({ name }) => name).join(", ");
  throw new InvalidInput({
    code: "full_would_double",
    message: `${names}: what comes is appended, so that everything anew would double its rows. Pull what is new, or name other tables.`,
  });
}
