import {
  type CatalogItemView,
  InvalidInput,
  itemBodySchema,
  itemPathSchema,
  preconditionHeadersSchema,
  type WrittenItemView,
  writtenItemSchema,
} from "@inlet/contracts";
import {
  type CatalogTable,
  holdCatalogItems,
  readCatalogItems,
  recordAudit,
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
  writeItems,
} from "@inlet/sync/catalogs";
import type { FastifyReply, FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { assertExpected, versionTag } from "../requests/entity-tags.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { catalogPlace, sayingWhatStands } from "./catalog-place.ts";
import { ITEMS, type ItemPath, keyIn, noItem } from "./item-path.ts";
import { itemView } from "./item-view.ts";

const tags = ["Catalog sync"];

/** To write an item is to change a client's data by hand, which needs `operate`. */
export function itemWriteRoutes(app: RouteHost, { database, publisher, env }: ApiParts): void {
  // Loaded at the start already, which stops where one of them is not as it should be.
  const modules = Promise.all([loadConflicts(env.INLET_CONFLICTS_MODULE), loadHooks(env.INLET_RULES_MODULE)]);
  modules.catch(() => {});

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
