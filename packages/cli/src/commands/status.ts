import { type BatchStatus, batchStatusSchema, isEnded } from "@inlet/contracts";
import { batchTable, batchText } from "../batch-text.ts";
import { EXIT } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { interruptible } from "../interrupt.ts";
import { readProjectFilter } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { exitCodeOf } from "../statuses.ts";
import { planOf, watchBatch } from "../watch-batch.ts";

interface StatusOptions extends GlobalOptions {
  client?: string;
  project?: string;
  status?: string[];
  text?: string;
  limit?: number;
  follow?: boolean;
}

const LISTED = 20;
const ISSUES_SHOWN = 10;

/** Lists batches, or shows one. Returns the exit code: with --follow it says how the batch ended. */
export async function status(batchId: number | undefined, options: StatusOptions): Promise<number> {
  const statuses = readStatuses(options.status);
  const session = await openSession(options);
  if (batchId === undefined) {
    if (options.follow) throw usageFailure("--follow needs the number of a batch.");
    await list(session, options, statuses);
    return EXIT.ok;
  }
  return options.follow ? await followAndShow(session, batchId) : await show(session, batchId);
}

async function list({ api, out, result }: Session, options: StatusOptions, statuses: BatchStatus[] | undefined) {
  const { client, text, limit = LISTED } = options;
  const page = await api.batches({ client, ...readProjectFilter(options.project), status: statuses, text, limit });
  if (page.batches.length === 0) out.line("No batches. `inlet send FILE --project client/project` makes one.");
  else for (const line of batchTable(page.batches, out, new Date())) out.line(line);
  if (page.next !== null)
    out.line(out.paint("dim", `older ones: --limit ${Math.min(200, limit * 2)}, or narrow it down`));
  result(page);
}

async function show({ api, out, result }: Session, batchId: number): Promise<number> {
  const batch = await api.batch(batchId);
  const issues = await api.issues(batchId, { limit: ISSUES_SHOWN });
  for (const line of batchText(batch, issues, out, new Date())) out.line(line);
  result({ batch, issues });
  return EXIT.ok;
}

/** Follows a batch that is under way; then shows it. */
export async function followAndShow(session: Session, batchId: number): Promise<number> {
  const { api, out } = session;
  const first = await api.batch(batchId);
  if (!isEnded(first.status)) {
    const plan = await planOf(api, first.client, first.project);
    await interruptible(
      () => `Batch ${batchId} goes on; \`inlet status ${batchId}\` shows it.`,
      (signal) => watchBatch(api, { batchId, plan, out, signal }),
    );
    out.line();
  }
  await show(session, batchId);
  return exitCodeOf((await api.batch(batchId)).status);
}

function readStatuses(given: string[] | undefined): BatchStatus[] | undefined {
  return given
    ?.flatMap((text) => text.split(","))
    .map((text) => {
      const parsed = batchStatusSchema.safeParse(text);
      if (!parsed.success)
        throw usageFailure(`${text} is no status; there are ${batchStatusSchema.options.join(", ")}.`);
      return parsed.data;
    });
}
