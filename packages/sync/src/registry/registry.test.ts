import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { AppError, columnSchema, type Subscription, subscriptionSchema } from "@inlet/contracts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { failureOf } from "../failure.ts";
import { defineSubscriber, type OutgoingItem, type Subscriber, type SubscriberContext } from "../subscriber.ts";
import { openTestSystem, runSubscriber } from "../testing/index.ts";
import { registered } from "./load-subscribers.ts";
import { openSubscriber } from "./open-subscriber.ts";
import type { SubscriberParts } from "./opened-subscriber.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "inlet subscribers "));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function module(name: string, text: string) {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), text);
}
const DEFINED = (name: string, more = "async push() {}, async remove() {},") => `
  import { defineSubscriber } from "@inlet/sync";
  import { z } from "zod";
  export default defineSubscriber({ name: "${name}", settings: z.strictObject({}), ${more} });`;

/** What a service would find in a folder, in a process of its own: how modules are resolved is Node's own affair there. */
async function found(...folders: string[]): Promise<object[]> {
  const program = `
    import { loadSubscribers } from ${JSON.stringify(new URL("./load-subscribers.ts", import.meta.url).href)};
    const told = [];
    for (const folder of ${JSON.stringify(folders)}) {
      try {
        const registry = [...(await loadSubscribers(folder)).values()];
        told.push({
          names: registry.map(({ name }) => name),
          own: registry.flatMap(({ name, file, make }) => file ? [[name, file, make() === make()]] : []),
        });
      } catch (error) {
        told.push({ code: error.code, problems: error.context.problems });
      }
    }
    console.log(JSON.stringify(told));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  return JSON.parse(stdout.replaceAll(folder + path.sep, ""));
}

test("modules of a folder anywhere are found, and every problem of every module is told at once", async () => {
  await module("good/shop.ts", DEFINED("shop"));
  await module(
    "good/till.mjs",
    `import { z } from "zod";
     export default class { name = "till"; settings = z.strictObject({}); async pull() { return { items: [], cursor: null, hasMore: false } } }`,
  );
  await module("good/shop.test.ts", "throw new Error('a test')");
  await module("good/_shared.ts", "export const rate = 1;");
  await module("good/notes.md", "");
  await module("bad/a.ts", DEFINED("shop"));
  await module("bad/b.ts", DEFINED("shop"));
  await module("bad/c.ts", DEFINED("webhook"));
  await module("bad/d.ts", "export const nothing = 1;");
  await module("bad/e.ts", DEFINED("My Shop", "async push() {}, batchSize: 5, secrets: ['a', 'a?'],"));
  await module("bad/f.ts", DEFINED("none", "async pushMany() {}, async remove() {}, async list() {},"));
  await module("bad/g.ts", "import './gone.ts'; export default 1;");
  await module("bad/h.ts", `export default { name: "h", settings: {}, pull: true };`);
  await module("bad/i.ts", "export default class { constructor() { throw new Error('not today') } }");
  const [good, bad, none] = await found(...["good", "bad", "none"].map((name) => path.join(folder, name)));
  expect(good).toMatchObject({
    names: expect.arrayContaining(["webhook", "rest", "postgres", "sftp_file", "stripe", "shop", "till"]),
    own: [
      ["shop", "good/shop.ts", true],
      ["till", "good/till.mjs", false],
    ],
  });
  expect(none).toMatchObject({ names: expect.arrayContaining(["webhook"]), own: [] });
  expect(bad).toEqual({
    code: "subscribers_invalid",
    problems: [
      "bad/b.ts: bad/a.ts has a subscriber shop already",
      "bad/c.ts: Inlet itself has a subscriber webhook already",
      "bad/d.ts: exports nothing by default: `export default defineSubscriber({ … })`",
      expect.stringContaining('bad/e.ts: its name "My Shop" is none that a profile can use'),
      "bad/e.ts: it asks for a secret twice",
      "bad/e.ts: has push, but no remove: say what becomes of an item that is gone",
      "bad/e.ts: has a batchSize, but no pushMany",
      "bad/f.ts: has pushMany, which stands instead of push and remove, beside them",
      "bad/f.ts: has remove, but no push",
      expect.stringMatching(/^bad\/g\.ts: cannot be loaded: .*gone\.ts/),
      "bad/h.ts: has no settings: a zod schema, z.strictObject({}) where it asks for nothing",
      "bad/h.ts: pull is no function",
      "bad/i.ts: cannot be loaded: not today",
    ],
  });
});

const shop = defineSubscriber({
  name: "shop",
  settings: z.strictObject({ url: z.url(), pages: z.int().default(5) }),
  secrets: ["apiKey", "other?"],
  push: async () => ({ id: "1" }),
  remove: async () => {},
});
const parts: SubscriberParts = {
  columns: [columnSchema.parse({ name: "sku" })],
  http: { request: () => Promise.reject(new Error("no way")), close: async () => {} },
  network: { addressesOf: () => Promise.reject(new Error("no way")) },
  secret: async (name) => `${name} of the client\n`,
  everything: () => Promise.reject(new Error("nothing")),
};
const open = (subscriber: Subscriber, subscription: Partial<Subscription>) =>
  openSubscriber(
    new Map([[subscriber.name, registered(subscriber)]]),
    subscriptionSchema.parse({ name: "ours", use: subscriber.name, ...subscription }),
    parts,
  );

test("what a profile says wrongly of a subscriber is told at once, in words", async () => {
  await expect(open(shop, { use: "shoop" })).rejects.toThrow("there is no subscriber shoop; known are shop");
  const wrong = open(shop, {
    settings: { url: "nowhere", page: 3 },
    secrets: { apikey: "shop_key" },
    inward: { by: "webhook" },
    reconcile: { at: "daily 03:00" } as never,
  });
  await expect(wrong).rejects.toMatchObject({
    code: "subscription_invalid",
    context: {
      problems: [
        expect.stringContaining("settings.url: "),
        expect.stringContaining("settings: "),
        "secrets.apiKey: subscriber shop needs it; name a secret of the client's",
        "secrets.apikey: subscriber shop asks for apiKey, other",
        "inward: subscriber shop knows no webhooks",
        "reconcile: subscriber shop cannot list what is there, so nothing can be compared",
      ],
    },
  });
  await expect(open(shop, { fields: { sku: "a..b" }, settings: {} })).rejects.toMatchObject({ code: "fields_invalid" });
});

test("a class in thirty lines keeps state of its own, and finds its settings and secrets", async () => {
  class Till implements Subscriber<{ url: string }> {
    name = "till";
    settings = z.strictObject({ url: z.url() });
    secrets = ["apiKey"];
    #sent = 0;

    async push({ key, fields }: OutgoingItem, { settings, secrets, http }: SubscriberContext<{ url: string }>) {
      this.#sent += 1;
      const headers = { authorization: `Bearer ${secrets.apiKey}` };
      await http.json("PUT", `${settings.url}/items/${encodeURIComponent(key)}`, { body: fields, headers });
      return { id: key, version: String(this.#sent) };
    }

    async remove() {}
  }
  await using system = await openTestSystem(() => ({ body: {} }));
  await using run = await runSubscriber(Till, {
    columns: { sku: "string", price: "decimal" },
    settings: { url: system.url },
    secrets: { apiKey: "k-123" },
  });
  expect(await run.put({ sku: "a/b", price: "1.50" })).toEqual({ id: "a/b", version: "1" });
  expect(await run.put({ sku: "a/b", price: null })).toEqual({ id: "a/b", version: "2" });
  expect(system.requests.map(({ method, path: at, json }) => [method, at, json])).toEqual([
    ["PUT", "/items/a/b", { sku: "a/b", price: 1.5 }],
    ["PUT", "/items/a/b", { sku: "a/b", price: null }],
  ]);
  expect(system.requests[0]!.headers).toMatchObject({ authorization: "Bearer k-123" });
});

test("each refusal is told apart, and no secret is told with it", async () => {
  const answers: [number, string, Record<string, string>?][] = [];
  await using system = await openTestSystem(() => {
    const [status, body, headers = {}] = answers.shift()!;
    return { status, body, headers };
  });
  const asking = defineSubscriber({
    name: "asking",
    settings: z.strictObject({ url: z.string() }),
    secrets: ["key"],
    async push(_item, { settings, secrets, http }) {
      const told = await http.json("GET", `${settings.url}/a?key=${encodeURIComponent(secrets.key!)}`, {
        ignore: [404],
      });
      return { id: JSON.stringify(told) };
    },
    remove: async () => {},
  });
  const secret = "s3cr&t/words";
  await using run = await runSubscriber(asking, {
    ...{ columns: { sku: "string" }, settings: { url: system.url }, secrets: { key: secret } },
  });
  const asked = async (...answer: [number, string, Record<string, string>?]) => {
    answers.push(answer);
    try {
      return await run.put({ sku: "a" });
    } catch (error) {
      expect(JSON.stringify([error, (error as Error).message, (error as Error).stack])).not.toContain("s3cr");
      return failureOf(error);
    }
  };
  const where = `GET ${system.url}/a answered`;
  const said = { message: `key ${secret} (${encodeURIComponent(secret)}) is unknown` };
  expect(await asked(401, JSON.stringify({ error: said }))).toEqual({
    ...{ kind: "person", code: "outside_access", message: `${where} 401: key … (…) is unknown` },
  });
  expect(await asked(422, '{"errors":[{"detail":"no\\nprice"},{"title":"no name"}]}')).toEqual({
    ...{ kind: "item", code: "outside_refused", message: `${where} 422: no price; no name` },
  });
  expect(await asked(429, "", { "retry-after": "12" })).toEqual({
    ...{ kind: "passing", code: "outside_busy", message: `${where} 429.`, retryAfterMs: 12_000 },
  });
  expect(await asked(503, "<html>gone fishing", { "content-type": "text/html" })).toEqual({
    ...{ kind: "passing", code: "outside_unavailable", message: `${where} 503.` },
  });
  expect(await asked(302, "", { location: "https://example.com/" })).toMatchObject({
    ...{ kind: "person", code: "outside_redirects" },
  });
  expect(await asked(200, "{")).toMatchObject({ kind: "passing", code: "outside_answer" });
  expect(await asked(404, "")).toEqual({ id: "null" });
  expect(await asked(200, '{"id":9007199254740993,"price":0.1,"big":1e999}')).toEqual({
    id: '{"id":"9007199254740993","price":0.1,"big":"1e999"}',
  });
  await system[Symbol.asyncDispose]();
  expect(await asked(200, "")).toMatchObject({ kind: "passing", code: expect.stringMatching(/^http_/) });
});

test("what is opened is kept, and made anew after it broke; nobody's call is cut short by that", async () => {
  const events: string[] = [];
  let made = 0;
  let breaks = false;
  const kept = defineSubscriber({
    name: "kept",
    settings: z.strictObject({}),
    async open() {
      made += 1;
      const number = made;
      events.push(`open ${number}`);
      return { number, close: () => void events.push(`close ${number}`) };
    },
    async pushMany(items, { opened }) {
      if (breaks) throw Object.assign(new Error("reset"), { code: "ECONNRESET" });
      return items.map(({ key }) => (key === "bad" ? new Error("not this one") : { id: `${key}${opened.number}` }));
    },
  });
  const run = await runSubscriber(kept, { columns: { sku: "string" } });
  const change = (key: string) => ({
    ...{ key, id: null, fields: {}, version: 1, seq: 1, changedAt: "", idempotencyKey: key, isRemoved: false },
  });
  const send = (...keys: string[]) => run.opened.send(keys.map(change), AbortSignal.timeout(1_000));
  const both = await Promise.all([send("a", "bad"), send("b")]);
  expect(both).toEqual([[{ id: "a1" }, expect.objectContaining({ message: "not this one" })], [{ id: "b1" }]]);
  breaks = true;
  expect((await send("a", "b")).map((each) => (each instanceof Error ? failureOf(each).kind : each))).toEqual([
    "passing",
    "passing",
  ]);
  breaks = false;
  expect(await send("a")).toEqual([{ id: "a2" }]);
  await run[Symbol.asyncDispose]();
  expect(events).toEqual(["open 1", "close 1", "open 2", "close 2"]);
});

test("who answers for fewer changes than it was given is told so", async () => {
  const short = defineSubscriber({ name: "short", settings: z.strictObject({}), pushMany: async () => [] });
  await using run = await runSubscriber(short, { columns: { sku: "string" } });
  await expect(run.sendMany([{ sku: "a" }, { sku: "b" }])).rejects.toThrow("was given 2 changes and answered for 0");
});

test("a library that takes a fetch goes the guarded way", async () => {
  await using system = await openTestSystem(({ method, json, headers }) =>
    method === "DELETE"
      ? { status: 204 }
      : { status: 201, body: { json, type: headers["content-type"] }, headers: { "set-cookie": "a=b" } },
  );
  const fetching = defineSubscriber({
    name: "fetching",
    settings: z.strictObject({ url: z.string() }),
    async push(_item, { settings, http }) {
      const made = await http.fetch(settings.url, { method: "POST", body: new URLSearchParams({ a: "ü" }) });
      const gone = await http.fetch(new Request(settings.url, { method: "DELETE" }));
      return { id: JSON.stringify([made.status, await made.json(), made.headers.getSetCookie(), gone.status]) };
    },
    remove: (_item, { http }) => http.fetch("http://169.254.169.254/latest").then(() => {}),
  });
  await using run = await runSubscriber(fetching, { columns: { sku: "string" }, settings: { url: system.url } });
  const answer = await run.put({ sku: "a" });
  expect(JSON.parse(answer!.id!)).toEqual([
    201,
    { json: null, type: "application/x-www-form-urlencoded;charset=UTF-8" },
    ["a=b"],
    204,
  ]);
  expect(system.requests[0]!.body.toString()).toBe("a=%C3%BC");
  const refused = await run.remove("a").catch((error) => error);
  expect(refused).toBeInstanceOf(AppError);
  expect(failureOf(refused)).toMatchObject({ kind: "person", code: "remote_address_refused" });
});
