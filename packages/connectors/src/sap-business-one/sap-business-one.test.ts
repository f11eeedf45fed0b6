import { type AppError, type Pull, pullSchema, type System, systemSchema } from "@inlet/contracts";
import { openRemoteHttp, type RemoteHttp, type RetryPolicy } from "@inlet/remote-http";
import { openRemoteNetwork } from "@inlet/remote-network";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { BrokenAnswer } from "../broken-answer.ts";
import type { PageContent, PagePlaces, Position, PullRequest } from "../connector.ts";
import {
  type Fault,
  type Row,
  type ServiceLayer,
  type ServiceLayerOptions,
  startServiceLayer,
} from "../testing/index.ts";
import { sapBusinessOne } from "./sap-business-one.ts";

type SapSystem = Extract<System, { connector: "sap_business_one" }>;
interface Page extends PageContent {
  items: Row[];
}

const http = openRemoteHttp({ network: openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] }) });
afterAll(() => http.close());

const FAST: Partial<RetryPolicy> = { firstWaitMs: 1, longestWaitMs: 2 };
const ITEMS: Row[] = Array.from({ length: 95 }, (_, index) => ({
  ItemCode: `A${String(index * 7).padStart(4, "0")}`,
  ItemName: `It's no. ${index}`,
  BarCode: index % 2 === 0 ? `400000000${index}` : null,
  QuantityOnStock: index / 4,
  Valid: index % 5 === 0 ? "tNO" : "tYES",
  CreateDate: "2026-10-01",
  CreateTime: "08:00:00",
  UpdateDate: index < 60 ? "2026-11-19" : "2026-11-20",
  UpdateTime: `10:${String(index % 60).padStart(2, "0")}:00`,
  ItemPrices: [{ PriceList: 1, Price: index }],
}));

let layer: ServiceLayer;
let connected: ReturnType<typeof sapBusinessOne.open>[] = [];
const opened: ServiceLayer[] = [];

beforeAll(async () => {
  layer = await start();
});
beforeEach(() => {
  layer.faults.clear();
  (layer.requests as unknown[]).length = 0;
});
afterEach(async () => {
  for (const system of connected) await system.close();
  connected = [];
});
afterAll(async () => {
  for (const server of opened) await server.close();
});

async function start(options: ServiceLayerOptions = {}): Promise<ServiceLayer> {
  const server = await startServiceLayer({ items: ITEMS, ...options });
  opened.push(server);
  return server;
}

function open(server = layer, system: Partial<SapSystem> = {}, password = server.password, by: RemoteHttp = http) {
  const { url, company, username } = server;
  const settings = { connector: "sap_business_one", url, company, username, secret: "sap", ...system };
  const seen: string[] = [];
  const parsed = systemSchema.parse(settings) as SapSystem;
  const one = sapBusinessOne.open(parsed, {
    http: by,
    secret: async () => password,
    retries: FAST,
    onRetry: ({ reason }) => void seen.push(reason),
  });
  connected.push(one);
  return Object.assign(one, { retried: seen });
}

const pullOf = (pull: Partial<Pull> = {}): Pull =>
  pullSchema.parse({ table: "items", resource: "Items", pageSize: 20, ...pull });

const asked = (pull: Partial<Pull> = {}, rest: Partial<PullRequest> = {}): PullRequest => ({
  pull: pullOf(pull),
  since: null,
  from: null,
  paths: ["ItemCode", "ItemName"],
  key: ["ItemCode"],
  signal: AbortSignal.timeout(20_000),
  ...rest,
});

function read(body: Buffer, { items: way, beside = {}, ofLast = {} }: PagePlaces): Page {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    throw new BrokenAnswer("cut off", body.length);
  }
  const at = (from: unknown, names: readonly string[]) =>
    names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], from);
  const items = at(answer, way) as Row[];
  const texts = (from: unknown, places: Readonly<Record<string, readonly string[]>>) =>
    Object.fromEntries(
      Object.entries(places).map(([name, place]) => [name, at(from, place) == null ? null : String(at(from, place))]),
    );
  return { items, itemCount: items.length, beside: texts(answer, beside), ofLast: texts(items.at(-1), ofLast) };
}

