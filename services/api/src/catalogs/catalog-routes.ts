import {
  type CatalogItemView,
  type CatalogView,
  catalogItemSchema,
  catalogListSchema,
  catalogPathSchema,
  InvalidInput,
  itemBodySchema,
  itemHistoryQuerySchema,
  itemHistorySchema,
  itemPageSchema,
  itemPathSchema,
  itemQuerySchema,
  preconditionHeadersSchema,
  projectPathSchema,
  type WrittenItemView,
  writtenItemSchema,
} from "@inlet/contracts";
import {
  type CatalogFigures,
  type CatalogItem,
  type CatalogTable,
  catalogFigures,
  holdCatalogItems,
  normaliseCatalogValues,
  projectCatalogs,
  readCatalogItems,
  readCatalogPage,
  recordAudit,
  sqlstateOf,
  type Tx,
  transaction,
} from "@inlet/database";
import { loadHooks, openReferences } from "@inlet/structural-check";
import {
  type CatalogPlace,
  checkItems,
  type IncomingRow,
  inwardColumns,
  keyOf,
  loadConflicts,
  type OpenCatalog,
  openCatalog,
  readingCatalog,
  writeItems,
} from "@inlet/sync/catalogs";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { assertExpected, versionTag } from "../requests/entity-tags.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { tableSummary } from "../tables/imported-table.ts";
import { iso } from "../views.ts";
import { catalogPlace, catalogPlaces, notReady, sayingWhatStands } from "./catalog-place.ts";
import { readHistory } from "./item-history.ts";
import { changeView, itemView, lossView } from "./item-view.ts";

const tags = ["Catalog sync"];
const ITEMS = "/v1/clients/:client/projects/:project/catalogs/:table/items";

interface ItemPath {
  client: string;
  project: string;
  table: string;
  key: string;
}

/**
 * Catalogs and their items. That they are there anybody may read; what is in them needs `files`, as the rows of any imported
 * table do; and to write is to change a client's data by hand, which needs `operate`.
 */
