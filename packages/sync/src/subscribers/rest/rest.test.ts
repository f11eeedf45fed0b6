import { expect, test } from "vitest";
import { failureOf } from "../../failure.ts";
import type { OutsideFields } from "../../subscriber.ts";
import { keepsContract, openTestSystem, runSubscriber, type SystemRequest } from "../../testing/index.ts";
import { rest } from "./rest.ts";
import { restSettingsSchema } from "./settings.ts";

const columns = { sku: "string", name: "string", price: "decimal", city: "string" } as const;
const fields = { sku: "code", name: "title.en", price: "price", city: "maker.city" };
const chair = { sku: "a/1 ü", name: "Chair", price: "12.50", city: null };

/** A shop that gives its items ids of its own, and heeds no idempotency key. */
function openShop(isAllowed: (request: SystemRequest) => boolean = () => true) {
  const items = new Map<string, OutsideFields>();
  let number = 9_007_199_254_740_992n;
  return {
    items,
    system: openTestSystem((request) => {
      const { method, path, query, json } = request;
      if (path === "/token") return { body: { access_token: `token ${request.body.length}`, expires_in: 3600 } };
      if (!isAllowed(request)) return { status: 401, body: { message: `who is ${request.headers.authorization}?` } };
      const id = path.split("/")[3];
      const sent = (json as { product?: OutsideFields } | null)?.product;
      // 64-bit numbers, as they are.
      const shown = (each: string) => JSON.stringify({ ...items.get(each), id: "ID" }).replace('"ID"', each);
      if (path === "/v1/products" && method === "POST") {
        number += 1n;
        items.set(String(number), { ...sent, rev: 1 });
        return { status: 201, body: `{"product":${shown(String(number))}}` };
      }
      if (path === "/v1/products" && query.has("code")) {
        const found = [...items].filter(([, { code }]) => code === query.get("code"));
        return { body: `{"found":[${found.map(([each]) => shown(each)).join()}]}` };
      }
      if (path === "/v1/products") {
        const since = query.get("since") ?? "";
        const all = [...items].filter(([, { at }]) => since === "" || String(at) >= since);
        const place = Number(query.get("cursor") ?? 0);
        const page = all.slice(place, place + Number(query.get("limit")));
        const next = place + page.length < all.length ? place + page.length : null;
        return { body: `{"items":[${page.map(([each]) => shown(each)).join()}],"meta":{"next":${next}}}` };
      }
      if (id === undefined || !items.has(id)) return { status: 404, body: { message: "no such product" } };
      if (method === "DELETE") items.delete(id);
      else items.set(id, { ...items.get(id), ...sent, rev: Number(items.get(id)!.rev) + 1 });
      return method === "DELETE" ? { status: 204 } : { body: `{"product":${shown(id)}}` };
    }),
  };
}

const SHOP = {
  create: { method: "POST", path: "/products" },
  update: { method: "PATCH", path: "/products/{id}" },
  remove: { method: "DELETE", path: "/products/{id}" },
  find: { path: "/products?code={key}", items: "found" },
  wrap: "product",
  answer: { id: "product.id", version: "product.rev" },
  inward: {
    resource: "products",
    reading: {
      items: "items",
      paging: { by: "cursor", path: "meta.next", limit: "limit" },
      since: { parameter: "since" },
    },
    pageSize: 10,
    changedAt: "at",
    version: "rev",
    removed: { path: "state", values: ["archived"] },
    incremental: { by: "at", overlapSeconds: 60 },
  },
};

test("a system with ids of its own and no idempotency keys gets each item once", async () => {
  const { items, system: opening } = openShop();
  await using system = await opening;
  await using run = await runSubscriber(rest, { columns, fields, settings: { url: `${system.url}/v1/`, ...SHOP } });
  await keepsContract(run, { item: chair, changed: { ...chair, price: null }, count: () => items.size });
  system.requests.length = 0;
  const made = await run.put(chair);
  expect(made).toEqual({ id: [...items.keys()].at(-1), version: "1" });
  expect(items.get(made!.id!)).toEqual({
    ...{ code: "a/1 ü", title: { en: "Chair" }, price: 12.5, maker: { city: null }, rev: 1 },
  });
  expect(await run.put({ ...chair, city: "Cork" })).toEqual({ id: made!.id, version: "2" });
  items.clear();
  const again = await run.put(chair);
  expect(again!.id).not.toBe(made!.id);
  expect(system.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    ...["GET /v1/products", "POST /v1/products", `PATCH /v1/products/${made!.id}`],
    ...[`PATCH /v1/products/${made!.id}`, "POST /v1/products"],
  ]);
  const keys = system.requests.map(({ headers }) => headers["idempotency-key"]);
  expect(new Set(keys.slice(1)).size).toBe(4);
});