async function all(system: ReturnType<typeof open>, request = asked()) {
  const pages: { number: number; items: Row[]; next: Position | null }[] = [];
  for await (const { number, content, next } of system.pages(request, read))
    pages.push({ number, items: content.items, next });
  return { pages, codes: pages.flatMap(({ items }) => items.map(({ ItemCode }) => ItemCode)) };
}

const failing = (working: Promise<unknown>): Promise<AppError> =>
  working.then(
    () => expect.unreachable("it should have failed"),
    (error: AppError) => error,
  );
const questions = (server = layer) => server.requests.filter(({ query }) => query.$select !== undefined);
const everyCode = ITEMS.map(({ ItemCode }) => ItemCode);

test.each([1, 2] as const)(
  "version %i: counts, reads all pages by key, and asks for the needed fields alone",
  async (version) => {
    const system = open(layer, { url: layer.urlOf(version) });
    const request = asked();
    await system.checkAccess([request.pull], request.signal);
    expect(await system.count(request)).toBe(95);
    const { pages, codes } = await all(system, request);
    expect(codes).toEqual(everyCode);
    expect(pages.map(({ number, items }) => [number, items.length])).toEqual([
      [1, 20],
      [2, 20],
      [3, 20],
      [4, 20],
      [5, 15],
    ]);
    expect(pages.at(-1)?.next).toBeNull();
    expect(Object.keys(pages[0]?.items[0] ?? {}).filter((name) => !name.startsWith("@"))).toEqual([
      "ItemCode",
      "ItemName",
    ]);
    const [, second] = questions();
    expect(second?.query.$filter).toBe("ItemCode gt 'A0133'");
    expect(second?.headers.prefer).toBe("odata.maxpagesize=20");
    expect(second?.query.$skip).toBeUndefined();
  },
);

test("one session serves all pulls of a process side by side, and the last one logs out", async () => {
  const server = await start();
  const [first, second] = [open(server), open(server)];
  const codes = await Promise.all([all(first), all(second), all(first)]);
  expect(codes.map(({ codes }) => codes.length)).toEqual([95, 95, 95]);
  expect(server.requests.filter(({ asked }) => asked === "login")).toHaveLength(1);
  await first.close();
  expect(server.sessionCount()).toBe(1);
  await second.close();
  expect(server.sessionCount()).toBe(0);
  expect(server.requests.at(-1)).toMatchObject({ asked: "logout", status: 204 });
});

test.each<[string, Fault]>([
  ["its session ended", { kind: "session_lost" }],
  ["the load balancer moved it", { kind: "node_lost" }],
  ["its session was taken for another company's", { kind: "session_muddled" }],
])("a pull goes on with the same page when %s in its middle", async (_, fault) => {
  layer.faults.add(fault, { after: 3 });
  const system = open();
  const { codes } = await all(system);
  expect(codes).toEqual(everyCode);
  expect(layer.requests.filter(({ asked }) => asked === "login")).toHaveLength(2);
});

test("a session that the load balancer moves goes on where it says", async () => {
  layer.faults.add({ kind: "node_changed" }, { after: 2 });
  expect((await all(open())).codes).toEqual(everyCode);
  expect(layer.requests.filter(({ asked }) => asked === "login")).toHaveLength(1);
});

test("a session that lay idle for about as long as SAP keeps it is renewed before it is used", async () => {
  const server = await start({ sessionMinutes: 0.001 });
  const system = open(server);
  const request = asked();
  expect(await system.count(request)).toBe(95);
  const idle = performance.now() + 60;
  await expect.poll(() => performance.now() > idle, { timeout: 2_000, interval: 10 }).toBe(true);
  expect(await system.count(request)).toBe(95);
  expect(server.requests.map(({ asked, status }) => `${asked} ${status}`)).toEqual([
    "login 200",
    "count 200",
    "login 200",
    "count 200",
  ]);
});

