import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { ColumnType } from "@inlet/contracts";
import { openTestStack } from "@inlet/stack";
import { failureOf, type OutgoingChange, type OutsideFields, postgres, sftpFile } from "@inlet/sync";
import { runSubscriber } from "@inlet/sync/testing";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type OpenSsh, openSshServer } from "../intake/openssh.ts";
import { openTlsInFront } from "./tls-in-front.ts";

let stack: Awaited<ReturnType<typeof openTestStack>>;
let elsewhere: pg.Client;
let ssh: OpenSsh | undefined;

beforeAll(async () => {
  [stack, ssh] = await Promise.all([openTestStack({ services: [] }), openSshServer()]);
  elsewhere = new pg.Client({
    connectionString: stack.databaseUrl,
    types: { getTypeParser: () => (text: string) => text } as never,
  });
  await elsewhere.connect();
  await elsewhere.query(`CREATE SCHEMA shop; SET search_path TO shop`);
});
afterAll(async () => {
  await elsewhere?.end();
  await ssh?.remove();
  await stack?.stop();
});
beforeEach(async () => {
  await elsewhere.query(`
    DROP TABLE IF EXISTS product;
    CREATE TABLE product (
      region text NOT NULL, code text NOT NULL, name varchar(10), price numeric(10,2) CHECK (price >= 0), stock int, active boolean,
      since date, seen timestamptz, more jsonb DEFAULT '{"a":1}', note text DEFAULT 'ours',
      updated_at timestamptz NOT NULL DEFAULT clock_timestamp(), gone boolean,
      PRIMARY KEY (region, code))`);
});

const columns: Record<string, ColumnType> = {
  ...{ sku: "string", region: "string", name: "string", price: "decimal", stock: "integer" },
  ...{ active: "boolean", since: "date", seen: "timestamp" },
};
const fields = Object.fromEntries(Object.keys(columns).map((name) => [name, name === "sku" ? "code" : name]));

function place() {
  const { hostname, port, username, password, pathname } = new URL(stack.databaseUrl);
  return {
    settings: {
      ...{ host: hostname, port: Number(port), database: pathname.slice(1), user: username, tls: false },
      ...{ schema: "shop", table: "product", key: ["region", "code"] },
      inward: { changed: "updated_at", removed: "gone" },
    },
    secrets: { password: decodeURIComponent(password) || "none" },
  };
}
const openRun = (
  settings: object = {},
  more: { fields?: Record<string, string>; secrets?: Record<string, string> } = {},
) => runSubscriber(postgres, { columns, fields, ...place(), ...more, settings: { ...place().settings, ...settings } });

const rows = async (what = "region, code, name, price") =>
  (await elsewhere.query({ text: `SELECT ${what} FROM product ORDER BY region, code`, rowMode: "array" })).rows;
const item = (sku: string, more: Record<string, string | null> = {}) => ({
  sku,
  region: "eu",
  name: null,
  price: null,
  ...more,
});
const changeOf = (sku: string, fields: OutsideFields): OutgoingChange => ({
  ...{ key: sku, id: null, fields: { code: sku, region: "eu", ...fields }, version: 1, seq: 1, isRemoved: false },
  ...{ changedAt: "2026-11-20T09:00:00Z", idempotencyKey: sku },
});

test("rows are put by their key and removed; what they have besides stays, and what is so already is not touched", async () => {
  await using run = await openRun();
  await run.sendMany([
    item("a", {
      name: "Chair",
      price: "12.50",
      stock: "-7",
      active: "t",
      since: "2026-11-20",
      seen: "2026-11-20 10:00:00.25+01",
    }),
    item("b", { name: `'; DROP TABLE product; --`.slice(0, 10) }),
    item("c", { price: "0.1" }),
  ]);
  expect(await rows("region, code, name, price, stock, active, since, seen, more, note")).toEqual([
    ["eu", "a", "Chair", "12.50", "-7", "t", "2026-11-20", "2026-11-20 09:00:00.25+00", '{"a": 1}', "ours"],
    ["eu", "b", "'; DROP TA", null, null, null, null, null, '{"a": 1}', "ours"],
    ["eu", "c", null, "0.10", null, null, null, null, '{"a": 1}', "ours"],
  ]);
  await elsewhere.query("UPDATE product SET note = 'theirs' WHERE code = 'a'");
  const before = await rows("xmin::text, code");
  await run.again("a");
  await run.again("b");
  expect(await rows("xmin::text, code")).toEqual(before);
  await run.sendMany([item("a", { name: "Stool" })], ["b"]);
  await run.again("b");
  expect(await rows("code, name, price, note")).toEqual([
    ["a", "Stool", null, "theirs"],
    ["c", null, "0.10", "ours"],
  ]);
  // The key has changed there; the row by its old name is not left behind.
  await run.put(item("a", { region: "us", name: "Stool" }));
  await run.remove("c");
  await run.again("c");
  expect(await rows()).toEqual([["us", "a", "Stool", null]]);
});

