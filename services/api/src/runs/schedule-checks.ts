import { InvalidInput, type Problem, type Profile } from "@inlet/contracts";
import { nextDue, shortestPauseMs } from "@inlet/pipeline";

const MINUTE_MS = 60_000;

/** What is wrong with a schedule: what is no expression, never comes, or waits for longer than until the next run. */
export function scheduleProblems({ run, tables }: Profile, now = new Date()): Problem[] {
  if (run.group !== "schedule") return [];
  let pauseMs: number | null;
  try {
    if (nextDue(run, now) === null) {
      return [{ path: ["run", "at"], message: `${run.at} never comes: there is no such day` }];
    }
    pauseMs = shortestPauseMs(run, now);
  } catch (error) {
    if (error instanceof InvalidInput) return [{ path: ["run", "at"], message: error.message }];
    throw error;
  }
  const problems: Problem[] = [];
  if (pauseMs !== null && run.missing.waitMinutes * MINUTE_MS >= pauseMs) {
    problems.push({
      path: ["run", "missing", "waitMinutes"],
      message: `must be less than the ${pauseMs / MINUTE_MS} minutes from one run to the next: a run waits no longer than until the next one`,
    });
  }
  if (run.deadlineMinutes !== undefined && run.deadlineMinutes < run.missing.waitMinutes) {
    problems.push({
      path: ["run", "deadlineMinutes"],
      message: `must not be less than the ${run.missing.waitMinutes} minutes for which the run waits for missing files`,
    });
  }
  if (run.missing.action === "fail" && run.expect.length === 0) {
    problems.push({ path: ["run", "expect"], message: "must name the tables without which the run fails" });
  }
  if (run.window.by === "date") {
    tables.forEach(({ name, files }, index) => {
      if (files.some((pattern) => /\{(date|timestamp)\}/.test(pattern))) return;
      const message = `${name} has no {date} in its files' names, and the run takes files by their dates`;
      problems.push({ path: ["tables", index, "files"], message });
    });
  }
  return problems;
}