test.each<[string, Fault, string]>([
  ["429 with Retry-After", { kind: "status", status: 429, retryAfter: "0" }, "429"],
  ["a gateway's page", { kind: "status", status: 502 }, "502"],
  ["500", { kind: "status", status: 500 }, "500"],
  ["a reset connection", { kind: "reset" }, "http_unreachable"],
  ["an answer that is cut off", { kind: "cut" }, "http_broken"],
])("%s is asked again, and nothing is missing", async (_, fault, reason) => {
  layer.faults.add(fault, { after: 2, times: 2 });
  const system = open();
  expect((await all(system)).codes).toEqual(everyCode);
  expect(system.retried).toEqual([reason, reason]);
});

test("truncated JSON is asked again; when it stays so, the pull says which page it was", async () => {
  layer.faults.add({ kind: "truncated" }, { after: 2 });
  expect((await all(open())).codes).toEqual(everyCode);
  layer.faults.add({ kind: "truncated" }, { after: 2, times: 9 });
  const error = await failing(all(open()));
  expect(error).toMatchObject({ code: "system_answer_broken", retryable: true });
  expect(error.message).toContain("page 2 of Items");
});

test("a slow page is waited for", async () => {
  layer.faults.add({ kind: "slow", ms: 50 }, { after: 1 });
  expect((await all(open())).codes).toEqual(everyCode);
});

test("packed answers are unpacked", async () => {
  expect((await all(open(await start({ gzip: true })))).codes).toEqual(everyCode);
});

test("a page that comes again stops the pull instead of doubling rows", async () => {
  layer.faults.add({ kind: "repeat" }, { after: 3 });
  expect(await failing(all(open()))).toMatchObject({ code: "system_pages_repeat" });
});

test("an item that comes or goes meanwhile shifts no page", async () => {
  const server = await start();
  server.faults.add({ kind: "run", run: () => server.rows().splice(0, 3) }, { after: 2 });
  const { codes } = await all(open(server));
  expect(codes).toEqual(everyCode);
  expect(await open(server).count(asked())).toBe(92);
});

/** The way to the server, with other items on the third page. */
function withThirdPage(items: (rows: Row[]) => Row[]): RemoteHttp {
  let pages = 0;
  return {
    ...http,
    async request(asked) {
      const answer = await http.request(asked);
      if (asked.url.includes("select")) pages += 1;
      if (!asked.url.includes("select") || pages !== 3) return answer;
      const said = JSON.parse(answer.body.toString());
      return { ...answer, body: Buffer.from(JSON.stringify({ ...said, value: items(said.value) })) };
    },
  };
}

test("a page without items in the middle is gone past, and a last item without its key is no end", async () => {
  const openBy = (by: RemoteHttp) => open(layer, {}, layer.password, by);
  const { codes } = await all(openBy(withThirdPage(() => [])));
  expect(codes).toEqual([...everyCode.slice(0, 40), ...everyCode.slice(60)]);
  const nameless = withThirdPage((rows) => rows.map((row) => ({ ...row, ItemCode: null })));
  expect(await failing(all(openBy(nameless)))).toMatchObject({
    code: "system_answer_broken",
    message: "page 3 of Items: its last item has no ItemCode, which the next page is asked for with",
  });
});

test("a page that is left out shows in the number of items alone", async () => {
  layer.faults.add({ kind: "skip" }, { after: 2 });
  const system = open();
  const { codes } = await all(system);
  expect(codes).toHaveLength(75);
  expect(await system.count(asked())).toBe(95);
});

test("pages smaller than asked for are all read", async () => {
  const { pages, codes } = await all(open(await start({ greatestPageSize: 10 })));
  expect(codes).toEqual(everyCode);
  expect(pages).toHaveLength(10);
});

