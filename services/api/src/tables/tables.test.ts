import { type ProfileInput, profileSchema } from "@inlet/contracts";
import {
  applyProfile,
  type ClientTable,
  clientTable,
  columnsOf,
  createClientTable,
  ensureClientKey,
  ensureClientSchema,
  flipView,
  generationOf,
  indexGenerationKey,
  transaction,
} from "@inlet/database";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildProfile, givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let operator: { authorization: string };
const TABLES = "/v1/clients/spring/projects/retail/tables";

const profile = buildProfile({
  client: "spring",
  project: "retail",
  tables: [
    {
      name: "goods",
      description: "What there is to buy",
      mode: "upsert",
      key: ["sku"],
      columns: [
        { name: "sku", type: "string" },
        { name: "big", type: "integer" },
        { name: "price", type: "decimal", precision: 12, scale: 2 },
        { name: "sold", type: "boolean" },
        { name: "day", type: "date" },
        { name: "at", type: "timestamp" },
        { name: "order", type: "integer" },
        { name: "select", type: "string" },
      ],
    },
    { name: "log", columns: [{ name: "text", type: "string" }] },
    { name: "stock", mode: "replace", key: ["id"], columns: [{ name: "id", type: "integer" }] },
    {
      name: "wide",
      columns: Array.from({ length: 1_598 }, (_, index) => ({ name: `c${index}`, type: "string" as const })),
    },
    { name: "never", columns: [{ name: "id", type: "integer" }] },
  ],
} satisfies Partial<ProfileInput> & Pick<ProfileInput, "client" | "project">);
const tables = profileSchema.parse(profile).tables;
const relationOf = (name: string) => clientTable("spring", "retail", name);

async function givenTable(name: string): Promise<ClientTable> {
  const relation = relationOf(name);
  await transaction(hub.database, async (tx) => {
    await ensureClientSchema(tx, relation);
    await createClientTable(tx, relation, columnsOf(tables.find((table) => table.name === name)!));
  });
  return relation;
}

/** A generation of `stock` with these ids, which its view shows from now on. */
async function givenStock(batchId: number, ids: readonly number[]): Promise<void> {
  const view = relationOf("stock");
  const generation = generationOf(view, batchId);
  await transaction(hub.database, async (tx) => {
    await createClientTable(tx, generation, [{ name: "id", type: "bigint" }]);
    await tx.client.query(
      `INSERT INTO ${generation.schema}.${generation.name} (_batch, _record, id) SELECT $1, n, n FROM unnest($2::bigint[]) n`,
      [batchId, ids],
    );
    await indexGenerationKey(tx, generation, ["id"]);
    await flipView(tx, { view, generation, columns: ["id"], lockTimeoutMs: 2_000 });
  });
}

beforeAll(async () => {
  hub = await openTestHub();
  await transaction(hub.database, (tx) =>
    applyProfile(tx, { profile: profileSchema.parse(profile), appliedBy: "test" }),
  );
  await givenProject(hub.database, "iris", "retail");
  operator = await hub.as("operator");
  const goods = await givenTable("goods");
  await transaction(hub.database, (tx) => ensureClientKey(tx, goods, ["sku"]));
  await hub.sql`INSERT INTO client_spring.retail__goods (_batch, _record, sku, big, price, sold, day, at, "order", "select") VALUES
    (7, 1, 'a', 9007199254740993, 12.50, true, '2026-11-20', '2026-11-20T09:00:00.123456+02', 1, '=1+1'),
    (7, 2, 'b', -5, -0.01, false, '2026-11-21', '2026-11-20T09:00:00Z', 2, 'a,"b"'),
    (7, 3, 'c', NULL, NULL, NULL, NULL, NULL, 3, ''),
    (8, 1, 'd', 9007199254740991, 100, true, '0001-01-01', '2026-01-01', 3, NULL),
    (8, 2, 'e%_', 5, 1, false, '2026-11-20', '2026-01-01', 4, '@SUM(A1)')`;
  await givenTable("log");
  await hub.sql`INSERT INTO client_spring.retail__log (_batch, _record, text) SELECT n / 100, n % 100, 'line ' || (n % 7) FROM generate_series(1, 250) n`;
  // A person wrote these by hand.
  await hub.sql`INSERT INTO client_spring.retail__log (text) VALUES ('by hand')`;
  await givenStock(41, [1, 2, 3, 4, 5]);
  await givenTable("wide");
  await hub.sql`INSERT INTO client_spring.retail__wide (_batch, _record, c0, c1597) VALUES (1, 1, 'first', 'last')`;
});
afterAll(() => hub?.close());

