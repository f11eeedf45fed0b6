import type { IssuePage } from "@inlet/contracts";
import { issueTable } from "../batch-text.ts";
import { count, figure } from "../figures.ts";
import { type GlobalOptions, openSession } from "../session.ts";

interface IssuesOptions extends GlobalOptions {
  code?: string;
  column?: string;
  severity?: "error" | "warning";
  limit?: number;
}

const LISTED = 50;
const PAGE = 200;

/** Lists what the check found in a batch's file. */
export async function issues(batchId: number, options: IssuesOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { code, column, severity } = options;
  const most = options.limit === 0 ? Number.POSITIVE_INFINITY : (options.limit ?? LISTED);
  const found: IssuePage["issues"] = [];
  let page: IssuePage;
  let cursor: string | undefined;
  do {
    page = await api.issues(batchId, { code, column, severity, cursor, limit: Math.min(PAGE, most - found.length) });
    found.push(...page.issues);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < most);

  if (page.total === 0) out.line(`Batch ${batchId} has no findings.`);
  else if (found.length === 0) out.line("None of the findings that are kept is like that.");
  else for (const line of issueTable(found, out)) out.line(line);
  if (page.total > 0) {
    const totals = Object.entries(page.totals).sort(([, a], [, b]) => b - a);
    const byCode = totals.map(([each, number]) => `${figure(number)} ${each}`).join(", ");
    out.line();
    out.line(`${count(page.total, "finding")} in the whole file: ${byCode}`);
    if (page.total > page.kept) {
      out.line(out.paint("dim", `The first ${figure(page.kept)} are kept here; all: inlet download ${batchId} errors`));
    }
  }
  result({ ...page, issues: found });
}
