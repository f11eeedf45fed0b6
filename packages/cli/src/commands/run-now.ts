import { clock } from "../figures.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";

/** Starts a run of a project with the files that wait for its next trigger. */
export async function runNow(name: string, options: GlobalOptions & { reason?: string }): Promise<void> {
  const { client, project } = readProjectName(name);
  const { api, out, result } = await openSession(options);
  const run = await api.startRun(client, project, options.reason === undefined ? {} : { reason: options.reason });
  const tables = run.tables.map(({ table }) => table ?? "(no table)").join(", ");
  out.line(`Run ${run.id} of ${name} has started: ${tables}.`);
  out.line(`\`inlet runs ${run.id}\` shows how it goes.`);
  result(run);
}

/** Shows when a project is due, what became of its last runs, and which files wait. */
export async function showSchedule(name: string, options: GlobalOptions): Promise<void> {
  const { client, project } = readProjectName(name);
  const { api, out, result } = await openSession(options);
  const schedule = await api.schedule(client, project);
  const { at, timezone, paused, behind, next, triggers, held } = schedule;
  if (at === null) out.line(`${name} has no schedule: its files are worked on as they come.`);
  else out.line(`${out.paint("bold", name)}  ${at}, ${timezone}`);
  if (paused !== null) out.line("It rehearses: no run is due until it is live.");
  if (behind) out.line(out.paint("bold", "A run is overdue to start: is the watcher running?"));
  for (const due of next) out.line(`  next     ${due.local}`);
  for (const { local, outcome, by, run, reason } of triggers) {
    const became =
      run === null ? `${outcome}${reason ? `: ${reason}` : ""}` : `run ${run.id}, ${run.status ?? "nothing came"}`;
    out.line(`  ${(by === "person" ? "by hand" : "passed").padEnd(8)} ${local}  ${became}`);
  }
  const now = new Date();
  for (const { batchId, fileName, receivedAt } of held) {
    out.line(`  waits    ${fileName} (batch ${batchId}, since ${clock(receivedAt, now)})`);
  }
  result(schedule);
}