const get = (url: string, headers: Record<string, string> = operator) => hub.app.inject({ url, headers });
async function rows(query: string, table = "goods") {
  const response = await get(`${TABLES}/${table}/rows?${query}`);
  expect(response.statusCode, response.body).toBe(200);
  return response.json();
}
const skus = async (query: string) => (await rows(query)).rows.map(({ sku }: { sku: string }) => sku);

test("cells are typed: numbers that a double cannot hold and decimals are strings", async () => {
  const {
    columns,
    rows: [first, , third],
  } = await rows("");
  expect(first).toEqual({
    _batch: 7,
    _record: 1,
    sku: "a",
    big: "9007199254740993",
    price: "12.50",
    sold: true,
    day: "2026-11-20",
    at: "2026-11-20T07:00:00.123456Z",
    order: 1,
    select: "=1+1",
  });
  expect(third).toMatchObject({ big: null, price: null, sold: null, day: null, at: null, select: "" });
  expect(columns.map(({ name, type }: { name: string; type: string }) => `${name} ${type}`)).toEqual([
    "_batch integer",
    "_record integer",
    "sku string",
    "big integer",
    "price decimal",
    "sold boolean",
    "day date",
    "at timestamp",
    "order integer",
    "select string",
  ]);
});

describe("filters", () => {
  test.each([
    ["sku=eq:a", ["a"]],
    ["sku=ne:a", ["b", "c", "d", "e%_"]],
    ["big=ne:5", ["a", "b", "c", "d"]],
    ["big=eq:9007199254740993", ["a"]],
    ["price=gte:12.5", ["a", "d"]],
    ["price=lt:0.005", ["b"]],
    ["sold=eq:true", ["a", "d"]],
    ["day=gt:2026-11-20", ["b"]],
    ["at=lte:2026-11-20T09:00:00%2B02:00", ["d", "e%_"]],
    ["day=null:true", ["c"]],
    ["day=null:false&sold=eq:false", ["b", "e%_"]],
    ["sku=prefix:e%25", ["e%_"]],
    ["sku=prefix:%25", []],
    ["sku=in:a,c,nothing", ["a", "c"]],
    ['select=in:"a,""b""",%3D1%2B1', ["a", "b"]],
    ["where.order=eq:3", ["c", "d"]],
    ["big=gt:-10&big=lt:6", ["b", "e%_"]],
    ["_batch=eq:8", ["d", "e%_"]],
    ["order=-order,sku", ["e%_", "c", "d", "b", "a"]],
    ["order=-price", ["c", "d", "a", "e%_", "b"]],
    ["order=price", ["b", "e%_", "a", "d", "c"]],
  ])("%s", async (query, expected) => {
    expect(await skus(query)).toEqual(expected);
  });

  test.each([
    "nothing=eq:1",
    "big=eq:abc",
    "big=eq:99999999999999999999",
    "big=1",
    "big=like:1",
    "big=prefix:1",
    "price=eq:1e5",
    "price=eq:NaN",
    "sold=gt:true",
    "sold=eq:yes",
    "day=eq:2026-02-30",
    "day=eq:today",
    "at=eq:now",
    "at=eq:infinity",
    "sku=eq:%00",
    'sku=in:"a',
    "day=null:maybe",
    "order=sku,sku",
    "order=nothing",
    "order=sku;drop table x",
    "columns=sku,nothing",
    "columns=sku,sku",
    "limit=0",
    "limit=1001",
    "cursor=abc",
    "ctid=eq:(0,1)",
    "tableoid=null:false",
    "sku%22%20IS%20NULL%20OR%20%221=eq:1",
    `big=${Array.from({ length: 51 }, () => "eq:1").join("&big=")}`,
  ])("%s is refused, with what to do", async (query) => {
    const response = await get(`${TABLES}/goods/rows?${query}`);
    expect(response.statusCode, response.body).toBe(400);
    expect(response.json().code).toMatch(/^(request|cursor)_invalid$/);
  });

  test.each(["' OR '1'='1", "\\'; DROP TABLE client_spring.retail__goods; --", "$1", "a'::text)--", "\u{1f600}"])(
    "the text %j is nothing but a text",
    async (text) => {
      const query = `select=eq:${encodeURIComponent(text)}`;
      expect(await skus(query)).toEqual([]);
      const csv = await get(`${TABLES}/goods/rows?format=csv&columns=sku&${query}&sku=in:${encodeURIComponent(text)}`);
      expect([csv.statusCode, csv.body]).toEqual([200, "sku\n"]);
    },
  );
});

