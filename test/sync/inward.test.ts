import { profileSchema } from "@inlet/contracts";
import {
  askForReconciliation,
  clientTable,
  dismissLetter,
  dropOldRefused,
  findInwardState,
  findInwardSubscription,
  listReconciliations,
  lockInward,
  pauseSubscription,
  pollNow,
  putSecret,
  resumeSubscription,
  retryLetters,
  transaction,
  tryLockInward,
} from "@inlet/database";
import { seal } from "@inlet/runtime";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { killAt } from "../fixtures/killed-at.ts";
import { live } from "../fixtures/reception.ts";
import {
  type CatalogHub,
  catalogProfile,
  lettersOf,
  openCatalogClient,
  openCatalogHub,
  rowsOf,
  type Subscriber,
  subscriptionOf,
  waitFor,
} from "./catalog-hub.ts";
import { type OutsideShop, openOutsideShop, SHOP_SECRET, signed } from "./outside-shop.ts";

let hub: CatalogHub;
let shops: OutsideShop[] = [];
let number = 0;
beforeAll(async () => {
  hub = await openCatalogHub(["syncer"], { INWARD_BODY_BYTES: "20000", RETRY_MS: "20" });
});
afterEach(async () => {
  for (const each of shops) await each.close();
  shops = [];
});
afterAll(() => hub?.stop());

/** A client whose catalog is kept in step with a shop. */
async function openPair(
  subscriber: Partial<Subscriber> = {},
  { profile: overrides = {}, tells }: { profile?: object; tells?: { time?: boolean; version?: boolean } } = {},
) {
  number += 1;
  const slug = `inward${number}`;
  const shop = await openOutsideShop({ tells: tells ?? {} });
  shops.push(shop);
  const definition: Subscriber = {
    ...{ name: "shop", use: "outside_shop", settings: { url: shop.url }, secrets: { secret: "shop_key" } },
    inward: { by: "webhook" },
    ...subscriber,
  };
  // The secret is there before the subscription is.
  const quiet = await openCatalogClient(hub, catalogProfile(slug, [], overrides));
  const { clientId } = quiet;
  const sealed = seal(Buffer.from(hub.stack.key, "base64"), Buffer.from(SHOP_SECRET), `secret:${clientId}`);
  await putSecret(hub.database, { clientId, name: "shop_key", sealed });
  const profile = catalogProfile(slug, [definition], overrides);
  await live(hub.database, profile);
  const row = await waitFor(() => subscriptionOf(hub, quiet), "the subscription");
  const url = `http://127.0.0.1:${hub.stack.ports.syncer}/in/${slug}/spring/shop`;
  return { ...quiet, slug, shop, profile, url, subscriptionId: row.id };
}
type Pair = Awaited<ReturnType<typeof openPair>>;

const post = (url: string, request: RequestInit) => fetch(url, request);
let events = 0;
/** A webhook of the shop's, right in every way. */
const tell = ({ url }: { url: string }, ...items: object[]) => {
  events += 1;
  return post(url, signed(items, { eventId: `evt_${events}` }));
};

async function items({ slug }: Pair): Promise<Map<string, { name: string; amount: string | null }>> {
  const { name } = clientTable(slug, "spring", "rows");
  const { schema } = clientTable(slug, "spring", "rows");
  const { rows } = await hub.database.pool
    .query(`SELECT id::text, name, amount::text FROM "${schema}"."${name}" ORDER BY id`)
    .catch(() => ({ rows: [] }));
  return new Map(rows.map(({ id, name, amount }) => [id, { name, amount }]));
}
const changesOf = async ({ slug: _, projectId }: Pair) => {
  const { rows } = await hub.database.pool.query(
    `SELECT h.key, h.version, h.operation, h.origin, h.cause FROM inlet.catalog_changes h JOIN inlet.catalogs c
     ON c.id = h.catalog_id WHERE c.project_id = $1 ORDER BY h.id`,
    [projectId],
  );
  return rows as { key: string; version: number; operation: string; origin: string; cause: string }[];
};
const stateOf = ({ subscriptionId }: Pair) => findInwardState(hub.database, subscriptionId);
const named = (pair: Pair, key: string, name: string | undefined) =>
  waitFor(async () => (await items(pair)).get(key)?.name === name, `item ${key} to be ${name}`);
