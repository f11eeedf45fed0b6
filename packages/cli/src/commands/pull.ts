import type { PullDetail, PullSummary } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";
import { followPulls } from "../follow.ts";
import { interruptible } from "../interrupt.ts";
import { openLiveArea } from "../live-area.ts";
import { readProjectName } from "../project-name.ts";
import {
  endLines,
  hasEnded,
  outcomeText,
  probeText,
  progressLine,
  pullTable,
  pullText,
  reasonText,
  stateLines,
} from "../pull-text.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { exitCodeOf } from "../statuses.ts";
import type { Terminal } from "../terminal.ts";

interface PullOptions extends GlobalOptions {
  table?: string[];
  full?: boolean;
  reason?: string;
  wait: boolean;
}

const LISTED = 20;

/** Pulls a project's tables now and follows them to their end. Returns the exit code that says how they ended. */
export async function pull(name: string, options: PullOptions): Promise<number> {
  const { client, project } = readProjectName(name);
  const session = await openSession(options);
  const { api, out } = session;
  const { table, full, reason } = options;
  const started = await api.startPulls(client, project, {
    ...(table === undefined ? {} : { tables: table }),
    ...(full === undefined ? {} : { full }),
    ...(reason === undefined ? {} : { reason }),
  });
  for (const each of started.underWay) {
    out.line(
      `Of table ${each.table} pull ${each.pull} is under way already; \`inlet pull show ${each.pull}\` shows it.`,
    );
  }
  const ids = started.pulls.map(({ id }) => id);
  if (!options.wait) {
    for (const { id, table: pulled } of started.pulls) {
      out.line(`Pull ${id} of table ${pulled} is started; \`inlet pull show ${id}\` shows it.`);
    }
    session.result(started);
    return EXIT.ok;
  }
  const words = () => `The pulls go on; \`inlet pulls ${name}\` shows how.`;
  const ended = await interruptible(words, (signal) => watch(session, ids, signal));
  for (const each of ended) {
    for (const line of endLines(each, out)) out.line(line);
    if (each.batch !== null && each.outcome !== "imported") out.line(`  next: inlet status ${each.batch.id}`);
  }
  session.result({ pulls: ended });
  return worstOf(ended.map(exitCodeOfPull));
}

/** What a pull's end says to scripts: as its batch does. */
function exitCodeOfPull({ outcome, batch }: PullSummary): number {
  if (outcome === "unchanged" || outcome === "probed") return EXIT.ok;
  return outcome === "imported" && batch !== null ? exitCodeOf(batch.status) : EXIT.endedBadly;
}

/** Whatever ended badly counts before what is imported in part. */
const worstOf = (codes: readonly number[]): number =>
  codes.includes(EXIT.endedBadly) ? EXIT.endedBadly : codes.includes(EXIT.partial) ? EXIT.partial : EXIT.ok;

/** Follows pulls to their end: drawn live on a terminal, in a pipe a line for each change. */
async function watch({ api, out }: Session, ids: readonly number[], signal: AbortSignal): Promise<PullDetail[]> {
  const area = openLiveArea(out);
  const tell = out.isTTY ? undefined : newLines(out);
  try {
    const ended = await followPulls(api, ids, {
      onLook: (pulls) => {
        tell?.(pulls);
        const width = Math.max(...pulls.map(({ table }) => table.length));
        area.draw(pulls.map((each) => progressLine(each, width, out)));
      },
      signal,
    });
    area.clear();
    return ended;
  } finally {
    area.close();
  }
}

/** Writes each thing that becomes of a pull once. */
function newLines(out: Terminal): (pulls: readonly PullDetail[]) => void {
  const written = new Map<number, string>();
  return (pulls) => {
    for (const each of pulls) {
      const line = `Pull ${each.id}  ${each.table}  ${outcomeText(each)}`;
      const why = hasEnded(each) || each.error === null ? "" : `: ${reasonText(each)}`;
      if (hasEnded(each) || written.get(each.id) === line + why) continue;
      written.set(each.id, line + why);
      out.line(line + why);
    }
  };
}

/** Lists a project's pulls, below how its tables stand. */
export async function listPulls(
  name: string,
  options: GlobalOptions & { table?: string; limit?: number },
): Promise<void> {
  const { client, project } = readProjectName(name);
  const { api, out, result } = await openSession(options);
  const { table, limit = LISTED } = options;
  const state = await api.pullState(client, project);
  const page = await api.pulls(client, project, { table, limit });
  const now = new Date();
  for (const line of stateLines(state, out, now)) out.line(line);
  out.line();
  if (page.pulls.length === 0) out.line(`Nothing was pulled yet. Pull now: ${out.paint("cyan", `inlet pull ${name}`)}`);
  else for (const line of pullTable(page.pulls, out, now)) out.line(line);
  result({ state, ...page });
}

/** Shows one pull. */
export async function showPull(id: number, options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const shown = await api.pull(id);
  for (const line of pullText(shown, out, new Date())) out.line(line);
  if (shown.probe !== null) for (const line of ["", ...probeText(shown, out)]) out.line(line);
  result({ pull: shown });
}

/** Cancels a pull that has not ended. */
export async function cancelPull(id: number, options: GlobalOptions & { reason?: string }): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { reason } = options;
  const cancelled = await api.cancelPull(id, reason === undefined ? {} : { reason });
  out.line(`Pull ${id} of table ${cancelled.table} is cancelled; nothing of it is imported.`);
  result({ pull: cancelled });
}

/** Looks at what a system has, and imports nothing. */
export async function probePull(name: string, options: GlobalOptions & { table?: string }): Promise<number> {
  const session = await openSession(options);
  const probed = await probeOf(session, name, options.table);
  for (const line of probeText(probed, session.out)) session.out.line(line);
  session.result({ pull: probed });
  return EXIT.ok;
}

/** Probes, and waits for what comes of it. @throws CliFailure when it was stopped or cancelled */
export async function probeOf({ api }: Session, name: string, table: string | undefined): Promise<PullDetail> {
  const { client, project } = readProjectName(name);
  const asked = await api.probe(client, project, table === undefined ? {} : { table });
  const words = () => `The probe goes on; \`inlet pull show ${asked.id}\` shows what it finds.`;
  const [probed] = await interruptible(words, (signal) => followPulls(api, [asked.id], { onLook: () => {}, signal }));
  if (probed!.outcome === "probed") return probed!;
  const { code = "stopped", message = "It was stopped." } = probed!.error ?? {};
  throw new CliFailure(EXIT.endedBadly, code, message);
}
