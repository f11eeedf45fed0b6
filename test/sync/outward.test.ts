import { type Profile, profileSchema } from "@inlet/contracts";
import {
  backfillSubscription,
  dismissLetter,
  pauseSubscription,
  putSecret,
  replaySubscription,
  resumeSubscription,
  retryLetters,
} from "@inlet/database";
import { seal } from "@inlet/runtime";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { killAt } from "../fixtures/killed-at.ts";
import { live, rehearsed } from "../fixtures/reception.ts";
import { standsStill, wake } from "../fixtures/stands-still.ts";
import {
  type CatalogClient,
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
import { openReceiver, type Receiver } from "./receiver.ts";

const SYNCERS = ["syncer", "syncer#2"];
let hub: CatalogHub;
let receiver: Receiver;
let number = 0;

beforeAll(async () => {
  hub = await openCatalogHub(["syncer", "syncer"]);
  receiver = await openReceiver();
});
afterAll(async () => {
  await receiver?.close();
  await hub?.stop();
});

/** A client with a catalog and one subscription, whose other side is the receiver under the client's name. */
async function openShop(overrides: Partial<Subscriber> = {}): Promise<CatalogClient & { slug: string }> {
  number += 1;
  const slug = `sync${number}`;
  return { slug, ...(await openCatalogClient(hub, catalogProfile(slug, [shop(slug, overrides)]))) };
}
const shop = (slug: string, overrides: Partial<Subscriber> = {}): Subscriber => ({
  ...{ name: "shop", use: "recorder", settings: { url: receiver.url(slug) } },
  ...overrides,
});
const withSubscribers = (profile: Profile, subscribers: Subscriber[]) =>
  profileSchema.parse({ ...profile, catalogs: [{ table: "rows", subscribers }] });

const settled = (slug: string, size: number) => waitFor(() => receiver.items(slug).size === size, `${size} items`);
const nameOf = (slug: string, key: string) => receiver.items(slug).get(key)?.name;
const versionsOf = (slug: string, key: string) =>
  receiver.of(slug).flatMap((change) => (change.key === key ? [change.version] : []));

/** Of each key in order, nothing left out, nothing under another idempotency key than before. */
function expectInOrder(slug: string): void {
  const idempotency = new Map<string, string>();
  for (const [key, changes] of Map.groupBy(receiver.of(slug), ({ key }) => key)) {
    let newest = 0;
    for (const { version, idempotencyKey } of changes) {
      const known = idempotency.get(`${key} ${version}`);
      expect(idempotencyKey).toBe(known ?? idempotencyKey);
      // A repetition after a crash may begin again at what was not kept yet; it never leaves anything out.
      expect(version).toBeLessThanOrEqual(newest + 1);
      idempotency.set(`${key} ${version}`, idempotencyKey);
      newest = Math.max(newest, version);
    }
    expect(changes.at(-1)!.version).toBe(newest);
  }
}

test("what is there is copied; changes follow in their order, with the name that the other side gave, and removals", async () => {
  number += 1;
  const slug = `sync${number}`;
  const client = await openCatalogClient(hub, catalogProfile(slug, []));
  const { write, put, remove, profile, projectId } = client;
  await write(rowsOf(1, 30, "first"));
  await live(hub.database, withSubscribers(profile, [shop(slug)]));
  await settled(slug, 30);
  await put({ id: "1", name: "second", amount: "2" });
  await put({ id: "1", name: "third", amount: null });
  await remove("2");
  await settled(slug, 29);
  await waitFor(() => nameOf(slug, "1") === "third", "the changes");
  expect(receiver.of(slug).filter(({ key }) => key === "1")).toMatchObject([
    { id: null, version: 1, fields: { id: 1, name: "first", amount: 1.5 } },
    { id: `${slug}:1`, version: 2, fields: { name: "second", amount: 2 } },
    { id: `${slug}:1`, version: 3, fields: { name: "third", amount: null } },
  ]);
  expectInOrder(slug);
  const row = await waitFor(async () => {
    const found = await subscriptionOf(hub, { projectId });
    return found?.pushed === 33 ? found : undefined;
  }, "what was kept");
  expect(row).toMatchObject({ state: "active", backfill_done: 30, backfill_total: 30, skipped: 0 });
  const { rows: links } = await hub.database.pool.query("SELECT key FROM sync_links WHERE subscription_id = $1", [
    row.id,
  ]);
  expect(links).toHaveLength(29);
});

test("a new subscription gets everything while others write and its syncer dies, and misses nothing", async () => {
  number += 1;
  const slug = `sync${number}`;
  const client = await openCatalogClient(hub, catalogProfile(slug, []));
  await client.write(rowsOf(1, 1_250, "before"));
  const isNumbered = async () =>
    (await hub.database.pool.query("SELECT FROM catalog_changes WHERE seq IS NULL")).rowCount === 0;
  await waitFor(isNumbered, "the numbers: what has none when the copy begins comes with the changes");
  // Slow enough for the writes to fall into the copy.
  receiver.rule(slug, async () => void (await new Promise((resolve) => setTimeout(resolve, 1))));
  await live(hub.database, withSubscribers(client.profile, [shop(slug, { use: "recorder_of_many", concurrency: 2 })]));
  await waitFor(() => receiver.of(slug).length > 100, "the copy's beginning");
  // Whoever goes on with the copy goes on where it was.
  const killing = await killAt(hub, "sync.committed");
  for (let turn = 0; turn < 10; turn += 1) {
    for (const name of ["in between", `turn ${turn}`])
      await client.write(rowsOf(1 + turn * 125, turn * 125 + 20, name));
    await client.write([
      { operation: "remove", key: `${1 + turn * 125}` },
      ...rowsOf(3_000 + turn, 3_000 + turn, "new"),
    ]);
  }
  await killing.over();
  receiver.rule(slug, undefined);
  await settled(slug, 1_250);
  await waitFor(() => nameOf(slug, "1130") === "turn 9" && nameOf(slug, "3009") === "new", "the last changes");
  // What changed since the copy began comes with the changes: never an older state after a newer one.
  for (const [key] of receiver.items(slug)) {
    const versions = versionsOf(slug, key);
    expect([key, versions]).toEqual([key, versions.toSorted((a, b) => a - b)]);
  }
  expect(receiver.of(slug).length).toBeLessThan(1_250 + 10 * 42 + 300);
  const items = receiver.items(slug);
  for (let turn = 0; turn < 10; turn += 1) {
    expect(items.has(`${1 + turn * 125}`)).toBe(false);
    expect(items.get(`${2 + turn * 125}`)?.name).toBe(`turn ${turn}`);
    expect(items.get(`${30 + turn * 125}`)?.name).toBe("before");
  }
});

test("a refused item waits, others go on, and the change that mends it is tried at once", async () => {
  const { slug, write, put, projectId } = await openShop({ concurrency: 2 });
  receiver.rule(slug, ({ fields }) => (fields?.name === "bad" ? { status: 422 } : undefined));
  await write([...rowsOf(1, 1, "bad"), ...rowsOf(2, 20, "good")]);
  await settled(slug, 19);
  const [letter] = await waitFor(async () => {
    const letters = await lettersOf(hub, { projectId });
    return letters.length === 1 && letters;
  }, "the letter");
  expect(letter).toMatchObject({ key: "1", state: "retrying", direction: "out", error: { code: "outside_refused" } });
  await put({ id: "1", name: "worse" });
  await put({ id: "1", name: "bad" });
  await put({ id: "1", name: "mended" });
  await waitFor(() => nameOf(slug, "1") === "mended", "the mended item");
  await waitFor(async () => (await lettersOf(hub, { projectId })).length === 0, "no letter");
  expect(versionsOf(slug, "1").at(-1)).toBe(4);
  expect(versionsOf(slug, "1")).toEqual([...versionsOf(slug, "1")].sort());
  expect(await subscriptionOf(hub, { projectId })).toMatchObject({ state: "active" });
});

test("an item that the other side stumbles over waits, and what comes after it waits behind it", async () => {
  const { slug, write, put, projectId } = await openShop({ concurrency: 2 });
  let isStumbling = true;
  receiver.rule(slug, ({ key, version }) =>
    isStumbling && key === "1" && version === 1 ? { status: 500 } : undefined,
  );
  await write(rowsOf(1, 10, "first"));
  await settled(slug, 9);
  await put({ id: "1", name: "second" });
  await put({ id: "2", name: "second" });
  await waitFor(() => nameOf(slug, "2") === "second", "another item's change");
  await waitFor(() => receiver.refusalsOf(slug).length >= 2, "another attempt");
  await put({ id: "1", name: "third" });
  expect(versionsOf(slug, "1")).toEqual([]);
  isStumbling = false;
  await waitFor(() => nameOf(slug, "1") === "third", "the item");
  expect(versionsOf(slug, "1")).toEqual([1, 2, 3]);
  await waitFor(async () => (await lettersOf(hub, { projectId })).length === 0, "no letter");
});

test("what is given up a person tries again or dismisses; a later change settles it by itself", async () => {
  const { slug, write, put, projectId } = await openShop();
  receiver.rule(slug, () => ({ status: 422 }));
  await write(rowsOf(1, 3, "bad"));
  const letters = async () => await lettersOf(hub, { projectId });
  await waitFor(async () => (await letters()).length === 3, "three letters");
  const { id: subscriptionId } = (await subscriptionOf(hub, { projectId }))!;
  // Again and again: an attempt that is under way writes its own number over this one.
  await waitFor(async () => {
    await hub.database.query
      .updateTable("sync_letters")
      .set({ attempts: 11, not_before: new Date() })
      .where("subscription_id", "=", subscriptionId)
      .where("state", "=", "retrying")
      .execute();
    return (await letters()).every(({ state }) => state === "dead");
  }, "dead letters");
  const letterIds = new Map((await letters()).map(({ key, id }) => [key, id]));
  receiver.rule(slug, undefined);
  const dismissed = { subscriptionId, id: letterIds.get("2")!, actor: "ops", reason: "wrong item" };
  expect(await dismissLetter(hub.database, dismissed)).toBe(true);
  expect(await retryLetters(hub.database, { subscriptionId, ids: [letterIds.get("1")!] })).toBe(1);
  await put({ id: "3", name: "good" });
  await waitFor(async () => (await letters()).length === 1, "the dismissed letter alone");
  expect([...receiver.items(slug)].map(([key, item]) => [key, item.name]).sort()).toEqual([
    ["1", "bad"],
    ["3", "good"],
  ]);
});

test("one that is away holds up nobody else, and gets all in order when it is back", async () => {
  number += 1;
  const [slug, away] = [`sync${number}`, `away${number}`];
  const elsewhere = await openReceiver();
  const subscribers = [shop(slug), shop(away, { name: "away", settings: { url: elsewhere.url(away) } })];
  const client = await openCatalogClient(hub, catalogProfile(slug, subscribers));
  await client.write(rowsOf(1, 5, "first"));
  await waitFor(() => elsewhere.items(away).size === 5, "the first items");
  await elsewhere.down();
  for (let turn = 1; turn <= 10; turn += 1) await client.write(rowsOf(1, 5, `turn ${turn}`));
  await waitFor(() => nameOf(slug, "5") === "turn 10", "the one that is there");
  const failing = await waitFor(async () => {
    const row = await subscriptionOf(hub, client, "away");
    return row?.state === "failing" ? row : undefined;
  }, "the one that is away");
  expect(failing).toMatchObject({ last_error: { code: "http_unreachable" } });
  expect(await lettersOf(hub, client, "away")).toEqual([]);
  const told = async () =>
    await hub.database.query
      .selectFrom("messages")
      .select(["recipient", "payload"])
      .where("project_id", "=", client.projectId)
      .execute();
  await waitFor(async () => (await told()).length > 0, "the e-mail");
  expect(await told()).toMatchObject([
    { recipient: "ops@example.com", payload: { event: "subscription_failing", name: "away", table: "rows" } },
  ]);
  await elsewhere.up();
  await waitFor(() => elsewhere.items(away).get("5")?.name === "turn 10", "the one that was away");
  await waitFor(async () => (await subscriptionOf(hub, client, "away"))?.state === "active", "the state");
  for (const key of ["1", "5"]) {
    const versions = elsewhere.of(away).flatMap((change) => (change.key === key ? [change.version] : []));
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  }
  await elsewhere.close();
});

test("a pause that is asked for is kept, and is nobody's letter", async () => {
  const { slug, write, projectId } = await openShop({ concurrency: 1 });
  let isBusy = true;
  receiver.rule(slug, () => (isBusy ? { status: 429, headers: { "retry-after": "1" } } : undefined));
  await write(rowsOf(1, 20, "first"));
  await waitFor(() => receiver.refusalsOf(slug).length > 0, "the first refusal");
  isBusy = false;
  await settled(slug, 20);
  const [refused] = receiver.refusalsOf(slug);
  expect(receiver.of(slug)[0]!.atMs - refused!.atMs).toBeGreaterThan(900);
  expect(await lettersOf(hub, { projectId })).toEqual([]);
});

test("what cannot be run says why, and runs when that is mended; the others run meanwhile", async () => {
  number += 1;
  const slug = `sync${number}`;
  const subscribers = [
    shop(slug),
    shop(`${slug}a`, { name: "unknown", use: "no_such" }),
    shop(`${slug}b`, { name: "misset", settings: { url: "no url" } }),
    shop(`${slug}c`, { name: "sealed", secrets: { token: "shop_token" } }),
  ];
  const client = await openCatalogClient(hub, catalogProfile(slug, subscribers));
  await client.write(rowsOf(1, 2, "first"));
  await settled(slug, 2);
  const errorOf = async (name: string) =>
    (
      await waitFor(async () => {
        const row = await subscriptionOf(hub, client, name);
        return row?.state === "misconfigured" ? row : undefined;
      }, name)
    ).misconfigured;
  expect(await errorOf("unknown")).toMatchObject({ message: expect.stringContaining("no subscriber no_such") });
  expect(await errorOf("misset")).toMatchObject({ message: expect.stringContaining("settings.url") });
  expect(await errorOf("sealed")).toMatchObject({ code: "secret_missing" });
  const sealed = seal(Buffer.from(hub.stack.key, "base64"), Buffer.from("s3cret"), `secret:${client.clientId}`);
  await putSecret(hub.database, { clientId: client.clientId, name: "shop_token", sealed });
  await settled(`${slug}c`, 2);
  expect(receiver.of(`${slug}c`)[0]?.authorization).toBe("s3cret");
});

test("paused, nothing is sent; replayed, the changes since a time once more; copied again, everything", async () => {
  const { slug, write, put, projectId } = await openShop();
  await write(rowsOf(1, 3, "first"));
  await settled(slug, 3);
  await put({ id: "1", name: "second" });
  await waitFor(() => nameOf(slug, "1") === "second", "the change");
  const { id } = (await subscriptionOf(hub, { projectId }))!;
  await pauseSubscription(hub.database, { id, actor: "ops" });
  await waitFor(async () => (await subscriptionOf(hub, { projectId }))?.worker === null, "the pause");
  const { rows } = await hub.database.pool.query("SELECT clock_timestamp() AS now");
  await put({ id: "2", name: "third" });
  await put({ id: "3", name: "third" });
  expect(nameOf(slug, "2")).toBe("first");
  expect(await subscriptionOf(hub, { projectId })).toMatchObject({ state: "paused", paused_by: "ops" });
  await resumeSubscription(hub.database, id);
  await waitFor(() => nameOf(slug, "2") === "third" && nameOf(slug, "3") === "third", "what waited");
  await replaySubscription(hub.database, { id, since: rows[0].now });
  await waitFor(() => versionsOf(slug, "3").length === 3, "the replay");
  expect([versionsOf(slug, "1"), versionsOf(slug, "2"), versionsOf(slug, "3")]).toEqual([
    [1, 2],
    [1, 2, 2],
    [1, 2, 2],
  ]);
  await backfillSubscription(hub.database, { id, which: "changed" });
  await backfillSubscription(hub.database, { id, which: "all" });
  await waitFor(() => versionsOf(slug, "1").length === 3, "the copy");
  await waitFor(async () => (await subscriptionOf(hub, { projectId }))?.state === "active", "the copy's end");
  expect([versionsOf(slug, "1"), versionsOf(slug, "3")]).toEqual([
    [1, 2, 2],
    [1, 2, 2, 2],
  ]);
  // Whoever drops what he has had under a key has to take a deliberate repetition all the same.
  const keys = receiver.of(slug).flatMap(({ key, idempotencyKey }) => (key === "3" ? [idempotencyKey] : []));
  expect(new Set(keys).size).toBe(4);
});

test("a profile's other settings are taken up; a subscription that is gone ends, and comes back with what it knew", async () => {
  const { slug, profile, write, put, remove, projectId } = await openShop();
  await write(rowsOf(1, 3, "first"));
  await settled(slug, 3);
  const moved = shop(`${slug}b`, { fields: { name: "title", id: "number" } });
  await live(hub.database, withSubscribers(profile, [moved]));
  await settled(`${slug}b`, 3);
  expect(receiver.of(`${slug}b`)[0]).toMatchObject({ id: `${slug}:1`, fields: { title: "first", number: 1 } });
  await put({ id: "1", amount: "9" });
  await put({ id: "2", name: "second" });
  await waitFor(() => receiver.items(`${slug}b`).get("2")?.title === "second", "the change");
  // What is not told there changes nothing there.
  expect(versionsOf(`${slug}b`, "1")).toEqual([1]);
  await live(hub.database, withSubscribers(profile, []));
  await waitFor(async () => (await subscriptionOf(hub, { projectId }))?.state === "ended", "the end");
  await remove("3");
  await put({ id: "1", name: "third" });
  await live(hub.database, withSubscribers(profile, [moved]));
  await waitFor(() => receiver.items(`${slug}b`).get("1")?.title === "third", "what changed meanwhile");
  await settled(`${slug}b`, 2);
  expect(versionsOf(`${slug}b`, "2")).toEqual([1, 2]);
  expect(await subscriptionOf(hub, { projectId })).toMatchObject({ use: "recorder" });
});

test("what came from there is not sent back, and a project in rehearsal tells nobody anything", async () => {
  const { slug, put, projectId } = await openShop();
  await put({ id: "1", name: "theirs" }, "shop");
  await put({ id: "2", name: "ours" });
  await settled(slug, 1);
  await waitFor(async () => (await subscriptionOf(hub, { projectId }))?.skipped === 1, "the skipped change");
  expect([...receiver.items(slug).keys()]).toEqual(["2"]);
  number += 1;
  const quiet = await rehearsed(hub.database, catalogProfile(`sync${number}`, [shop(`sync${number}`)]));
  await waitFor(async () => await subscriptionOf(hub, quiet), "the registration");
  await put({ id: "3", name: "ours" });
  await settled(slug, 2);
  expect(await subscriptionOf(hub, quiet)).toMatchObject({ worker: null, epoch: 0 });
});

describe("whatever happens to the syncer", () => {
  let shopOf: Awaited<ReturnType<typeof openShop>>;
  let turn = 0;

  beforeAll(async () => {
    shopOf = await openShop();
    await shopOf.write(rowsOf(1, 10, "first"));
    await settled(shopOf.slug, 10);
    // Slow enough for commits to fall between pushes.
    receiver.rule(shopOf.slug, () => new Promise((resolve) => setTimeout(() => resolve(undefined), 25)));
  });
  // What was pushed and not kept is pushed once more before anything else is.
  afterEach(async () => {
    const { rows } = await hub.database.pool.query("SELECT max(seq) AS last FROM catalog_changes");
    await waitFor(async () => (await subscriptionOf(hub, shopOf))?.cursor === rows[0].last, "all that is kept");
    expectInOrder(shopOf.slug);
  });

  /** Changes every item a few times, over a while. */
  async function changeAll(): Promise<string> {
    let name = "";
    for (let round = 0; round < 4; round += 1) {
      turn += 1;
      name = `turn ${turn}`;
      await shopOf.write(rowsOf(1, 10, name));
    }
    return name;
  }
  const arrived = (name: string) =>
    waitFor(
      () => [...receiver.items(shopOf.slug).values()].every((item) => item.name === name),
      `all items as of ${name}`,
    );

  test.each(["sync.pushed", "sync.before-commit", "sync.committed"])(
    "killed at %s: another goes on, nothing is lost, and nothing comes twice but under its own idempotency key",
    async (point) => {
      const killing = await killAt(hub, point);
      const name = await changeAll();
      await killing.over();
      await arrived(name);
    },
  );

  test("killed as it has claimed subscriptions: another runs them", async () => {
    const { id } = (await subscriptionOf(hub, shopOf))!;
    const killing = await killAt(hub, "sync.claimed");
    await pauseSubscription(hub.database, { id, actor: "ops" });
    // Its owner may just have died: then its lease runs out.
    await waitFor(async () => ((await subscriptionOf(hub, shopOf))?.lease_until ?? 0) < new Date(), "the pause");
    await resumeSubscription(hub.database, id);
    const name = await changeAll();
    await killing.over();
    await arrived(name);
  });

  test("one that was frozen and comes back moves nothing", async () => {
    await hub.stack.armFailpoint("sync.before-commit", "stop");
    const name = await changeAll();
    await standsStill(hub.stack, SYNCERS);
    // Whoever stands still runs it: nobody else has come to the point.
    const before = (await subscriptionOf(hub, shopOf))!;
    await arrived(name);
    const { rows } = await hub.database.pool.query("SELECT max(seq) AS last FROM catalog_changes");
    await waitFor(async () => {
      const after = (await subscriptionOf(hub, shopOf))!;
      return after.epoch > before.epoch && after.cursor === rows[0].last;
    }, "another's commits");
    const count = receiver.of(shopOf.slug).length;
    const noticed = () =>
      SYNCERS.flatMap(hub.stack.recentLines).filter((line) => line.includes("no longer ours")).length;
    const noticedBefore = noticed();
    wake(hub.stack, SYNCERS);
    await waitFor(() => noticed() > noticedBefore, "the frozen one's own word");
    expect(receiver.of(shopOf.slug)).toHaveLength(count);
  });

  test("FLUSHALL again and again loses nothing", async () => {
    const redis = new Redis(hub.stack.redisUrl);
    const flushing = setInterval(() => void redis.flushall(), 20);
    try {
      await arrived(await changeAll());
    } finally {
      clearInterval(flushing);
      redis.disconnect();
    }
  });
});
