import type { Blobs } from "@inlet/blobs";
import { InvariantBroken, Misconfigured } from "@inlet/contracts";
import {
  addClientColumns,
  beginImport,
  beginRehearsedImport,
  type ClientRelation,
  type ClientTable,
  clientTable,
  columnsOf,
  createClientTable,
  createRehearsalTable,
  createStaging,
  describeClientTable,
  dropCatalogBase,
  dropOldGenerations,
  dropStaging,
  ensureClientKey,
  ensureClientSchema,
  findOvertaking,
  flipView,
  generationOf,
  indexGenerationKey,
  laterColumns,
  mergeStaging,
  SQLSTATE,
  sqlstateOf,
  type Tx,
} from "@inlet/database";
import { advance, type Decision, type Stage, type StepWork } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { type ConflictFunctions, leaveCatalog, leaveForReplacement } from "@inlet/sync/catalogs";
import { catalogOf, intoCatalog } from "./catalog-import.ts";
import { loadCanonical } from "./load.ts";
import { planTable } from "./table-plan.ts";

/** Readers of a `replace` table wait no longer than this for its flip; then the import gives way and tries again. */
const FLIP_LOCK_TIMEOUT_MS = 3_000;
/** An old generation that somebody still reads is left for the next import. */
const DROP_LOCK_TIMEOUT_MS = 200;

interface Deps {
  blobs: Blobs;
  /** PostgreSQL ends an import that takes longer; 0: never. */
  timeoutMs: number;
  /** The platform team's conflict functions, for catalogs. */
  conflicts?: ConflictFunctions;
  /** Told after the commit that a catalog may have changed. */
  catalogsWritten?: (catalogIds: readonly number[]) => void;
}

/** What one import works with. */
interface Import {
  blobs: Blobs;
  work: StepWork;
  target: ClientTable;
  columns: readonly string[];
  /** What stands under the table's name, as far as it was looked at. */
  existing: ClientRelation | undefined;
}

type Preparing = Pick<Deps, "blobs" | "timeoutMs"> & {
  conflicts: ConflictFunctions;
  work: StepWork;
  isPrepared: boolean;
};

/**
 * The stage `import`: the canonical file into the client's own table, all of it or nothing, in the transaction that ends
 * the step. What differs between what was checked and what landed rolls everything back and says which. A rehearsed file is
 * imported into a table that ends with the transaction.
 */
export function importBatch({ blobs, timeoutMs, conflicts = {}, catalogsWritten = () => {} }: Deps): Stage {
  const upToDate = new Set<string>();
  return async (work) => {
    const { step, profile, table } = work;
    if (step.rehearsal) {
      return { transact: (tx) => inTime(timeoutMs, () => rehearseImport(tx, { blobs, timeoutMs, work })) };
    }
    // Columns are only ever added, so a profile's version that was once committed stays applied.
    const version = `${step.projectId}:${step.profileVersion}:${table.name}`;
    let catalogId: number | undefined;
    return {
      async transact(tx) {
        const isPrepared = upToDate.has(version);
        try {
          return await inTime(timeoutMs, async () => {
            const done = await importRows(tx, { blobs, timeoutMs, conflicts, work, isPrepared });
            catalogId = done.catalogId;
            return done.decision;
          });
        } catch (error) {
          // A person may have dropped it; or another process has made it a catalog.
          upToDate.delete(version);
          throw error;
        }
      },
      committed() {
        if (catalogId === undefined) upToDate.add(version);
        else catalogsWritten([catalogId]);
      },
      // From the flip to the commit no reader gets at the view: not while other files are loaded, too. And a catalog's items
      // are held in the order of their keys, once in a transaction.
      isAlone: table.mode === "replace" || profile.catalogs.some((catalog) => catalog.table === table.name),
    };
  };
}

/** An import that took too long takes too long the next time: somebody has to look at it. */
async function inTime<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (sqlstateOf(cause) !== SQLSTATE.transactionTimeout) throw cause;
    throw new Misconfigured({
      code: "import_too_slow",
      message: `The import took longer than ${timeoutMs / 1000} s, and PostgreSQL ended it. Nothing was imported. See whether something holds the client's table, or give imports more time (IMPORT_TIMEOUT_MS); then retry.`,
      cause,
    });
  }
}

