import type { CatalogList, ItemHistory, ItemPage, WrittenItemView } from "@inlet/contracts";
import { profileSchema } from "@inlet/contracts";
import { applyProfile, openDatabase, transaction } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProfile, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let headers: { authorization: string };
const AT = "/v1/clients/spring/projects/shop";

const profileOf = (project: string, more: object = {}) =>
  profileSchema.parse(
    buildProfile({
      client: "spring",
      project,
      tables: [
        {
          name: "items",
          mode: "upsert",
          key: ["sku"],
          columns: [
            { name: "sku", maxLength: 40 },
            { name: "name", required: true },
            { name: "price", type: "decimal", precision: 10, scale: 2, min: 0, decimalSeparator: "," },
            { name: "stock", type: "integer" },
            { name: "active", type: "boolean", trueValues: ["ja"], falseValues: ["nein"] },
            { name: "seen", type: "timestamp" },
          ],
        },
      ],
      catalogs: [{ table: "items", conflicts: { fields: { stock: { rule: "source", origin: "erp" } } }, ...more }],
    }),
  );
const apply = (project: string, firstState: "live" | "rehearsal" = "live") =>
  transaction(hub.database, (tx) => applyProfile(tx, { profile: profileOf(project), appliedBy: "test", firstState }));

beforeAll(async () => {
  hub = await openTestHub();
  await apply("shop");
  await apply("trial", "rehearsal");
  headers = await hub.as("operator");
});
afterAll(() => hub?.close());

async function ask<T = Record<string, unknown>>(
  method: "GET" | "PUT" | "DELETE",
  url: string,
  body?: object,
  more = {},
) {
  const response = await hub.app.inject({
    method,
    url: url.startsWith("/v1") ? url : `${AT}${url}`,
    headers: { ...headers, ...more },
    ...(body ? { payload: body } : {}),
  });
  return { status: response.statusCode, body: response.json() as T & { code?: string }, etag: response.headers.etag };
}
const put = (key: string, values: object, more = {}) =>
  ask<WrittenItemView>("PUT", `/catalogs/items/items/${encodeURIComponent(key)}`, { values }, more);