describe("pages", () => {
  const all = async (table: string, query: string) => {
    const found: Record<string, unknown>[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page = await rows(`${query}&limit=2${next === "" ? "" : `&cursor=${next}`}`, table);
      found.push(...page.rows);
      next = page.next;
    }
    return found;
  };

  test.each([
    "",
    "order=-price",
    "order=price",
    "order=-day,sold",
    "order=sold,-at",
    "order=-order",
    "sold=null:false",
  ])("go through every row once: %s", async (query) => {
    expect(await all("goods", query)).toEqual((await rows(`${query}&limit=1000`)).rows);
  });

  test("go through a table without a key, rows that a person put there too", async () => {
    const found = await all("log", "text=ne:line%201");
    expect(found).toEqual((await rows("text=ne:line%201&limit=1000", "log")).rows);
    expect(found.at(-1)).toMatchObject({ _batch: null, _record: null, text: "by hand" });
  });

  test("stay where they are while rows are added and taken before them", async () => {
    const first = await rows("limit=2");
    await hub.sql`INSERT INTO client_spring.retail__goods (_batch, _record, sku) VALUES (9, 1, 'aa')`;
    await hub.sql`DELETE FROM client_spring.retail__goods WHERE sku = 'b'`;
    const second = await rows(`limit=2&cursor=${first.next}`);
    await hub.sql`DELETE FROM client_spring.retail__goods WHERE sku = 'aa'`;
    await hub.sql`INSERT INTO client_spring.retail__goods (_batch, _record, sku, big, price, sold, day, at, "order", "select")
      VALUES (7, 2, 'b', -5, -0.01, false, '2026-11-21', '2026-11-20T09:00:00Z', 2, 'a,"b"')`;
    expect(second.rows.map(({ sku }: { sku: string }) => sku)).toEqual(["c", "d"]);
  });

  test("belong to their filters and order, and nothing in a cursor is believed", async () => {
    const { next } = await rows("limit=2&order=price");
    for (const query of ["order=-price", "", "order=price&sold=eq:true"]) {
      const response = await get(`${TABLES}/goods/rows?limit=2&cursor=${next}&${query}`);
      expect([response.statusCode, response.json().code]).toEqual([400, "cursor_invalid"]);
    }
    const content = JSON.parse(Buffer.from(next, "base64url").toString());
    for (const after of [["1); DROP TABLE x", "b"], ["1"], ["1", "b", "c"], [1, 2], "x", null]) {
      const forged = Buffer.from(JSON.stringify({ ...content, a: after })).toString("base64url");
      const response = await get(`${TABLES}/goods/rows?limit=2&order=price&cursor=${forged}`);
      expect([response.statusCode, response.json().code]).toEqual([400, "cursor_invalid"]);
    }
  });

  test("of a table that is replaced meanwhile say so", async () => {
    const first = await rows("limit=2", "stock");
    expect(first.rows.map(({ id }: { id: number }) => id)).toEqual([1, 2]);
    await givenStock(42, [10, 11]);
    const response = await get(`${TABLES}/stock/rows?limit=2&cursor=${first.next}`);
    expect([response.statusCode, response.json().code]).toEqual([409, "table_replaced"]);
    expect((await rows("", "stock")).rows).toHaveLength(2);
  });
});

