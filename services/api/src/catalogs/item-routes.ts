import {
  catalogItemSchema,
  catalogPathSchema,
  itemHistoryQuerySchema,
  itemHistorySchema,
  itemPageSchema,
  itemPathSchema,
  itemQuerySchema,
} from "@inlet/contracts";
import { type CatalogItem, type CatalogTable, readCatalogItems, readCatalogPage, type Tx } from "@inlet/database";
import { readingCatalog } from "@inlet/sync/catalogs";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { versionTag } from "../requests/entity-tags.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { catalogPlace, notReady } from "./catalog-place.ts";
import { readHistory } from "./item-history.ts";
import { ITEMS, type ItemPath, keyIn, noItem } from "./item-path.ts";
import { changeView, itemView, lossView } from "./item-view.ts";

const tags = ["Catalog sync"];

/** What is in catalogs, which needs `files`, as the rows of any imported table do. */
export function itemRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    ITEMS,
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Read a catalog's items",
        description: "In the order of their keys, in pages: each begins after the last key of the one before.",
        params: catalogPathSchema,
        querystring: itemQuerySchema,
        response: { 200: itemPageSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { after = null, limit } = request.query;
      return await reading(request, request.params, async (tx, table) => {
        const items = await readCatalogPage(tx, table, { after, limit: limit + 1 });
        const page = items.slice(0, limit);
        const next = items.length > limit ? page.at(-1)!.key : null;
        return { items: page.map((item) => itemView(table, item)), next };
      });
    },
  );

  app.get(
    `${ITEMS}/:key`,
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Read one item of a catalog",
        description: "Its version is its entity tag.",
        params: itemPathSchema,
        response: { 200: catalogItemSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const item = await reading(request, request.params, async (tx, table) => {
        const found = await findItem(tx, table, request.params);
        if (found === undefined || found.isDeleted) throw noItem(request.params);
        return itemView(table, found);
      });
      reply.header("etag", versionTag(item.version));
      return item;
    },
  );

  app.get(
    `${ITEMS}/:key/history`,
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Read the history of an item",
        description:
          "Its changes, and what lost a conflict over it, newest first; also of an item that was removed. As far back as the " +
          "catalog's `historyDays`, and never without what it is now.",
        params: itemPathSchema,
        querystring: itemHistoryQuerySchema,
        response: { 200: itemHistorySchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query;
      const forClient = callerOf(request).scope !== null;
      return await reading(request, request.params, async (tx, table) => {
        const key = await keyIn(tx, table, request.params);
        const { catalogId } = table;
        const { entries, next } = await readHistory(tx, { catalogId, key, cursor, limit });
        if (entries.length === 0 && cursor === undefined) throw noItem(request.params);
        const events = entries.map(({ change, loss }) =>
          change ? changeView(table, change, forClient) : lossView(table, loss!, forClient),
        );
        return { events, next };
      });
    },
  );

  async function reading<T>(
    request: FastifyRequest,
    at: Omit<ItemPath, "key">,
    read: (tx: Tx, table: CatalogTable) => Promise<T>,
  ): Promise<T> {
    const place = await catalogPlace(database, { ...at, scope: callerOf(request).scope });
    const answer = await readingCatalog(database, place, read);
    if (answer === undefined) throw notReady(place);
    return answer;
  }
}

async function findItem(tx: Tx, table: CatalogTable, path: ItemPath): Promise<CatalogItem | undefined> {
  return (await readCatalogItems(tx, table, [await keyIn(tx, table, path)]))[0];
}
