import type { Catalog } from "@inlet/contracts";
import {
  type ClientColumn,
  type ClientRelation,
  dropCatalogStaging,
  liveProject,
  stageForCatalog,
  type Tx,
} from "@inlet/database";
import type { StepWork } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { type ConflictFunctions, importItems, openCatalog } from "@inlet/sync/catalogs";

/** What an import into a catalog works with. */
export interface CatalogWork {
  work: StepWork;
  catalog: Catalog;
  functions: ConflictFunctions;
  laterColumns: ReadonlySet<string>;
  /** Fills the staging table. Resolves to the number of its rows. */
  stage(into: { schema: string; name: string }, columns: readonly string[]): Promise<number>;
}

/**
 * Whether a batch goes into a catalog, and by which rules: the profile that is live now says so, because a batch that was received
 * before may still wait. Asked only where the batch's own profile, or what stands in PostgreSQL, speaks of one.
 */
export async function catalogOf(
  tx: Tx,
  { step, profile, table }: StepWork,
  existing: ClientRelation | undefined,
): Promise<Catalog | undefined> {
  const named = (of: { catalogs: readonly Catalog[] } | undefined) =>
    of?.catalogs.find((catalog) => catalog.table === table.name);
  if (named(profile) === undefined && existing?.kind !== "catalog") return undefined;
  return named((await liveProject(tx, step.projectId))?.profile);
}

/** Imports a batch into a catalog. */
export async function intoCatalog(
  tx: Tx,
  { work, catalog, functions, laterColumns, stage }: CatalogWork,
): Promise<{ counts: { staged: number; imported: number }; catalogId: number }> {
  const { step, table } = work;
  const { projectId, client, project, batchId } = step;
  const open = await openCatalog(tx, { projectId, client, project, table, catalog, laterColumns }, functions);
  failpoint("import.prepared");
  const names = table.columns.map(({ name }) => name);
  const columns = names.map((name) => open.columns.find((column) => column.name === name) as ClientColumn);
  const staging = await stageForCatalog(tx, columns);
  const staged = await stage(staging, names);
  const merged = await importItems(
    tx,
    open,
    {
      staging,
      columns: names,
      batchId,
      // Whoever forces an older file wants it to count.
      receivedAtMs: step.forcedReason === null ? step.receivedAt.getTime() : null,
      removesMissing: table.mode === "replace",
    },
    async () => {
      failpoint("import.catalog-piece");
      work.signal.throwIfAborted();
      await work.giveWay();
    },
  );
  await dropCatalogStaging(tx);
  work.logger.info({ ...merged, rows: staged }, "merged into a catalog");
  return { counts: { staged, imported: staged }, catalogId: open.catalogId };
}
