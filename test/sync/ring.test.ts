import { setTimeout as pause } from "node:timers/promises";
import { clientTable, putSecret } from "@inlet/database";
import { seal } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { live } from "../fixtures/reception.ts";
import { openBentWire } from "./bent-wire.ts";
import {
  type CatalogClient,
  type CatalogHub,
  catalogProfile,
  openCatalogClient,
  openCatalogHub,
  type Subscriber,
  waitFor,
} from "./catalog-hub.ts";
import { openOutsideShop, SHOP_SECRET, signed } from "./outside-shop.ts";

// What packages/sync/src/inward/convergence.test.ts shows over thousands of seeds, once with all that is around the cores: the
// syncer, PostgreSQL, HTTP, signatures.

let hub: CatalogHub;
beforeAll(async () => {
  hub = await openCatalogHub(["syncer"], { CONNECTIONS: "30", RETRY_MS: "20" });
});
afterAll(() => hub?.stop());

const SEED = 7;
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
}
const random = randomOf(SEED);
const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

const bends = { random, lost: 0.01, unanswered: 0.02, doubled: 0.15, delayMs: () => Math.floor(random() ** 2 * 60) };

/** A client with a catalog, and the secret that everybody signs with. */
async function openMember(slug: string): Promise<CatalogClient> {
  const member = await openCatalogClient(hub, catalogProfile(slug, []));
  const { clientId } = member;
  const sealed = seal(Buffer.from(hub.stack.key, "base64"), Buffer.from(SHOP_SECRET), `secret:${clientId}`);
  await putSecret(hub.database, { clientId, name: "shop_key", sealed });
  return member;
}
const inwardUrl = (slug: string, subscription: string) =>
  `http://127.0.0.1:${hub.stack.ports.syncer}/in/${slug}/spring/${subscription}`;

async function itemsOf(slug: string): Promise<string[]> {
  const { schema, name } = clientTable(slug, "spring", "rows");
  const { rows } = await hub.database.pool
    .query(`SELECT id, name, amount FROM "${schema}"."${name}" ORDER BY id`)
    .catch(() => ({ rows: [] }));
  return rows.map(({ id, name: text, amount }) => `${id} ${text} ${amount === null ? null : Number(amount)}`);
}

/** Nothing waits, is on its way, or is tried again, anywhere. */
const isAtRest = async () => {
  const { rows } = await hub.database.pool.query(`
    SELECT NOT EXISTS (SELECT FROM inlet.inward_events WHERE state = 'waiting')
      AND NOT EXISTS (SELECT FROM inlet.sync_letters WHERE state = 'retrying')
      AND NOT EXISTS (SELECT FROM inlet.subscriptions s JOIN inlet.catalog_changes c ON c.catalog_id = s.catalog_id
        WHERE c.seq IS NULL OR c.seq > s.cursor)
      AND NOT EXISTS (SELECT FROM inlet.subscriptions WHERE wants_backfill IS NOT NULL OR backfill_until IS NOT NULL) AS rests`);
  return rows[0].rests === true;
};
const dead = async () => (await hub.database.pool.query("SELECT * FROM inlet.sync_letters WHERE state = 'dead'")).rows;

const KEYS = ["1", "2", "3", "4", "5", "6"];
const randomValues = (): Record<string, string | null> => ({
  ...(random() < 0.7 ? { name: oneOf(["chair", "table", "lamp", "shelf"]) } : {}),
  ...(random() < 0.7 ? { amount: oneOf(["1", "2.5", "3", null]) } : {}),
});

test("three systems in a ring come to the same, with a bounded number of messages", async () => {
  const wire = await openBentWire(bends);
  const slugs = ["ring1", "ring2", "ring3"];
  const members = await Promise.all(slugs.map(openMember));
  const subscriber = (own: string, other: string): Subscriber => ({
    ...{ name: other, use: "webhook", settings: { url: wire.through(inwardUrl(other, own)) } },
    ...{ secrets: { secret: "shop_key" }, inward: { by: "webhook" } },
  });
  for (const own of slugs)
    await live(
      hub.database,
      catalogProfile(
        own,
        slugs.filter((other) => other !== own).map((other) => subscriber(own, other)),
      ),
    );
  const writes = 30;
  for (let write = 0; write < writes; write += 1) {
    const member = oneOf(members);
    const id = oneOf(KEYS);
    if (random() < 0.12) await member.remove(id);
    else await member.put({ id, ...randomValues() });
    await pause(random() * 6);
  }
  await waitFor(async () => wire.isIdle() && (await isAtRest()), "the ring to come to rest");
  const [first, ...others] = await Promise.all(slugs.map(itemsOf));
  expect(others).toEqual([first, first]);
  expect(first!.length).toBeGreaterThan(0);
  expect(await dead()).toEqual([]);
  // Over each of the six ways a write goes at most once; and once more where two have met.
  expect(wire.messages()).toBeLessThanOrEqual(writes * 8);
  await wire.close();
});

test("two systems that echo all that they are sent come to rest with the catalog between them", async () => {
  const wire = await openBentWire(bends);
  const member = await openMember("echo");
  const names = ["shop1", "shop2"];
  const shops = await Promise.all(names.map(() => openOutsideShop({ tells: { time: true } })));
  let told = 0;
  let unheard = 0;
  for (const [place, shop] of shops.entries())
    shop.onChange(({ item }) => {
      told += 1;
      const eventId = `evt_${told}`;
      unheard += 1;
      // As webhooks are: sent again until they are taken, and late, so that younger ones come before them.
      const send = async (): Promise<void> => {
        await pause(bends.delayMs());
        const request = signed([item], { eventId });
        const answer = await fetch(wire.through(inwardUrl("echo", names[place]!)), request).catch(() => undefined);
        return answer?.ok ? undefined : await send();
      };
      void send().finally(() => (unheard -= 1));
    });
  const subscribers = names.map(
    (name, place): Subscriber => ({
      ...{ name, use: "outside_shop", settings: { url: shops[place]!.url } },
      ...{ secrets: { secret: "shop_key" }, inward: { by: "webhook" } },
    }),
  );
  await live(hub.database, catalogProfile("echo", subscribers));
  const writes = 30;
  for (let write = 0; write < writes; write += 1) {
    const id = oneOf(KEYS);
    const place = Math.floor(random() * 3);
    const { name, amount } = randomValues();
    const isRemoval = random() < 0.1;
    if (place === 2)
      await (isRemoval ? member.remove(id) : member.put({ id, name: name ?? null, amount: amount ?? null }));
    else
      shops[place]!.change(
        id,
        isRemoval ? null : { id: Number(id), name: name ?? null, amount: amount == null ? null : Number(amount) },
      );
    await pause(random() * 6);
  }
  await waitFor(async () => unheard === 0 && wire.isIdle() && (await isAtRest()), "all of them to come to rest");
  const here = await itemsOf("echo");
  const there = shops.map((shop) =>
    [...shop.items()]
      .sort(([one], [other]) => Number(one) - Number(other))
      .map(([id, fields]) => `${id} ${fields.name} ${fields.amount}`),
  );
  expect(there).toEqual([here, here]);
  const pushes = shops.reduce((sum, shop) => sum + shop.requests.length, 0);
  expect(pushes).toBeLessThanOrEqual(writes * 4);
  for (const shop of shops) await shop.close();
  await wire.close();
});