test("a pull that was broken off goes on behind the page that it had", async () => {
  const { pages } = await all(open());
  const from = pages[1]?.next ?? null;
  expect(from).toEqual({ after: "A0273", page: 3 });
  const rest = await all(open(), asked({}, { from }));
  expect(rest.codes).toEqual(everyCode.slice(40));
  expect(rest.pages[0]?.number).toBe(3);
});

test("where no field is known as the key, pages follow SAP's next links in the order of the table's key", async () => {
  const rows = Array.from({ length: 45 }, (_, index) => ({
    AbsId: index + 1,
    Name: `n${index % 7}`,
    Code: `c${index}`,
  }));
  const server = await start({ sets: { SpringShelves: { key: "AbsId", rows } }, version: 1 });
  const byName = await all(open(server), asked({ resource: "SpringShelves" }, { paths: ["Name"], key: ["Name"] }));
  expect(byName.pages.flatMap(({ items }) => items)).toHaveLength(45);
  expect(questions(server)[0]?.query.$orderby).toBe("Name");
  expect(byName.pages[0]?.next).toEqual({ link: expect.stringMatching(/^SpringShelves\?.*skip=20/), page: 2 });
  const byKey = await all(
    open(server),
    asked({ resource: "SpringShelves" }, { paths: ["Name", "AbsId"], key: ["AbsId"] }),
  );
  expect(byKey.pages[0]?.next).toEqual({ after: "20", page: 2 });
  expect(questions(server).at(-1)?.query.$filter).toBe("AbsId gt 40");
});

test("a person's filter and what changed since are asked for and counted alike", async () => {
  const system = open();
  const pull = {
    filter: "Valid eq 'tYES' or ItemCode eq 'A0000'",
    incremental: { by: "UpdateDate", kind: "time" as const, overlapSeconds: 0 },
  };
  const changed = ITEMS.filter(({ Valid, ItemCode, UpdateDate, UpdateTime }) => {
    const isWanted = Valid === "tYES" || ItemCode === "A0000";
    return isWanted && `${UpdateDate}T${UpdateTime}` >= "2026-11-20T10:10:00";
  });
  const request = asked(pull, { since: "2026-11-20T10:10:00.000Z" });
  expect(changed.length).toBeGreaterThan(10);
  expect(await system.count(request)).toBe(changed.length);
  expect((await all(system, request)).codes).toEqual(changed.map(({ ItemCode }) => ItemCode));
});

test("an item that was made and never changed counts as changed", async () => {
  const made = {
    ...ITEMS[0],
    ItemCode: "B1",
    UpdateDate: null,
    UpdateTime: null,
    CreateDate: "2026-11-21",
    CreateTime: "09:00:00",
  };
  const server = await start({ items: [...ITEMS, made] });
  const pull = { incremental: { by: "UpdateDate", kind: "time" as const, overlapSeconds: 0 } };
  expect((await all(open(server), asked(pull, { since: "2026-11-21" }))).codes).toEqual(["B1"]);
});

test("a key that only grows is asked for as what it is", async () => {
  const rows = Array.from({ length: 30 }, (_, index) => ({ DocEntry: index + 1, DocNum: 500 + index }));
  const server = await start({ sets: { Orders: { key: "DocEntry", rows } } });
  const pull = { resource: "Orders", incremental: { by: "DocEntry", kind: "key" as const, overlapSeconds: 0 } };
  const request = asked(pull, { since: "9", paths: ["DocNum"], key: ["DocNum"] });
  expect(await open(server).count(request)).toBe(21);
  const { pages } = await all(open(server), request);
  expect(pages.flatMap(({ items }) => items.map(({ DocEntry }) => DocEntry))).toEqual(
    rows.slice(9).map(({ DocEntry }) => DocEntry),
  );
});

test("an empty entity has no pages but an empty one", async () => {
  const { pages, codes } = await all(open(await start({ items: [] })));
  expect(codes).toEqual([]);
  expect(pages).toHaveLength(1);
});