export function catalogRoutes(app: RouteHost, { database, publisher, env }: ApiParts): void {
  // Loaded at the start already, which stops where one of them is not as it should be.
  const modules = Promise.all([loadConflicts(env.INLET_CONFLICTS_MODULE), loadHooks(env.INLET_RULES_MODULE)]);
  modules.catch(() => {});

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

  app.put(
    `${ITEMS}/:key`,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Write an item of a catalog",
        description:
          "Checked as a row of a file is. The item is replaced: columns that are not named are emptied. What is the same already " +
          "changes nothing and tells nobody. With `If-Match` only that version is replaced, with `If-None-Match: *` only an " +
          "item that is not there is made. Values of columns that the profile gives to another side are not taken.",
        params: itemPathSchema,
        body: itemBodySchema,
        headers: preconditionHeadersSchema,
        response: { 200: writtenItemSchema, ...errors(404, 409, 412) },
      },
    },
    async (request, reply) => {
      const { key } = request.params;
      const place = await writablePlace(request);
      const values = await checked(place, { key, values: request.body.values });
      return await write(request, reply, { place, row: { operation: "put", key, values }, action: "item.put" });
    },
  );

  app.delete(
    `${ITEMS}/:key`,
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Remove an item from a catalog",
        description:
          "Other systems are told. A file or another system that names it later brings it back. With `If-Match` only that " +
          "version is removed.",
        params: itemPathSchema,
        headers: preconditionHeadersSchema,
        response: { 200: writtenItemSchema, ...errors(404, 409, 412) },
      },
    },
    async (request, reply) => {
      const place = await writablePlace(request);
      const row: IncomingRow = { operation: "remove", key: request.params.key };
      return await write(request, reply, { place, row, action: "item.remove" });
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

  async function writablePlace(request: FastifyRequest<{ Params: ItemPath }>) {
    const place = await catalogPlace(database, { ...request.params, scope: callerOf(request).scope });
    if (!place.rehearses) return place;
    throw new Refusal(
      409,
      "catalog_rehearses",
      `${place.client}/${place.project} rehearses, so that nothing of it reaches a catalog. Make it live first.`,
    );
  }

  /** An item's values as the check leaves them. @throws Refusal with every finding */
  async function checked(
    place: CatalogPlace,
    { key, values }: { key: string; values: Readonly<Record<string, string | number | boolean | null>> },
  ): Promise<Record<string, string | null>> {
    const { client, project, table } = place;
    const [, hooks] = await modules;
    const named = keyNamed(table, key);
    const differing = table.key.filter((name) => Object.hasOwn(values, name) && String(values[name]) !== named[name]);
    const references = openReferences(database, { client, project, rehearsal: false });
    // As they are read: what the client's files write otherwise is no concern of whoever calls.
    const asRead = { ...table, columns: inwardColumns(table.columns) };
    const [item] = await checkItems(asRead, [{ ...values, ...named }], { references, hooks });
    const problems = item!.findings
      .filter(({ severity }) => severity === "error")
      .map(({ column, message }) => ({ path: ["values", ...(column === null ? [] : [column])], message }));
    for (const name of differing)
      problems.push({
        path: ["values", name],
        message: `is not what the address says; leave it out, or use that of the item`,
      });
    if (problems.length > 0 || item!.values === null) {
      const count = problems.length === 1 ? "one mistake" : `${problems.length} mistakes`;
      throw new Refusal(400, "item_invalid", `The item has ${count}; see errors.`, problems.slice(0, MOST_PROBLEMS));
    }
    return { ...item!.values };
  }

  /** Writes one item, if it is as the caller expects, and tells what became of it. */
  async function write(
    request: FastifyRequest<{ Params: ItemPath }>,
    reply: FastifyReply,
    { place, row, action }: { place: CatalogPlace; row: IncomingRow; action: string },
  ): Promise<WrittenItemView> {
    const [functions] = await modules;
    const { catalogId, answer } = await sayingWhatStands(() =>
      transaction(database, async (tx) => {
        const catalog = await openCatalog(tx, place, functions);
        const key = await keyIn(tx, catalog, request.params);
        await assertCurrent(tx, catalog, { key, request, isRemoval: row.operation === "remove" });
        const saying = { origin: "api", cause: callerOf(request).name };
        const [written] = await writeItems(tx, catalog, [row], saying).catch(refuseMistakes);
        const { client, project, table } = request.params;
        const detail = { client, project, table, key, version: written!.version };
        if (written!.change !== null) await recordAudit(tx, auditOf(request, action, { detail }));
        const [now] = written!.isLive ? await readCatalogItems(tx, catalog, [key]) : [];
        const item: CatalogItemView | null = now === undefined ? null : itemView(catalog, now);
        return {
          catalogId: catalog.catalogId,
          answer: { item, changed: written!.change !== null, lost: written!.losses },
        };
      }),
    );
    if (answer.changed) publisher.catalogsWritten([catalogId]);
    if (answer.item !== null) reply.header("etag", versionTag(answer.item.version));
    return answer;
  }

  async function assertCurrent(
    tx: Tx,
    catalog: OpenCatalog,
    { key, request, isRemoval }: { key: string; request: FastifyRequest<{ Params: ItemPath }>; isRemoval: boolean },
  ): Promise<void> {
    await holdCatalogItems(tx, catalog, { keys: [key], versionFloor: catalog.versionFloor });
    const [item] = await readCatalogItems(tx, catalog, [key]);
    const isThere = item !== undefined && !item.isDeleted;
    if (isRemoval && !isThere) throw noItem(request.params);
    const advice = isThere
      ? `The item is at version ${item.version} now: somebody changed it after you read it. Read it again, bring your changes in, and write that.`
      : "There is no such item now. Leave If-Match out to make it.";
    assertExpected(request, isThere ? versionTag(item.version) : undefined, advice);
  }
}

const MOST_PROBLEMS = 100;

/** The item's key as the catalog has it. @throws Refusal 404 where it can be none */
async function keyIn(tx: Tx, table: CatalogTable, path: ItemPath): Promise<string> {
  try {
    const [normal] = await normaliseCatalogValues(tx, table, [keyOf(table, path.key)]);
    return normal!.key ?? path.key;
  } catch (error) {
    if (error instanceof InvalidInput || /^22/.test(sqlstateOf(error) ?? "")) throw noItem(path);
    throw error;
  }
}

async function findItem(tx: Tx, table: CatalogTable, path: ItemPath): Promise<CatalogItem | undefined> {
  return (await readCatalogItems(tx, table, [await keyIn(tx, table, path)]))[0];
}

/** The key's columns, as an address names them. @throws Refusal 400 */
function keyNamed(table: Pick<CatalogTable, "key">, key: string) {
  try {
    return keyOf(table, key);
  } catch (error) {
    return refuseMistakes(error);
  }
}

/** What is wrong with the item itself is the caller's to mend. */
function refuseMistakes(error: unknown): never {
  if (error instanceof InvalidInput) throw new Refusal(400, "item_invalid", error.message);
  throw error;
}

const noItem = ({ client, project, table, key }: ItemPath) =>
  notFound(
    "item_not_found",
    `Catalog ${table} of ${client}/${project} has no item ${key.slice(0, 200)}. GET /v1/clients/${client}/projects/${project}/catalogs/${table}/items lists them.`,
  );
