import type { StepKind } from "@inlet/contracts";
import { admitImport, admitSteps, type Executor, type StepRef } from "@inlet/database";

/**
 * How many steps one client may have admitted at once, of each kind: the fairness between clients. Giants have a lane of
 * their own, so that a client's one huge file does not hold up its small ones, nor many huge ones every worker.
 */
export const LIMITS = { small: 32, giant: 2 };

/** Where room may have been made. */
export interface Place {
  clientId: number;
  projectId: number;
  /** Null: that of a file that did not know its table, for which every table's imports waited. */
  tableName: string | null;
}

/**
 * Admits what may now be worked on of some kinds: imports in the table's order of arrival, other kinds by the client's
 * limits. Always after the commit that may have made room, never inside it: of two commits at once the later look then
 * sees both. What a crash in between leaves waiting, the reconciler admits.
 */
export async function admit(
  database: Executor,
  kinds: Iterable<StepKind>,
  { clientId, projectId, tableName }: Place,
): Promise<StepRef[]> {
  const wanted = new Set(kinds);
  const admitted: StepRef[] = [];
  if (wanted.delete("import")) admitted.push(...(await admitImport(database, { projectId, tableName })));
  if (wanted.size > 0)
    admitted.push(...(await admitSteps(database, { clientId, kinds: [...wanted].sort(), limits: LIMITS })));
  return admitted;
}