async function importRows(
  tx: Tx,
  { blobs, timeoutMs, conflicts, work, isPrepared }: Preparing,
): Promise<{ decision: Decision; catalogId?: number }> {
  const { step, profile, table } = work;
  const target = clientTable(step.client, step.project, table.name);
  await beginImport(tx, target, { batchId: step.batchId, timeoutMs });
  const overtaken = await overtakenBy(tx, work);
  if (overtaken) return { decision: overtaken };

  const isNamed = profile.catalogs.some((catalog) => catalog.table === table.name);
  let existing: ClientRelation | undefined;
  if (table.mode === "replace" || isNamed || !isPrepared) {
    existing = await describeClientTable(tx, target);
    const catalog = await catalogOf(tx, work, existing);
    if (catalog !== undefined) {
      const stage = (into: ClientTable, columns: readonly string[]) =>
        copyInto(tx, { blobs, work, target, columns, existing }, into);
      const laterColumns = await columnsSince(tx, work);
      const { counts, catalogId } = await intoCatalog(tx, { work, catalog, functions: conflicts, laterColumns, stage });
      failpoint("import.loaded");
      assertCounts(work, counts);
      return { decision: advance({ counts, imported: true }), catalogId };
    }
    if (existing?.kind === "catalog" && table.mode !== "replace") {
      await leaveCatalog(tx, { projectId: step.projectId, tableName: table.name, view: target });
      existing = await describeClientTable(tx, target);
    }
  }
  if (table.mode !== "replace" && !isPrepared) {
    await prepareTable(tx, target, work, existing);
    failpoint("import.prepared");
  }
  const columns = table.columns.map(({ name }) => name);
  const counts = await load(tx, { blobs, work, target, columns, existing });
  failpoint("import.loaded");
  assertCounts(work, counts);
  return { decision: advance({ counts, imported: true }) };
}

/**
 * The import of a rehearsed file, into a table of the same shape that nobody else sees. What PostgreSQL would refuse it
 * refuses, what would land is counted, and nothing is made or changed that is there afterwards: not even the client's schema.
 */
async function rehearseImport(
  tx: Tx,
  { blobs, timeoutMs, work }: Pick<Deps, "blobs" | "timeoutMs"> & { work: StepWork },
): Promise<Decision> {
  const { step, table } = work;
  await beginRehearsedImport(tx, { batchId: step.batchId, timeoutMs });
  const real = clientTable(step.client, step.project, table.name);
  const existing = await describeClientTable(tx, real);
  const plan = planTable(table, existing, await columnsSince(tx, work));
  // The view of a `replace` table, or of a catalog, refuses nothing: its rows are elsewhere.
  const like = existing?.kind === "table" ? real : undefined;
  const added = like ? plan.missing : [...columnsOf(table), ...plan.unknown];
  const target = await createRehearsalTable(tx, { like, columns: added });
  const rows: Import = { blobs, work, target, existing, columns: table.columns.map(({ name }) => name) };
  if (table.mode === "upsert" && (like === undefined || existing?.key === undefined))
    await indexGenerationKey(tx, target, table.key);
  const counts = await (table.mode === "upsert" ? upsertRows : appendRows)(tx, rows);
  if (table.mode === "replace" && table.key.length > 0) await indexGenerationKey(tx, target, table.key);
  await dropStaging(tx, target);
  assertCounts(work, counts);
  return advance({ counts, imported: true });
}

/**
 * A batch that a newer one of its table has overtaken would put old data over new. Appended rows harm nothing, but pulled ones:
 * the newer pull asked for them once more.
 */
async function overtakenBy(tx: Tx, { step, table, logger }: StepWork): Promise<Decision | undefined> {
  if (table.mode === "append" && step.source !== "pull") return undefined;
  const newer = await findOvertaking(tx, { projectId: step.projectId, tableName: table.name, batchId: step.batchId });
  if (newer === undefined) return undefined;
  if (step.forcedReason !== null) {
    logger.warn({ newerBatchId: newer.id, reason: step.forcedReason }, "importing an overtaken batch, as was forced");
    return undefined;
  }
  return {
    verdict: "end",
    status: "superseded",
    reason: {
      code: "superseded",
      message: `${newer.fileName} (batch ${newer.id}) arrived later and is imported already, so the older ${step.fileName} was not: it would have put old rows over new ones. An operator can force it, with a reason.`,
    },
  };
}

async function load(tx: Tx, work: Import): Promise<{ staged: number; imported: number }> {
  switch (work.work.table.mode) {
    case "append":
      return await appendRows(tx, work);
    case "upsert":
      return await upsertRows(tx, work);
    case "replace":
      return await replaceRows(tx, work);
  }
}

