import { type CatalogView, catalogListSchema, projectPathSchema } from "@inlet/contracts";
import { type CatalogFigures, catalogFigures, projectCatalogs } from "@inlet/database";
import { type CatalogPlace, readingCatalog } from "@inlet/sync/catalogs";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { tableSummary } from "../tables/imported-table.ts";
import { iso } from "../views.ts";
import { catalogPlaces } from "./catalog-place.ts";

const tags = ["Catalog sync"];

/** Which catalogs there are, which anybody may read. */
export function catalogRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/clients/:client/projects/:project/catalogs",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a project's catalogs",
        description: "Those of its live profile: tables that are kept in step with other systems.",
        params: projectPathSchema,
        response: { 200: catalogListSchema, ...errors(404) },
      },
    },
    async (request) => {
      const places = await catalogPlaces(database, { ...request.params, scope: callerOf(request).scope });
      const [first] = places;
      const rows = first === undefined ? [] : await projectCatalogs(database, first.projectId);
      const figures = new Map(
        (
          await catalogFigures(
            database,
            rows.map(({ id }) => id),
          )
        ).map((each) => [each.catalogId, each]),
      );
      const catalogs: CatalogView[] = [];
      for (const place of places) {
        const row = rows.find(({ tableName }) => tableName === place.table.name);
        catalogs.push(await catalogView(place, row && figures.get(row.id)));
      }
      return { catalogs };
    },
  );

  async function catalogView(place: CatalogPlace, figures: CatalogFigures | undefined): Promise<CatalogView> {
    const { table, catalog, projectId } = place;
    const summary = await readingCatalog(
      database,
      place,
      async (tx, { view }) => (await tableSummary(tx, { projectId, table, relation: view }, undefined)).summary,
    );
    return {
      table: table.name,
      description: table.description ?? null,
      key: table.key,
      state: summary === undefined ? "pending" : "live",
      items: summary?.rows ?? null,
      lastSeq: figures?.lastSeq ?? null,
      lastChangeAt: figures?.lastChangeAt ? iso(figures.lastChangeAt) : null,
      conflicts: catalog.conflicts,
      historyDays: catalog.historyDays,
      subscribers: catalog.subscribers.map(({ name }) => name),
    };
  }
}
