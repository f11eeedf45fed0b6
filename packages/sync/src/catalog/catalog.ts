import type { Catalog, Table } from "@inlet/contracts";
import type { CatalogTable } from "@inlet/database";
import type { MergeRules } from "../merge/rules.ts";

/** Where a catalog is, by its names, and what a profile says of it. */
export interface CatalogPlace {
  projectId: number;
  client: string;
  project: string;
  table: Table;
  catalog: Catalog;
  /** Columns that newer versions of the profile have; see `laterColumns`. None for the live version. */
  laterColumns?: ReadonlySet<string>;
}

/** A catalog, held by a transaction: its table, brought to what the profile asks, and how its conflicts end. */
export interface OpenCatalog extends CatalogTable {
  place: CatalogPlace;
  rules: MergeRules;
  /** New items begin above it. */
  versionFloor: number;
}