async function appendRows(tx: Tx, work: Import) {
  const rows = await copyInto(tx, work, work.target);
  return { staged: rows, imported: rows };
}

async function upsertRows(tx: Tx, work: Import) {
  const { target, columns } = work;
  const staging = await createStaging(tx, target);
  const staged = await copyInto(tx, work, staging);
  const imported = await mergeStaging(tx, { staging, target, columns, key: work.work.table.key });
  // The next batch in this transaction makes its own.
  await dropStaging(tx, staging);
  return { staged, imported };
}

/** A new generation beside the old one, filled and indexed; then the view moves over to it. */
async function replaceRows(tx: Tx, work: Import) {
  const { step, table, logger } = work.work;
  const { target: view, existing } = work;
  await ensureClientSchema(tx, view);
  const plan = planTable(table, existing, await columnsSince(tx, work.work));
  const generation = generationOf(view, step.batchId);
  await createClientTable(tx, generation, [...columnsOf(table), ...plan.unknown]);
  const rows = await copyInto(tx, work, generation, { isNew: true });
  if (table.key.length > 0) await indexGenerationKey(tx, generation, table.key);
  // A view's columns keep their order; new ones come last.
  const kept = existing?.columns.map(({ name }) => name) ?? [];
  const added = plan.missing.map(({ name }) => name);
  failpoint("import.before-flip");
  const left =
    existing?.kind === "catalog"
      ? await leaveForReplacement(tx, { projectId: step.projectId, tableName: table.name, view })
      : undefined;
  await flipView(tx, { view, generation, columns: [...kept, ...added], lockTimeoutMs: FLIP_LOCK_TIMEOUT_MS });
  if (left !== undefined) await dropCatalogBase(tx, left.base);
  const stillRead = await dropOldGenerations(tx, { view, current: generation, lockTimeoutMs: DROP_LOCK_TIMEOUT_MS });
  if (stillRead.length > 0)
    logger.info({ left: stillRead }, "older generations are still being read; the next import drops them");
  return { staged: rows, imported: rows };
}

function copyInto(
  tx: Tx,
  { blobs, columns, work }: Import,
  into: ClientTable,
  { isNew = false }: { isNew?: boolean } = {},
): Promise<number> {
  const canonical = work.step.artifacts.canonical;
  if (canonical === undefined) {
    throw new InvariantBroken({
      code: "artifact_missing",
      message: `Batch ${work.step.batchId} has no checked file to import.`,
    });
  }
  const { signal, giveWay } = work;
  return loadCanonical(tx, { blobs, canonical, into, columns, isNew, signal, giveWay });
}

/** Makes or extends the client's table, as far as the profile asks and existing rows allow. */
async function prepareTable(
  tx: Tx,
  target: ClientTable,
  work: StepWork,
  existing: ClientRelation | undefined,
): Promise<void> {
  const { table } = work;
  await ensureClientSchema(tx, target);
  const plan = planTable(table, existing, await columnsSince(tx, work));
  if (plan.action === "create") await createClientTable(tx, target, plan.missing);
  if (plan.action === "add") await addClientColumns(tx, target, plan.missing);
  if (table.mode !== "upsert") return;
  try {
    await ensureClientKey(tx, target, table.key);
  } catch (cause) {
    if (sqlstateOf(cause) !== SQLSTATE.uniqueViolation) throw cause;
    throw new Misconfigured({
      code: "key_not_unique",
      message: `Table ${table.name} already holds rows that share a key (${table.key.join(", ")}), so upserts cannot tell them apart. Remove the double rows in PostgreSQL, then retry. Nothing was imported.`,
      cause,
    });
  }
}

/** A batch that is retried may be older than columns that its table has got since. */
function columnsSince(tx: Tx, { step, table }: StepWork): Promise<ReadonlySet<string>> {
  return laterColumns(tx, { projectId: step.projectId, version: step.profileVersion, table: table.name });
}

/** Promise: what the check found valid is what was staged is what was imported, or nothing lands. */
function assertCounts({ step }: StepWork, { staged, imported }: { staged: number; imported: number }): void {
  if (step.valid === staged && staged === imported) return;
  const differs =
    step.valid === staged
      ? `${staged} rows were staged but ${imported} imported`
      : `${step.valid} rows were valid but ${staged} staged`;
  throw new InvariantBroken({
    code: "counts_differ",
    message: `The counts do not agree: ${differs}. Everything of this import was rolled back.`,
    context: { valid: step.valid, staged, imported },
  });
}
