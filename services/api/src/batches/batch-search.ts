import type { BatchConditions } from "@inlet/contracts";
import { type BatchFilter, type Database, resolveBatchNames, type Scope } from "@inlet/database";

/** What a caller asks for, in the database's terms. Undefined: no batch can meet it. */
export async function batchFilter(
  database: Pick<Database, "query">,
  scope: Scope,
  { client, project, status, source, run, from, to, ...same }: Partial<BatchConditions>,
): Promise<BatchFilter | undefined> {
  const asksForNames = [client, project, same.text].some((name) => name !== undefined);
  const { text } = same;
  const names = asksForNames
    ? await resolveBatchNames(database, { scope, client: client ?? null, project: project ?? null, text: text ?? null })
    : {};
  if (names === undefined) return undefined;
  return {
    ...same,
    ...names,
    scope,
    statuses: status,
    sources: source,
    runId: run,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}