test("an item is written, read, listed and removed, and its history says so", async () => {
  expect((await ask<CatalogList>("GET", "/catalogs")).body.catalogs).toMatchObject([
    { table: "items", state: "pending" },
  ]);
  expect(await ask("GET", "/catalogs/items/items")).toMatchObject({ status: 409, body: { code: "catalog_not_ready" } });
  const values = { name: "Chair", price: "49.9", active: true, seen: "2026-11-20T10:00:00+01:00" };
  const first = await put("A/1 ä", values);
  const item = {
    key: "A/1 ä",
    version: 1,
    origin: "api",
    changedAt: expect.any(String),
    values: { sku: "A/1 ä", name: "Chair", price: "49.90", stock: null, active: true, seen: "2026-11-20T09:00:00Z" },
  };
  expect(first).toEqual({ status: 200, body: { item, changed: true, lost: 0 }, etag: '"1"' });
  expect(await put("A/1 ä", values)).toMatchObject({ body: { changed: false, item: { version: 1 } } });
  expect(await put("B", { name: "Stool", stock: 7 })).toMatchObject({
    body: { changed: true, lost: 0, item: { values: { stock: 7 } } },
  });
  const page = await ask<ItemPage>("GET", "/catalogs/items/items?limit=1");
  expect(page.body).toEqual({ items: [item], next: "A/1 ä" });
  const rest = await ask<ItemPage>("GET", `/catalogs/items/items?after=${encodeURIComponent("A/1 ä")}`);
  expect(rest.body).toMatchObject({ items: [{ key: "B" }], next: null });

  // Its source says it, and from then on nobody else.
  await hub.sql`
    UPDATE client_spring.shop__items__c SET stock = 3, _stamps = _stamps || '{"stock": [1, "erp"]}' WHERE _key = 'B'`;
  expect(await put("B", { name: "Bench", stock: 9 })).toMatchObject({
    body: { changed: true, lost: 1, item: { values: { stock: 3 } } },
  });
  expect(await ask("DELETE", "/catalogs/items/items/B")).toMatchObject({
    status: 200,
    body: { item: null, changed: true },
  });
  expect(await ask("GET", "/catalogs/items/items/B")).toMatchObject({ status: 404, body: { code: "item_not_found" } });
  expect(await ask("DELETE", "/catalogs/items/items/B")).toMatchObject({ status: 404 });
  const whole = (await ask<ItemHistory>("GET", "/catalogs/items/items/B/history")).body;
  expect(whole.events.map((event) => [event.event, event.version])).toEqual([
    ["change", 3],
    ["loss", 2],
    ["change", 2],
    ["change", 1],
  ]);
  expect(whole.events[1]).toMatchObject({
    field: "stock",
    value: 9,
    kept: 3,
    rule: "source",
    cause: "operator of the test",
  });
  expect(whole.events[2]).toMatchObject({ operation: "put", changed: ["name"], values: { name: "Bench" } });
  const pages: unknown[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await ask<ItemHistory>("GET", `/catalogs/items/items/B/history?limit=1${cursor}`);
    pages.push(...body.events);
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(pages).toEqual(whole.events);
  expect((await ask<CatalogList>("GET", "/catalogs")).body.catalogs).toMatchObject([
    { state: "live", items: { count: 1, exact: true } },
  ]);
});

test("an item is written as it was read, whatever the client's files look like", async () => {
  const first = await put("R", { name: "Chair", price: "49.9", active: false, seen: "2026-11-20T10:00:00Z" });
  const { values } = first.body.item!;
  expect(values).toMatchObject({ price: "49.90", active: false });
  expect(await put("R", values)).toMatchObject({ status: 200, body: { changed: false, lost: 0 } });
});

test("a history's pages have everything, also of an import that was long under way", async () => {
  for (const name of ["one", "two", "three"]) await put("H", { name });
  // As if the transaction of the second had begun before the first.
  await hub.sql`
    UPDATE inlet.catalog_changes SET at = at - interval '1 hour' WHERE key = 'H' AND version = 2`;
  const versions: number[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await ask<ItemHistory>("GET", `/catalogs/items/items/H/history?limit=1${cursor}`);
    versions.push(...body.events.map(({ version }) => version));
    if (body.next === null) break;
    cursor = `&cursor=${body.next}`;
  }
  expect(versions).toEqual([3, 2, 1]);
  await ask("DELETE", "/catalogs/items/items/H");
  await ask("DELETE", "/catalogs/items/items/R");
});

test("what the item's version is decides, where a writer says which one he has seen", async () => {
  await put("C", { name: "one" }, { "if-none-match": "*" });
  expect(await put("C", { name: "two" }, { "if-none-match": "*" })).toMatchObject({ status: 412 });
  expect(await put("C", { name: "two" }, { "if-match": '"2"' })).toMatchObject({ status: 412 });
  expect(await put("C", { name: "two" }, { "if-match": '"1"' })).toMatchObject({ status: 200, etag: '"2"' });
  expect(await put("D", { name: "two" }, { "if-match": '"1"' })).toMatchObject({ status: 412 });
  expect(await ask("DELETE", "/catalogs/items/items/C", undefined, { "if-match": '"1"' })).toMatchObject({
    status: 412,
  });
  expect(await ask("GET", "/catalogs/items/items/D")).toMatchObject({ status: 404 });
  const two = await Promise.all([1, 2].map((n) => put("C", { name: `racer ${n}` }, { "if-match": '"2"' })));
  expect(two.map(({ status }) => status).sort()).toEqual([200, 412]);
});

test("an item is checked as a row of a file is", async () => {
  const wrong = await put("E", { price: -1, stock: "many", colour: "red", sku: "F" });
  expect(wrong).toMatchObject({ status: 400, body: { code: "item_invalid" } });
  const { errors } = wrong.body as unknown as { errors: { path: string[] }[] };
  expect(errors.map(({ path }) => path.join(".")).sort()).toEqual([
    "values.colour",
    "values.name",
    "values.price",
    "values.sku",
    "values.stock",
  ]);
  expect(await put("x".repeat(41), { name: "long" })).toMatchObject({ status: 400 });
  // What was 2^53 + 1 on its way is this, too.
  expect(await put("E", { name: "x", stock: 2 ** 53 })).toMatchObject({ status: 400 });
  expect(await ask("GET", `/catalogs/items/items/${"x".repeat(1_500)}`)).toMatchObject({ status: 404 });
});

test("a rehearsal, an unknown catalog, and who may not", async () => {
  const trial = "/v1/clients/spring/projects/trial/catalogs/items/items/A";
  expect(await ask("PUT", trial, { values: { name: "x" } })).toMatchObject({
    status: 409,
    body: { code: "catalog_rehearses" },
  });
  expect(await ask("GET", "/catalogs/nothing/items")).toMatchObject({
    status: 404,
    body: { code: "catalog_not_found" },
  });
  const viewer = await hub.as("viewer");
  expect(await ask("GET", "/catalogs", undefined, viewer)).toMatchObject({ status: 200 });
  expect(await ask("GET", "/catalogs/items/items", undefined, viewer)).toMatchObject({ status: 403 });
  const client = await hub.as("client", "spring");
  const history = await ask<ItemHistory>("GET", "/catalogs/items/items/C/history", undefined, client);
  expect(history.body.events.map(({ cause }) => cause)).toEqual([null, null, null]);
});

test("a profile that asks for a conflict function which is not there is not applied", async () => {
  const profile = profileOf("shop", { conflicts: { default: { rule: "function", name: "longest" } } });
  const admin = await hub.as("admin");
  const applied = await ask("PUT", `${AT}/profile`, profile, admin);
  expect(applied).toMatchObject({ status: 400, body: { errors: [{ path: ["catalogs", 0, "conflicts"] }] } });
});

test("a table that cannot become a catalog says what to do", async () => {
  const owner = openDatabase(hub.stack.databaseUrl, { applicationName: "test" });
  await owner.pool.query(`CREATE SCHEMA client_iris; CREATE TABLE client_iris.shop__items (_batch bigint, _record bigint,
    sku text, name text, price numeric(10,2), stock bigint, active boolean, seen timestamptz);
    INSERT INTO client_iris.shop__items (sku) VALUES ('A'), ('A')`);
  await owner.close();
  const profile = { ...profileOf("shop"), client: "iris" };
  await transaction(hub.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
  const refused = await ask("PUT", "/v1/clients/iris/projects/shop/catalogs/items/items/B", { values: { name: "x" } });
  expect(refused).toMatchObject({
    status: 409,
    body: { code: "catalog_unfit", detail: expect.stringContaining("share a key") },
  });
});
