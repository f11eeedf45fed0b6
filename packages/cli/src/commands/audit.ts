import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { AuditConditions } from "@inlet/client";
import type { AuditLine } from "@inlet/contracts";
import { dayOrTime } from "../day-or-time.ts";
import { clock } from "../figures.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { type Column, renderTable } from "../table.ts";

interface AuditOptions extends GlobalOptions {
  actor?: string;
  action?: string;
  path?: string;
  client?: string;
  outcome?: string;
  from?: string;
  to?: string;
  limit?: number;
  csv?: boolean;
}

const LISTED = 20;
/** What a page of the API holds at most. */
const MOST = 200;

/** Prints the newest lines of the audit that fit; or, as CSV, all of them. */
export async function audit(options: AuditOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { actor, action, path, client, outcome } = options;
  const conditions: AuditConditions = {
    ...{ actor, action, path, client, outcome },
    from: dayOrTime(options.from),
    to: dayOrTime(options.to),
  };
  if (options.csv) {
    const { body } = await api.auditFile(conditions);
    return await pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), process.stdout, {
      end: false,
    });
  }
  const page = await api.audit({ ...conditions, limit: Math.min(options.limit ?? LISTED, MOST) });
  const now = new Date();
  const columns: Column<AuditLine>[] = [
    { title: "WHEN", text: ({ at }) => clock(at, now) },
    { title: "WHO", text: (line) => line.actor },
    { title: "FROM", text: ({ address }) => address ?? "" },
    { title: "WHAT", text: (line) => line.action, paint: (_, cell) => out.paint("bold", cell) },
    {
      title: "OUTCOME",
      text: (line) => line.outcome,
      paint: (line, cell) => (line.outcome === "ok" ? cell : out.paint("yellow", cell)),
    },
    { title: "ON", text: (line) => line.path ?? "", flexible: true },
  ];
  if (page.lines.length === 0) out.line("No lines of the audit fit.");
  else for (const line of renderTable(page.lines, columns, out)) out.line(line);
  if (page.next !== null) out.line(out.paint("dim", "There are older ones: --limit, or --csv for all."));
  result(page);
}
