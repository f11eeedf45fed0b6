import type { RunSummary } from "@inlet/contracts";
import { batchTable } from "../batch-text.ts";
import { clock } from "../figures.ts";
import { readProjectFilter } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { type Column, renderTable } from "../table.ts";

interface RunsOptions extends GlobalOptions {
  client?: string;
  project?: string;
  limit?: number;
}

const LISTED = 20;

/** Lists runs, or shows one with its batches. */
export async function runs(runId: number | undefined, options: RunsOptions): Promise<void> {
  const session = await openSession(options);
  if (runId !== undefined) return await show(session, runId);
  const { api, out, result } = session;
  const { client, limit = LISTED } = options;
  const page = await api.runs({ client, ...readProjectFilter(options.project), limit });
  const now = new Date();
  const columns: Column<RunSummary>[] = [
    { title: "RUN", text: ({ id }) => String(id), align: "right", paint: (_, cell) => out.paint("bold", cell) },
    { title: "OPENED", text: ({ openedAt }) => clock(openedAt, now) },
    { title: "PROJECT", text: ({ client: owner, project }) => `${owner}/${project}` },
    { title: "OF", text: runName },
    { title: "BATCHES", text: ({ statuses }) => statusCounts(statuses), flexible: true },
    { title: "TABLES", text: ({ tables }) => tablesText(tables), flexible: true },
    { title: "REPORT", text: reportText },
  ];
  if (page.runs.length === 0) out.line("No runs.");
  else for (const line of renderTable(page.runs, columns, out)) out.line(line);
  result(page);
}

async function show({ api, out, result }: Session, runId: number): Promise<void> {
  const run = await api.run(runId);
  out.line(`${out.paint("bold", `Run ${run.id}`)}  ${run.client}/${run.project}  ${runName(run)}  ${reportText(run)}`);
  out.line(startText(run));
  for (const { table, status, waitsFor, late } of run.tables) {
    const wait = waitsFor?.kind === "tables" ? ` for ${waitsFor.tables.join(", ")}` : "";
    out.line(`  ${(table ?? "(no table)").padEnd(24)} ${status}${wait}${late && status !== "late" ? " (late)" : ""}`);
  }
  out.line();
  for (const line of batchTable(run.batches, out, new Date())) out.line(line);
  if (run.messages.length > 0) out.line();
  for (const { recipient, state, error, response } of run.messages) {
    out.line(`  ${state.padEnd(8)} ${recipient}  ${out.paint("dim", error?.message ?? response ?? "")}`);
  }
  result(run);
}

function startText({ trigger, phase, waitsUntil, deadlineAt }: RunSummary): string {
  const now = new Date();
  const parts = [
    trigger.startedAt === null
      ? `waits for its trigger${trigger.dueAt === null ? "" : `, ${clock(trigger.dueAt, now)}`}`
      : `started ${clock(trigger.startedAt, now)} by ${STARTERS[trigger.by]}`,
    phase === "waiting" && waitsUntil !== null ? `waits for missing files until ${clock(waitsUntil, now)}` : "",
    phase !== "ended" && deadlineAt !== null ? `to end by ${clock(deadlineAt, now)}` : "",
  ];
  return parts.filter((part) => part !== "").join("; ");
}

const STARTERS = { schedule: "its schedule", person: "hand", arrival: "its first file" } as const;

/** What is not as it should be; a run of one file has its batch beside it. */
function tablesText(tables: RunSummary["tables"]): string {
  const open = tables.filter(({ expected, status }) => expected && status !== "success");
  return open.map(({ table, status }) => `${table} ${status}`).join(", ");
}

/** A run of one file has an arrival for its key, which says nothing to people. */
function runName({ key }: Pick<RunSummary, "key">): string {
  return key.startsWith("file:") ? "one file" : key;
}

function statusCounts(statuses: RunSummary["statuses"]): string {
  return Object.entries(statuses)
    .map(([status, number]) => `${number} ${status}`)
    .join(", ");
}

function reportText({ state, revision }: Pick<RunSummary, "state" | "revision">): string {
  if (state === "reported") return revision > 1 ? `sent, revision ${revision}` : "sent";
  return revision > 0 ? `open again after revision ${revision}` : "open";
}
