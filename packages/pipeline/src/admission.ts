import type { StepKind } from "@inlet/contracts";
import { type AdmissionLimits, admitImport, admitSteps, lockImportOrder, type StepRef, type Tx } from "@inlet/database";

/**
 * How many steps one client may have admitted at once, per kind: the fairness between clients. Giants have a lane of their
 * own, so that a client's one huge file does not hold up its small ones, nor many huge ones every worker.
 */
const LIMITS: Readonly<Record<Exclude<StepKind, "import">, AdmissionLimits>> = {
  validate: { small: 32, giant: 2 },
  personalise: { small: 32, giant: 2 },
  deliver: { small: 32, giant: 2 },
};

interface Place {
  clientId: number;
  projectId: number;
  tableName: string | null;
}

/**
 * Admits what may now be worked on of one kind: other kinds by the client's limits, imports in the table's order of
 * arrival. The last thing in a transaction but the fenced update, because it may wait for another table's turn.
 */
export async function admit(tx: Tx, kind: StepKind, { clientId, projectId, tableName }: Place): Promise<StepRef[]> {
  if (kind !== "import") return await admitSteps(tx, { clientId, kind, limits: LIMITS[kind] });
  if (tableName === null) return [];
  await lockImportOrder(tx, { projectId, tableName });
  return await admitImport(tx, { projectId, tableName });
}