/** Nothing is under way any more: all events worked on, all changes settled, no key parked. */
const atRest = (pair: Pair) =>
  waitFor(async () => {
    const { rows } = await hub.database.pool.query(
      `SELECT NOT EXISTS (SELECT FROM inlet.inward_events WHERE subscription_id = s.id AND state = 'waiting')
         AND NOT EXISTS (SELECT FROM inlet.sync_letters WHERE subscription_id = s.id AND state = 'retrying')
         AND s.wants_backfill IS NULL AND s.backfill_until IS NULL
         AND NOT EXISTS (SELECT FROM inlet.catalog_changes WHERE catalog_id = s.catalog_id AND (seq IS NULL OR seq > s.cursor)
           AND s.definition -> 'outward' <> 'false') AS rests
       FROM inlet.subscriptions s WHERE s.id = $1`,
      [pair.subscriptionId],
    );
    return rows[0].rests === true;
  }, "everything to come to rest");

test("an event is stored, answered, applied once, and what it says is forgotten", async () => {
  const pair = await openPair();
  const request = signed([{ id: "s1", fields: { id: 1, name: "lamp", amount: 12.5 } }], { eventId: "first" });
  const answers = [await post(pair.url, request), await post(pair.url, request)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  await named(pair, "1", "lamp");
  expect((await post(pair.url, request)).status).toBe(200);
  await atRest(pair);
  expect(await changesOf(pair)).toEqual([
    { key: "1", version: 1, operation: "put", origin: "shop", cause: "event first" },
  ]);
  const { rows } = await hub.database.pool.query(
    "SELECT state, body, changed, refused FROM inlet.inward_events WHERE subscription_id = $1",
    [pair.subscriptionId],
  );
  expect(rows).toEqual([{ state: "done", body: null, changed: 1, refused: 0 }]);
  // It came from there, and is not sent back.
  expect(pair.shop.requests).toEqual([]);
  expect(await stateOf(pair)).toMatchObject({ changed: 1, unchanged: 0, refused: 0, waiting: 0, turnedAway: 0 });
});

test("who cannot prove who he is is turned away, counted, and learns nothing", async () => {
  const pair = await openPair();
  const good = signed([], { eventId: "evt" });
  const foreign = signed([], { eventId: "evt", secret: `whsec_${Buffer.from("another one").toString("base64")}` });
  const old = signed([], { eventId: "evt", atMs: Date.now() - 6 * 60_000 });
  const changed = { ...good, body: `${good.body} ` };
  const statuses = [];
  for (const request of [foreign, old, changed, { method: "POST", body: "{}" }])
    statuses.push((await post(pair.url, request)).status);
  expect(statuses).toEqual([401, 401, 401, 401]);
  const state = await waitFor(async () => {
    const found = await stateOf(pair);
    return found?.turnedAway === 4 && found;
  }, "the count");
  expect(state.turnedAwayReason).toContain("webhook-signature are needed");

  const base = pair.url.replace(/\/in\/.*/, "");
  const elsewhere = [
    `${pair.url}x`,
    `${base}/in/${pair.slug}/spring`,
    `${base}/in/a%00b/spring/shop`,
    base,
    `${base}/metrics`,
  ];
  const answers = await Promise.all(elsewhere.map((url) => post(url, good)));
  const bodies = await Promise.all([...answers, await fetch(pair.url)].map((answer) => answer.text()));
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  expect(new Set(bodies).size).toBe(1);
  const long = signed([{ id: "s1", fields: { id: 1, name: "x".repeat(30_000) } }], { eventId: "long" });
  expect((await post(pair.url, long)).status).toBe(413);
  expect((await items(pair)).size).toBe(0);
});

test("answers come within 50 ms of the request", async () => {
  const pair = await openPair();
  await tell(pair);
  const times: number[] = [];
  for (let place = 1; place <= 12; place += 1) {
    const startedMs = performance.now();
    await tell(pair, { id: `s${place}`, fields: { id: place, name: "quick" } });
    times.push(performance.now() - startedMs);
  }
  times.sort((one, other) => one - other);
  // The machine of the tests is shared: the quicker ones tell what the hub itself takes.
  expect(times[3]).toBeLessThan(50);
  await waitFor(async () => (await items(pair)).size === 12, "all of them");
});

test("faulty items are kept with their findings, others go on, and what is mended is taken", async () => {
  const pair = await openPair({ outward: false });
  await tell(
    pair,
    { id: "s1", fields: { id: 1, name: "good", amount: "1,5" } },
    { id: "s2", fields: { id: 2, name: "good" } },
    { id: "s3", fields: { name: "nobody" } },
    { id: "s4", fields: { id: 4, amount: true } },
  );
  await named(pair, "2", "good");
  await tell(pair, { id: "s2", fields: { amount: 7 } }, { id: "s9", isRemoved: true, fields: {} });
  await waitFor(async () => (await items(pair)).get("2")?.amount === "7.00", "the part");
  expect([...(await items(pair)).keys()]).toEqual(["2"]);
  const letters = await lettersOf(hub, pair);
  expect(letters.map(({ key, state, direction }) => [key, state, direction])).toEqual([
    ["1", "dead", "in"],
    [null, "dead", "in"],
    ["4", "dead", "in"],
  ]);
  expect(letters[0]).toMatchObject({
    error: { code: "item_invalid", message: expect.stringContaining("rows 1: ") },
    findings: [{ column: "amount", code: "not_a_decimal", value: "1,5" }],
    body: { sealed: expect.any(String), mark: expect.any(String), receivedAt: expect.any(String) },
  });
  // Somebody lets every amount in, and says which items are to be tried again.
  const { profile } = pair;
  const [subscriber] = profile.catalogs[0]!.subscribers;
  const fields = { id: "id", name: "name" };
  const mended = { ...profile, catalogs: [{ ...profile.catalogs[0], subscribers: [{ ...subscriber, fields }] }] };
  await live(hub.database, profileSchema.parse(mended));
  await waitFor(async () => (await subscriptionOf(hub, pair))?.definition.fields !== undefined, "the new fields");
  const ids = letters.slice(0, 2).map(({ id }) => id);
  await retryLetters(hub.database, { subscriptionId: pair.subscriptionId, ids });
  await named(pair, "1", "good");
  const [left] = await waitFor(async () => {
    const found = await lettersOf(hub, pair);
    return found.length === 2 && found[0]?.attempts === 1 && found;
  }, "the second try");
  expect(left).toMatchObject({ key: null, state: "dead", findings: [{ code: "key_unknown" }] });
  // A later word of the same item takes the letter's place.
  await tell(pair, { id: "s4", fields: { id: 4, name: "one" } });
  await named(pair, "4", "one");
  expect((await lettersOf(hub, pair)).map(({ key }) => key)).toEqual([null]);
  // What is dismissed is not kept for ever.
  const { subscriptionId } = pair;
  await dismissLetter(hub.database, { subscriptionId, id: left!.id, actor: "test", reason: "theirs" });
  expect(await dropOldRefused(hub.database, { days: 90, limit: 10 })).toBe(0);
  await hub.database.pool.query(
    "UPDATE inlet.sync_letters SET changed_at = changed_at - interval '91 days' WHERE id = $1",
    [left!.id],
  );
  expect(await dropOldRefused(hub.database, { days: 90, limit: 10 })).toBe(1);
});

test("what PostgreSQL cannot keep as text is refused of its item alone", async () => {
  const pair = await openPair({ outward: false });
  await tell(
    pair,
    { id: "s\0", fields: { id: 1, name: "its id" }, version: "v\0" },
    { id: "s2", fields: { id: 2, name: "a\0b", note: "n\0\ud800" } },
    { id: "s3", fields: { id: "\0", name: "its key" } },
    { id: "s4", fields: { id: 4, name: "good", note: "n\0\ud800" } },
    { id: "s5", fields: { id: 5, name: "good\ud800" } },
  );
  await named(pair, "4", "good");
  await tell(pair, { id: "s6", fields: { id: 6, name: "behind it" } });
  await named(pair, "6", "behind it");
  const letters = await lettersOf(hub, pair);
  expect(letters.map(({ state, findings }) => `${state} ${JSON.stringify(findings)}`)).toEqual(
    ["id", "name", "id", "name"].map((what) => expect.stringMatching(`dead .*text_unusable.*${what} holds`)),
  );
  expect([...(await items(pair)).keys()]).toEqual(["4", "6"]);
});

test("what is pushed out and echoed is no change, and what changes there comes in, also in the middle of it", async () => {
  const pair = await openPair({}, { tells: { time: true } });
  const { shop } = pair;
  shop.onChange(({ item }) => void tell(pair, item));
  await pair.write(rowsOf(1, 20, "ours"));
  await waitFor(() => shop.items().size === 20, "the shop to have them");
  shop.change("3", { name: "theirs" });
  await pair.put({ id: "4", name: "ours again" });
  shop.change("5", null);
  await named(pair, "3", "theirs");
  await named(pair, "5", undefined);
  await waitFor(() => shop.items().get("4")?.name === "ours again", "the change there");
  await atRest(pair);
  const changes = await changesOf(pair);
  expect(
    changes
      .slice(20)
      .map(({ key, operation, origin }) => `${origin} ${operation} ${key}`)
      .sort(),
  ).toEqual(["api put 4", "shop put 3", "shop remove 5"]);
  // 21 changes of ours and two of theirs: each is sent, and at most once more, where both sides may have met on the way.
  expect(shop.requests.length).toBeLessThanOrEqual(2 * (21 + 2));
});

test("a poll begins with everything, goes on from its cursor, and stands back while nobody answers", async () => {
  const pair = await openPair({ inward: { by: "poll", everySeconds: 1 } });
  const { shop } = pair;
  for (let key = 1; key <= 250; key += 1) shop.change(`${key}`, { id: key, name: "there", amount: 1 });
  await pollSoon(pair);
  await waitFor(async () => (await items(pair)).size === 250, "everything");
  shop.refuse({ status: 503 });
  await pollSoon(pair);
  await waitFor(async () => ((await stateOf(pair))?.failures ?? 0) >= 2, "failures");
  expect((await stateOf(pair))?.error).toMatchObject({ code: "outside_unavailable" });
  shop.change("7", { name: "changed" });
  shop.change("8", null);
  shop.refuse(undefined);
  await named(pair, "7", "changed");
  await named(pair, "8", undefined);
  expect(await stateOf(pair)).toMatchObject({ isFirstDone: true, failures: 0, error: null, changed: 252 });
  const { rows } = await hub.database.pool.query("SELECT cursor FROM inlet.inward_states WHERE subscription_id = $1", [
    pair.subscriptionId,
  ]);
  expect(rows[0].cursor).toBe("252");
});

const pollSoon = ({ subscriptionId }: Pair) => pollNow(hub.database, { subscriptionId, fromStart: false });

test("a page that was asked for before our push undoes nothing", async () => {
  const pair = await openPair({ inward: { by: "poll", everySeconds: 1 } });
  const { shop } = pair;
  await pair.put({ id: "1", name: "first", amount: "1" });
  await waitFor(() => shop.items().get("1")?.name === "first", "the first push");
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let isHeld = false;
  shop.holdAnswers(async (path) => {
    if (path !== "/changes" || isHeld) return;
    isHeld = true;
    await released;
  });
  shop.change("1", { amount: 5 });
  await pollSoon(pair);
  await waitFor(() => isHeld, "a page under way");
  await pair.put({ id: "1", name: "second" });
  await waitFor(() => shop.items().get("1")?.name === "second", "the second push");
  await atRest(pair);
  const pages = () => shop.requests.filter((each) => each === "GET /changes").length;
  const before = pages();
  release();
  // The page that is asked for again says what became of it: our push was whole.
  await waitFor(() => pages() > before, "the same page once more");
  await pollSoon(pair);
  await waitFor(() => pages() > before + 1, "the next page");
  await atRest(pair);
  expect((await items(pair)).get("1")?.name).toBe("second");
  const there = shop.items().get("1")!;
  expect({ name: there.name, amount: Number(there.amount) }).toEqual({
    name: "second",
    amount: Number((await items(pair)).get("1")?.amount),
  });
});

test("what is paused keeps what comes, and works on it when it goes on", async () => {
  const pair = await openPair();
  await pauseSubscription(hub.database, { id: pair.subscriptionId, actor: "test" });
  expect((await tell(pair, { id: "s1", fields: { id: 1, name: "later" } })).status).toBe(200);
  expect((await stateOf(pair))?.waiting ?? 1).toBe(1);
  expect((await items(pair)).size).toBe(0);
  await resumeSubscription(hub.database, pair.subscriptionId);
  await named(pair, "1", "later");
  // Who is at it when it is paused, redefined, or its project taken back, takes nothing more.
  const known = await findInwardSubscription(hub.database, { client: pair.slug, project: "spring", name: "shop" });
  const locks = () =>
    transaction(hub.database, async (tx) => [await tryLockInward(tx, known!), await lockInward(tx, known!)]);
  expect(await waitFor(async () => (await locks()).every(Boolean), "its turn")).toBe(true);
  await pauseSubscription(hub.database, { id: pair.subscriptionId, actor: "test" });
  expect(await locks()).toEqual([false, false]);
  await resumeSubscription(hub.database, pair.subscriptionId);
  expect(await locks()).toEqual([false, false]);
});

test("comparing both sides finds what has drifted apart, and mends it", async () => {
  const pair = await openPair({}, { tells: {} });
  const { shop } = pair;
  await pair.write(rowsOf(1, 60, "same"));
  await waitFor(() => shop.items().size === 60, "the shop to have them");
  await atRest(pair);
  shop.damage("1", null);
  shop.damage("2", { id: 2, name: "other", amount: 1.5 });
  shop.damage("99", { id: 99, name: "unheard of", amount: 2 });
  const looked = await compare(pair, false);
  expect(looked).toMatchObject({
    ...{ here: 60, there: 60, alike: 58, missingThere: 1, missingHere: 1, different: 1, inFlight: 0, invalid: 0 },
    ...{ sent: 0, taken: 0, left: 3, caution: null },
    samples: [
      { kind: "different", key: "2", columns: ["name"] },
      { kind: "missing_here", key: "99", columns: [] },
      { kind: "missing_there", key: "1", columns: [] },
    ],
  });
  expect((await items(pair)).get("2")?.name).toBe("same");
  expect(await compare(pair, true)).toMatchObject({ different: 1, taken: 3, sent: 0, left: 0 });
  await atRest(pair);
  const here = await items(pair);
  expect([here.size, here.get("2")?.name, here.has("1"), here.get("99")?.name]).toEqual([
    60,
    "other",
    false,
    "unheard of",
  ]);
  expect(await compare(pair, true)).toMatchObject({ alike: 60, missingThere: 0, missingHere: 0, different: 0 });
  // A list that breaks off does not empty the catalog.
  for (const key of [...shop.items().keys()].slice(0, 40)) shop.damage(key, null);
  expect(await compare(pair, true)).toMatchObject({
    missingThere: 40,
    taken: 0,
    left: 40,
    caution: expect.any(String),
  });
  expect((await items(pair)).size).toBe(60);
  for (const key of shop.items().keys()) shop.damage(key, null);
  expect(await compare(pair, true)).toMatchObject({ there: 0, missingThere: 60, taken: 0, left: 60 });
});

async function compare({ subscriptionId }: Pair, mend: boolean) {
  const id = await askForReconciliation(hub.database, { subscriptionId, mend, actor: "test" });
  const ended = await waitFor(async () => {
    const [found] = await listReconciliations(hub.database, { subscriptionId, limit: 1 });
    return found?.id === id && found.endedAt !== null && found;
  }, "the comparison");
  expect(ended.error).toBeNull();
  return ended.result;
}

test("outward alone: ours is sent again, and what is only there is reported", async () => {
  const pair = await openPair({ inward: undefined, reconcile: { at: "daily 03:00" } } as Partial<Subscriber>);
  const { shop } = pair;
  await pair.write(rowsOf(1, 5, "ours"));
  await waitFor(() => shop.items().size === 5, "the shop to have them");
  await atRest(pair);
  shop.damage("1", null);
  shop.damage("2", { id: 2, name: "other" });
  shop.damage("99", { id: 99, name: "theirs" });
  expect(await compare(pair, true)).toMatchObject({ sent: 2, left: 1, taken: 0 });
  await waitFor(() => shop.items().get("1")?.name === "ours" && shop.items().get("2")?.name === "ours", "the mending");
  expect((await items(pair)).has("99")).toBe(false);
});

test.each(["inward.stored", "inward.before-commit", "inward.committed"])(
  "killed at %s: the sender asks again, and it is one change",
  async (point) => {
    const pair = await openPair();
    await tell(pair);
    const killing = await killAt(hub, point);
    const request = signed([{ id: "s1", fields: { id: 1, name: "once" } }], { eventId: `crash ${point}` });
    const status = await waitFor(async () => {
      const answer = await post(pair.url, request).catch(() => undefined);
      return answer?.ok && answer.status;
    }, "an answer");
    expect(status).toBe(200);
    await killing.over();
    await named(pair, "1", "once");
    await atRest(pair);
    expect(await changesOf(pair)).toHaveLength(1);
  },
);

test("while PostgreSQL is away senders are asked to come again", async () => {
  const pair = await openPair();
  await tell(pair);
  await hub.stack.process("postgres").stop();
  const answer = await tell(pair, { id: "s1", fields: { id: 1, name: "lost?" } });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "5"]);
  await hub.stack.process("postgres").start();
  await waitFor(async () => {
    const again = await tell(pair, { id: "s1", fields: { id: 1, name: "kept" } }).catch(() => undefined);
    return again?.status === 200;
  }, "the listener to take events again");
  await named(pair, "1", "kept");
});
