import { Misconfigured } from "@inlet/contracts";
import {
  type Database,
  type Executor,
  findProject,
  liveProject,
  type Scope,
  SQLSTATE,
  sqlstateOf,
} from "@inlet/database";
import type { CatalogPlace } from "@inlet/sync/catalogs";
import { noProject } from "../projects/project-routes.ts";
import { notFound, Refusal } from "../requests/errors.ts";

/** Which catalog an address names. */
interface CatalogPath {
  client: string;
  project: string;
  table: string;
}

/** A project's catalogs by its live profile, if the caller may see it. @throws Refusal `project_not_found` */
export async function catalogPlaces(
  executor: Executor | Database,
  { client, project, scope }: Omit<CatalogPath, "table"> & { scope: Scope },
): Promise<(CatalogPlace & { rehearses: boolean })[]> {
  const found = await findProject(executor as Database, { client, project, scope });
  const live = found && (await liveProject(executor, found.projectId));
  if (live === undefined) throw noProject(client, project);
  const { projectId, profile, state } = live;
  return profile.catalogs.map((catalog) => {
    const table = profile.tables.find(({ name }) => name === catalog.table)!;
    return { projectId, client, project, table, catalog, rehearses: state === "rehearsal" };
  });
}

/** One of them. @throws Refusal `project_not_found`, `catalog_not_found` */
export async function catalogPlace(
  executor: Executor | Database,
  { table: name, ...at }: CatalogPath & { scope: Scope },
): Promise<CatalogPlace & { rehearses: boolean }> {
  const place = (await catalogPlaces(executor, at)).find(({ table }) => table.name === name);
  if (place !== undefined) return place;
  throw notFound(
    "catalog_not_found",
    `The profile of ${at.client}/${at.project} makes no catalog of a table ${name}. GET /v1/clients/${at.client}/projects/${at.project}/catalogs lists them.`,
  );
}

/** The catalog's table is not there yet. */
export const notReady = ({ table }: CatalogPlace) =>
  new Refusal(
    409,
    "catalog_not_ready",
    `The table of catalog ${table.name} is not made yet: its next file, a write, or the syncer makes it. Try again in a few seconds.`,
  );

/** What a person has to change before a catalog can be written to is said to him. */
export async function sayingWhatStands<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Misconfigured) throw new Refusal(409, "catalog_unfit", error.message);
    if (sqlstateOf(error) === SQLSTATE.lockNotAvailable)
      throw new Refusal(
        409,
        "catalog_not_ready",
        "Somebody reads the table while it is changed. Try again in a moment.",
      );
    throw error;
  }
}