test("a reader of a table that is replaced does not hold up its next generation", async () => {
  const client = await hub.database.pool.connect();
  try {
    await client.query("BEGIN");
    const { describeImportedTable, readImportedRows } = await import("@inlet/database");
    const table = (await describeImportedTable({ client }, relationOf("stock")))!;
    const order = [{ column: "id", descending: false, neverNull: true }];
    await readImportedRows({ client }, { table, columns: ["id"], conditions: [], order }, { limit: 1 });
    await givenStock(43, [7]);
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
  expect((await rows("", "stock")).rows).toMatchObject([{ _batch: 43, id: 7 }]);
});

describe("CSV", () => {
  const csv = (query: string, headers = {}) => get(`${TABLES}/goods/rows?${query}`, { ...operator, ...headers });

  test("is the whole table, safe for a spreadsheet", async () => {
    const response = await csv("columns=sku,big,price,sold,day,at,select&order=sku", { accept: "text/csv" });
    expect(response.headers).toMatchObject({
      "content-type": "text/csv; charset=utf-8; header=present",
      "content-disposition": expect.stringContaining('filename="spring-retail-goods.csv"'),
    });
    expect(response.body.split("\n")).toEqual([
      "sku,big,price,sold,day,at,select",
      "a,9007199254740993,12.50,true,2026-11-20,2026-11-20T07:00:00.123456Z,'=1+1",
      'b,-5,-0.01,false,2026-11-21,2026-11-20T09:00:00.000000Z,"a,""b"""',
      'c,,,,,,""',
      "d,9007199254740991,100.00,true,0001-01-01,2026-01-01T00:00:00.000000Z,",
      "e%_,5,1.00,false,2026-11-20,2026-01-01T00:00:00.000000Z,'@SUM(A1)",
      "",
    ]);
  });

  test("is faithful when that is asked for, and only JSON or CSV", async () => {
    expect((await csv("columns=select&format=csv&raw=true&sku=in:a,e%25_&order=sku")).body).toBe(
      "select\n=1+1\n@SUM(A1)\n",
    );
    expect((await csv("format=json", { accept: "text/csv" })).headers["content-type"]).toContain("application/json");
    expect((await csv("", { accept: "text/csv;q=0.1, application/json" })).headers["content-type"]).toContain("json");
    expect((await csv("format=xml")).statusCode).toBe(400);
    expect((await csv("format=csv&cursor=abc")).statusCode).toBe(400);
  });

  test("escapes what `escapeFormula` escapes", async () => {
    const { escapeFormula } = await import("@inlet/delimited");
    const cells = [
      "=a",
      "+a",
      "-a",
      "@a",
      "\ta",
      "\ra",
      "\na",
      "'a",
      "\uff1da",
      "\uff0ba",
      "\uff0da",
      "\uff20a",
      "a=",
      " =a",
    ];
    await hub.sql`INSERT INTO client_spring.retail__log (_batch, _record, text) SELECT 99, n, c FROM unnest(${cells}::text[]) WITH ORDINALITY t (c, n)`;
    const response = await get(`${TABLES}/log/rows?format=csv&columns=text&_batch=eq:99&order=_record`);
    await hub.sql`DELETE FROM client_spring.retail__log WHERE _batch = 99`;
    const quoted = cells.map(escapeFormula).map((cell) => (/[\r\n"]/.test(cell) ? `"${cell}"` : cell));
    expect(response.body).toBe(`text\n${quoted.join("\n")}\n`);
  });

  test("takes three places, and gives them back when a reader goes away", async () => {
    await hub.sql`INSERT INTO client_spring.retail__log (_batch, _record, text) SELECT 77, n, repeat('x', 1000) FROM generate_series(1, 20000) n`;
    const url = await hub.app.listen({ host: "127.0.0.1", port: 0 });
    const open = (headers = operator) => fetch(`${url}${TABLES}/log/rows?format=csv`, { headers });
    const readers = await Promise.all([open(), open(), open()]);
    expect(readers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const fourth = await open();
    expect([fourth.status, fourth.headers.get("retry-after")]).toEqual([429, "10"]);
    expect(((await fourth.json()) as { code: string }).code).toBe("too_many_exports");
    // The other requests have connections all the time.
    expect((await rows("limit=1")).rows).toHaveLength(1);
    for (const reader of readers) await reader.body!.cancel();
    const status = async () => {
      const response = await open();
      await response.body!.cancel();
      return response.status;
    };
    await expect.poll(status, { timeout: 20_000 }).toBe(200);
    const whole = await (await open()).text();
    expect(whole.split("\n")).toHaveLength(20_000 + 251 + 2);
    // A client's keys together have two of them.
    const ofClient = [await open(await hub.as("client", "spring")), await open(await hub.as("client", "spring"))];
    expect(ofClient.map(({ status }) => status)).toEqual([200, 200]);
    expect((await open(await hub.as("client", "spring"))).status).toBe(429);
    const last = await open();
    expect(last.status).toBe(200);
    for (const reader of [...ofClient, last]) await reader.body!.cancel();
    await hub.sql`DELETE FROM client_spring.retail__log WHERE _batch = 77`;
  });
});

test("a table with as many columns as PostgreSQL takes can be read, and ten thousand names are too many", async () => {
  const {
    rows: [row],
  } = await rows("", "wide");
  expect(Object.keys(row)).toHaveLength(1_600);
  expect(row).toMatchObject({ c0: "first", c1: null, c1597: "last" });
  const names = Array.from({ length: 1_598 }, (_, index) => `c${index}`).join(",");
  expect((await rows(`columns=${names}`, "wide")).columns).toHaveLength(1_598);
  const many = Array.from({ length: 10_000 }, (_, index) => `c${index}`).join(",");
  const response = await get(`${TABLES}/wide/rows?columns=${many}`);
  expect(response.statusCode).toBe(400);
  expect(response.json().errors.length).toBeLessThanOrEqual(20);
});

test("a list says what each table holds, and a table says its columns", async () => {
  const { tables: listed } = (await get(TABLES)).json();
  expect(
    listed.map(({ name, exists, rows }: { name: string; exists: boolean; rows: unknown }) => [name, exists, rows]),
  ).toEqual([
    ["goods", true, { count: 5, exact: true }],
    ["log", true, { count: 251, exact: true }],
    ["stock", true, { count: 1, exact: true }],
    ["wide", true, { count: 1, exact: true }],
    ["never", false, null],
  ]);
  const goods = (await get(`${TABLES}/goods`)).json();
  expect(goods).toMatchObject({
    mode: "upsert",
    key: ["sku"],
    postgres: { schema: "client_spring", name: "retail__goods" },
  });
  expect(goods.columns[2]).toEqual({
    name: "sku",
    type: "string",
    postgresType: "text",
    key: true,
    own: false,
    live: true,
  });
  expect((await get(`${TABLES}/stock/rows`)).json().columns).toHaveLength(3);
  expect(await rows("", "never")).toMatchObject({
    rows: [],
    next: null,
    columns: [{ name: "_batch" }, { name: "_record" }, { name: "id" }],
  });
  expect((await get(`${TABLES}/never/rows?format=csv`)).body).toBe("_batch,_record,id\n");
});

test("reads that have to wait leave connections to all others, and are answered in turn", async () => {
  const blocker = await hub.database.pool.connect();
  const pending: ReturnType<typeof get>[] = [];
  try {
    await blocker.query("BEGIN; LOCK TABLE client_spring.retail__goods IN ACCESS EXCLUSIVE MODE");
    for (let asked = 0; asked < 30; asked += 1) pending.push(get(`${TABLES}/goods/rows?limit=1`));
    const refused = await Promise.race(pending);
    expect([refused.statusCode, refused.json().code]).toEqual([429, "too_many_requests"]);
    // All ten connections taken, this would wait for the lock.
    expect((await get("/v1/projects")).statusCode).toBe(200);
  } finally {
    await blocker.query("ROLLBACK");
    blocker.release();
  }
  const statuses = (await Promise.all(pending)).map(({ statusCode }) => statusCode);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(20);
});

test("only tables of the profile, and of one's own client", async () => {
  const client = await hub.as("client", "iris");
  const viewer = await hub.as("viewer");
  const other = "/v1/clients/iris/projects/retail/tables";
  const statuses = async (headers: Record<string, string>, ...urls: string[]) => {
    const answers = [];
    for (const url of urls) answers.push((await get(url, headers)).statusCode);
    return answers;
  };
  expect(await statuses(client, TABLES, `${TABLES}/goods`, `${TABLES}/goods/rows`)).toEqual([404, 404, 404]);
  expect(await statuses(client, other, `${other}/contacts`, `${other}/contacts/rows`)).toEqual([200, 200, 200]);
  // A viewer sees statuses, not the files' rows.
  expect(await statuses(viewer, `${TABLES}/goods`, `${TABLES}/goods/rows`)).toEqual([200, 403]);
  expect(
    await statuses(
      operator,
      `${TABLES}/stock__g43/rows`,
      `${TABLES}/audit/rows`,
      `${TABLES}/..%2F..%2Finlet/rows`,
      `${TABLES}/goods%22%3B/rows`,
    ),
  ).toEqual([400, 404, 400, 400]);
});