test("a row that is refused holds up no other; what concerns the table is told as such", async () => {
  await using run = await openRun();
  const answers = await run.opened.send(
    [
      changeOf("a", { price: 1 }),
      changeOf("b", { price: -1 }),
      changeOf("c", { name: "far too long a name" }),
      changeOf("d", {}),
    ],
    AbortSignal.timeout(10_000),
  );
  expect(answers.map((each) => (each instanceof Error ? [failureOf(each).kind, each.message] : each?.id))).toEqual([
    '["eu","a"]',
    ["item", expect.stringContaining("product_price_check")],
    ["item", expect.stringContaining("too long")],
    '["eu","d"]',
  ]);
  expect((await rows()).map(([, code]) => code)).toEqual(["a", "d"]);
  const refused = async (settings: object, more: object = {}) => {
    await using wrong = await openRun(settings, more);
    const error = await wrong.put(item("a")).catch((thrown) => thrown);
    expect(error.message).not.toContain("open sesame");
    return [failureOf(error).kind, error.message];
  };
  expect(await refused({ table: "products" })).toEqual(["person", expect.stringContaining("no table shop.products")]);
  expect(await refused({ key: ["region"] })).toEqual(["person", expect.stringContaining("ON CONFLICT")]);
  expect(await refused({}, { fields: { ...fields, name: "title.en" } })).toEqual([
    "person",
    expect.stringContaining("no column title.en. Its columns are region, code, name"),
  ]);
  expect(await refused({ user: "nobody_here" }, { secrets: { password: "open sesame" } })).toMatchObject([
    "person",
    expect.stringContaining("password authentication failed"),
  ]);
  expect(await refused({ port: 1 })).toEqual(["passing", expect.stringContaining("ECONNREFUSED")]);
  await elsewhere.query("BEGIN; LOCK TABLE product");
  const stopped = run.opened.send([changeOf("a", { price: 2 })], AbortSignal.timeout(10_000));
  await elsewhere.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'inlet'");
  const [broken] = await stopped;
  await elsewhere.query("ROLLBACK");
  expect(failureOf(broken).kind).toBe("passing");
  expect(await run.put(item("a", { price: "3" }))).toEqual({ id: '["eu","a"]' });
});

test("changes there are found in their order, also those that come late; what is gone is told", async () => {
  await using run = await openRun({ inward: { changed: "updated_at", removed: "gone", overlap: 60 } });
  await elsewhere.query(`
    INSERT INTO product (region, code, price, seen, active, updated_at)
    SELECT 'eu', 'k' || n, n, '2026-11-20 10:00:00.5+01', n = 1, '2026-11-20 09:00:00+00'::timestamptz + n * interval '1 ms'
    FROM generate_series(1, 2005) n`);
  const first = await run.pullAll();
  expect(first).toMatchObject({ pages: 3 });
  expect(new Set(first.items.map(({ id }) => id)).size).toBe(2005);
  expect(first.items[0]).toEqual({
    id: '["eu","k1"]',
    fields: {
      ...{ code: "k1", region: "eu", name: null, price: "1.00", stock: null, active: "true", since: null },
      seen: "2026-11-20T09:00:00.5Z",
    },
    ...{ version: "2026-11-20T09:00:00.001Z", changedAt: "2026-11-20T09:00:00.001Z" },
  });
  await elsewhere.query(`
    INSERT INTO product (region, code, updated_at) VALUES ('eu', 'late', '2026-11-20 08:59:59+00'), ('eu', 'too_late', '2026-11-19 09:00:00+00');
    UPDATE product SET gone = true, updated_at = '2026-11-21 09:00:00+00' WHERE code = 'k7';
    DELETE FROM product WHERE code LIKE 'k1%'`);
  const second = await run.pullAll(first.cursor);
  expect(second.items.at(0)).toMatchObject({ id: '["eu","late"]' });
  expect(second.items.at(-1)).toMatchObject({ id: '["eu","k7"]', isRemoved: true });
  expect(second.items.map(({ id }) => id)).not.toContain('["eu","too_late"]');
  expect((await run.pullAll(second.cursor)).items.map(({ id }) => id)).toEqual(['["eu","k7"]']);
  const all = await run.listAll();
  expect(all.items.map(({ id }) => JSON.parse(id)[1]).sort()).toEqual((await rows("code")).flat().sort());
});