test("one request does for a system that goes by our key", async () => {
  await using system = await openTestSystem(() => ({ status: 204 }));
  await using run = await runSubscriber(rest, {
    ...{ columns, fields },
    settings: {
      url: `${system.url}/api`,
      update: { method: "PUT", path: "/sites/{fields.maker.city}/{key}" },
      remove: { method: "PATCH", path: "/items/{key}", body: { active: false } },
      nulls: "omit",
      headers: { "x-tenant": "7" },
      auth: { by: "api_key", name: "x-shop-key" },
    },
    secrets: { secret: "k-12345" },
  });
  expect(await run.put({ ...chair, name: null, city: "Cork" })).toEqual({});
  await run.remove("a/1 ü");
  const [put, removed] = system.requests;
  expect([put!.method, put!.path, put!.json]).toEqual([
    ...["PUT", "/api/sites/Cork/a/1 ü"],
    { code: "a/1 ü", title: {}, price: 12.5, maker: { city: "Cork" } },
  ]);
  expect(put!.headers).toMatchObject({ "x-shop-key": "k-12345", "x-tenant": "7" });
  expect([removed!.method, removed!.path, removed!.json]).toEqual(["PATCH", "/api/items/a/1 ü", { active: false }]);
  expect(failureOf(await run.put(chair).catch((error) => error))).toMatchObject({
    ...{ kind: "person", message: expect.stringContaining("no value for what stands in its path") },
  });
});

test("changes are polled page by page, and later only what is new", async () => {
  const { items, system: opening } = openShop();
  await using system = await opening;
  await using run = await runSubscriber(rest, { columns, fields, settings: { url: `${system.url}/v1`, ...SHOP } });
  const time = (second: number) =>
    `2026-11-20T09:${String(Math.floor(second / 60)).padStart(2, "0")}:${String(second % 60).padStart(2, "0")}Z`;
  for (let n = 1; n <= 25; n += 1)
    items.set(String(9_007_199_254_740_992n + BigInt(n)), { code: `k${n}`, at: time(n), rev: n });
  const first = await run.pullAll();
  expect(first).toMatchObject({ pages: 3 });
  expect(first.items).toHaveLength(25);
  expect(first.items[0]).toMatchObject({ id: "9007199254740993", version: "1", changedAt: "2026-11-20T09:00:01.000Z" });
  // One question a page: what is on its way already is not asked for anew.
  expect(system.requests).toHaveLength(3);
  items.set("1", { code: "k26", at: time(600), rev: 1, state: "archived" });
  const second = await run.pullAll(first.cursor);
  expect(system.requests.at(-1)!.query.get("since")).toBe("2026-11-20T08:59:25Z");
  expect(second.items).toHaveLength(26);
  expect(second.items.at(-1)).toMatchObject({ id: "1", isRemoved: true, fields: { code: "k26" } });
  const third = await run.pullAll(second.cursor);
  expect(third.items.map(({ id }) => id)).toEqual(["1"]);
  expect((await run.pullAll(third.cursor)).cursor).toBe(third.cursor);
  expect((await run.listAll()).items).toHaveLength(26);
});

test("a token that has run out is got anew, once, and is told to nobody", async () => {
  let isOut = true;
  const tried: (string | undefined)[] = [];
  const { items, system: opening } = openShop(({ headers }) => {
    tried.push(headers.authorization);
    const is = !isOut;
    isOut = false;
    return is;
  });
  await using system = await opening;
  const { find: _find, ...withoutFind } = SHOP;
  const settings = {
    ...{ url: `${system.url}/v1`, ...withoutFind },
    auth: { by: "oauth2", tokenUrl: `${system.url}/token`, clientId: "inlet" },
  };
  await using run = await runSubscriber(rest, { columns, fields, settings, secrets: { secret: "hush-hush" } });
  await run.put(chair);
  expect(items.size).toBe(1);
  expect(system.requests.map(({ path }) => path)).toEqual(["/token", "/v1/products", "/token", "/v1/products"]);
  expect(tried).toEqual(["Bearer token 29", "Bearer token 29"]);
  isOut = true;
  const { system: closed } = openShop(() => false);
  await using never = await closed;
  await using other = await runSubscriber(rest, {
    ...{ columns, fields, secrets: { secret: "hush-hush" } },
    settings: { ...settings, url: `${never.url}/v1`, auth: { ...settings.auth, tokenUrl: `${never.url}/token` } },
  });
  const error = await other.put(chair).catch((thrown) => thrown);
  expect(failureOf(error)).toMatchObject({
    kind: "person",
    message: expect.stringMatching(/answered 401: who is Bearer ….?\?$/),
  });
});

test("a profile that cannot work is told why", () => {
  const problems = (settings: object) =>
    restSettingsSchema
      .safeParse({ url: "https://shop.example.com", ...settings })
      .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  expect(problems({ update: SHOP.update })).toEqual([
    "remove: say what is done for an item that is gone, or `keep`",
    "create: `update` needs to know the {id}: say how an item is made",
  ]);
  expect(problems({ create: { method: "POST", path: "/{sku}" }, remove: "keep" })).toEqual([
    "create.path: {id}, {key} and {fields.…} may stand in a path",
  ]);
  expect(problems({ auth: { by: "bearer", secret: "shop_key" } })).toEqual([
    "auth.secret: name the secret in the subscriber's `secrets`, by the word `secret`",
  ]);
  expect(problems({ inward: { resource: "items", incremental: { by: "at" } } })).toEqual([
    "inward.reading.since: say how the system is asked for what has changed",
  ]);
  expect(
    problems({ url: "https://me:hunter2@shop.example.com", headers: { Authorization: "Basic aHVudGVyMg==" } }),
  ).toEqual([
    "url: holds no user and no password: name the password as a secret",
    "headers.Authorization: says who we are, which is a secret: a profile names secrets, and holds none",
  ]);
  expect(problems({ ...SHOP, auth: { by: "bearer" } })).toBeUndefined();
});