test.each<[string, ServiceLayerOptions, Partial<SapSystem>, string, string]>([
  ["a wrong company", {}, { company: "SUMMER" }, "system_company_unknown", "SUMMER"],
  ["a wrong password", { password: "another" }, {}, "system_login_refused", "inlet"],
  ["a locked user", { isLocked: true }, {}, "system_user_locked", "locked the user inlet"],
  ["an entity that the user may not read", { forbidden: ["Items"] }, {}, "system_not_permitted", "may not read Items"],
])("%s is told as what it is, without the password", async (_, options, system, code, words) => {
  const error = await failing(
    open(await start(options), system, "b1-password").checkAccess([pullOf()], AbortSignal.timeout(5_000)),
  );
  expect(error).toMatchObject({ code, retryable: false });
  expect(error.message).toContain(words);
  expect(error.message).not.toContain("b1-password");
});

test("a wrong password is tried once, however many pulls there are", async () => {
  const server = await start({ password: "right" });
  const tries = [1, 2, 3, 4].map(() => failing(open(server, {}, "wrong").count(asked())));
  for (const error of await Promise.all(tries)) expect(error.code).toBe("system_login_refused");
  expect(server.requests).toHaveLength(1);
  expect(await open(server, {}, "right").count(asked())).toBe(95);
});

test.each([1, 2] as const)("version %i: unknown entities, fields and filters say what to correct", async (version) => {
  const system = open(layer, { url: layer.urlOf(version) });
  const signal = AbortSignal.timeout(5_000);
  const unknown = await failing(system.checkAccess([pullOf({ resource: "Itemz" })], signal));
  expect(unknown).toMatchObject({ code: "system_resource_unknown", context: { resource: "Itemz" } });
  const misspelt = await failing(system.checkAccess([pullOf({ fields: { name: "itemname" } })], signal));
  expect(misspelt.message).toContain("Did you mean ItemName?");
  const selected = await failing(all(system, asked({}, { paths: ["Nonsense"] })));
  expect(selected).toMatchObject({ code: "system_field_unknown" });
  const filtered = await failing(system.count(asked({ filter: "Valid is tYES" })));
  expect(filtered).toMatchObject({ code: "system_question_refused" });
  expect(filtered.message).toContain("SAP says:");
});

test("a system that stays away is told as such, and is worth another try", async () => {
  layer.faults.add({ kind: "status", status: 503 }, { times: 99 });
  const error = await failing(all(open()));
  expect(error).toMatchObject({ code: "system_failed", retryable: true });
});

test("what an item looks like", async () => {
  const shape = await open().shape(pullOf(), AbortSignal.timeout(5_000));
  const byPath = new Map(shape.map((field) => [field.path, field]));
  expect(byPath.get("ItemCode")).toMatchObject({
    type: "text",
    isOptional: false,
    samples: ["A0000", "A0007", "A0014"],
  });
  expect(byPath.get("BarCode")).toMatchObject({ isOptional: true });
  expect(byPath.get("UpdateDate")?.type).toBe("time");
  expect(byPath.get("ItemPrices")?.type).toBe("list");
  expect([...byPath.keys()].some((path) => path.startsWith("@"))).toBe(false);
});

test("a login that is cut off is worth another try; a page for people is no Service Layer", async () => {
  const server = await start();
  server.faults.add({ kind: "truncated" }, { on: "login" });
  expect(await failing(open(server).count(asked()))).toMatchObject({ code: "system_answer_broken", retryable: true });
  server.faults.add({ kind: "status", status: 404 }, { on: "login" });
  expect(await failing(open(server).count(asked()))).toMatchObject({ code: "system_not_found", retryable: false });
});

test("an address that is none of a Service Layer's is refused before it is asked", async () => {
  expect(() => open(layer, { url: "https://spring.example/api" })).toThrow(/ends in \/b1s\/v1 or \/b1s\/v2/);
});