test("by default it is encrypted, and with whom the name says", async () => {
  const front = await openTlsInFront(stack.databaseUrl);
  try {
    const at = { port: front.port, host: "localhost" };
    await using trusted = await openRun({ ...at, tls: { ca: front.ca } });
    expect(await trusted.put(item("a"))).toEqual({ id: '["eu","a"]' });
    const refused = async (settings: object) => {
      await using run = await openRun(settings);
      return failureOf(await run.put(item("a")).catch((thrown) => thrown));
    };
    expect(await refused({ ...at, tls: {} })).toMatchObject({ kind: "person", code: "outside_certificate" });
    expect(await refused({ ...at, host: "127.0.0.1", tls: { ca: front.ca } })).toMatchObject({
      code: "outside_certificate",
    });
    expect(await refused({ tls: {} })).toMatchObject({ kind: "person", code: "outside_certificate" });
    expect(await refused({ host: "10.99.99.99", tls: false })).toMatchObject({
      kind: "person",
      code: "remote_clear_text",
    });
    expect(await refused({ host: "169.254.169.254", tls: {} })).toMatchObject({ code: "remote_address_refused" });
    expect(front.refused()).toBe(0);
  } finally {
    front.close();
  }
});

test("a file by SFTP is the whole catalog, put in place of the last one, and written no oftener than it may be", async (context) => {
  if (!ssh) return context.skip();
  const { server, privateKey, folder } = ssh;
  const { secret: _secret, ...at } = server;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  await using run = await runSubscriber(sftpFile, {
    columns: { sku: "string", name: "string", price: "decimal" },
    fields: { sku: "id", name: "title.en", price: "price" },
    settings: { server: at, folder, everySeconds: 1, lineEnd: "crlf" },
    secrets: { login: privateKey.toString() },
  });
  const files = () => readdir(folder);
  const text = async () => await readFile(path.join(folder, "catalog.csv"), "utf8");
  const startedMs = performance.now();
  await run.sendMany([
    { sku: "b", name: 'say "hi", you', price: "12.50" },
    { sku: "a", name: "=1+1\n", price: null },
  ]);
  expect(await files()).toEqual(["catalog.csv"]);
  expect(await text()).toBe('id,title.en,price\r\na,"=1+1\n",\r\nb,"say ""hi"", you",12.5\r\n');
  // In the snapshot already: nothing is written.
  await rm(path.join(folder, "catalog.csv"));
  await run.again("a");
  expect(await files()).toEqual([]);
  await run.remove("a");
  expect(performance.now() - startedMs).toBeGreaterThan(1_000);
  expect(await text()).toBe('id,title.en,price\r\nb,"say ""hi"", you",12.5\r\n');

  await using changes = await runSubscriber(sftpFile, {
    columns: { sku: "string", name: "string" },
    settings: { server: at, folder, write: "changes", name: "product", delimiter: "|" },
    secrets: { login: privateKey.toString() },
  });
  await changes.sendMany([{ sku: "a", name: "one|two" }]);
  await changes.sendMany([{ sku: "b", name: "ü" }], ["a"]);
  const names = (await files()).filter((name) => name.startsWith("product"));
  expect(names).toEqual([expect.stringMatching(/^product_\d{8}T\d{9}Z_1\.csv$/), expect.stringMatching(/_3\.csv$/)]);
  const lines = (await readFile(path.join(folder, names[1]!), "utf8")).split("\n");
  expect(lines.map((line) => line.replace(/\|\d{4}-[^|]*Z\|/, "|time|"))).toEqual([
    "_operation|_key|_seq|_changed_at|sku|name",
    "put|b|2|time|b|ü",
    'removed|a|3|time|a|"one|two"',
    "",
  ]);
  await using strange = await runSubscriber(sftpFile, {
    columns: { sku: "string" },
    settings: { server: { ...at, hostKey: `SHA256:${"A".repeat(43)}` }, folder },
    secrets: { login: privateKey.toString() },
  });
  expect(failureOf(await strange.put({ sku: "a" }).catch((error) => error))).toMatchObject({
    ...{ kind: "person", code: "remote_host_key" },
  });
});
