import { type ConnectedSystem, openItemReader } from "@inlet/connectors";
import type { ProbeResult } from "@inlet/contracts";
import type { PullPlan } from "./pull-plan.ts";

const MOST_ROWS = 20;
const MOST_FIELDS = 500;
const MOST_CELLS_LENGTH = 200;

/**
 * Looks at what a table is pulled from: access, count, what an item looks like, and the first items as rows of the table. One
 * small page is asked for.
 */
export async function probePull(
  system: ConnectedSystem,
  { plan, signal }: { plan: PullPlan; signal: AbortSignal },
): Promise<ProbeResult> {
  const pull = { ...plan.pull, pageSize: Math.min(MOST_ROWS, plan.pull.pageSize) };
  const { paths, key } = plan;
  await system.checkAccess([pull], signal);
  const count = await system.count({ pull, since: null, paths, key, signal });
  const shape = await system.shape(pull, signal);
  const reader = openItemReader(plan.fields);
  const cells: (string | null)[][] = [];
  const request = { pull, since: null, from: null, paths, key, signal };
  for await (const { content } of system.pages(request, (body, places) => reader.read(body, places))) {
    let from = 0;
    for (const end of content.rowEnds.subarray(0, MOST_ROWS)) {
      cells.push(cellsOf(content.rows.subarray(from, end).toString("utf8")).map(shown));
      from = end;
    }
    break;
  }
  return {
    count,
    shape: shape
      .slice(0, MOST_FIELDS)
      .map((field) => ({ ...field, samples: field.samples.map((text) => shown(text) ?? "") })),
    rows: { columns: [...plan.labels], cells },
  };
}

/** The cells of one line as the item reader writes it. */
function cellsOf(line: string): string[] {
  const cell = /(?:"((?:[^"]|"")*)"|([^,\n]*))(,|\r?\n|$)/gy;
  const cells: string[] = [];
  for (;;) {
    const [, quoted, plain = "", divider] = cell.exec(line) ?? [];
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (divider !== ",") return cells;
  }
}

/** As much of a cell as a person needs to see; null: it is absent, or empty, which is the same to every check. */
function shown(text: string): string | null {
  if (text === "") return null;
  const clean = text.replaceAll("\0", "\u2400").toWellFormed();
  return clean.length > MOST_CELLS_LENGTH ? `${clean.slice(0, MOST_CELLS_LENGTH - 1)}…` : clean;
}
