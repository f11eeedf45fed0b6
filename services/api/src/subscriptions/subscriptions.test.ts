import { randomUUID } from "node:crypto";
import type {
  ReconciliationPage,
  SubscriptionDetail,
  SubscriptionList,
  SubscriptionView,
  SyncLetterPage,
} from "@inlet/contracts";
import { keepRefused } from "@inlet/database";
import { afterAll, beforeAll, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";
import { givenLetter, givenSubscription } from "../testing/side.ts";

let hub: TestHub;
let admin: Record<string, string>;
let id: number;
beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
  await givenProject(hub.database, "iris", "shop");
  id = await givenSubscription(hub, "iris");
});
afterAll(() => hub?.close());

async function ask<T = { code: string }>(method: "GET" | "POST", url: string, payload?: object) {
  const response = await hub.app.inject({ method, url, headers: admin, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, body: response.json() as T };
}
const at = (rest = "") => `/v1/subscriptions/${id}${rest}`;

test("a subscription tells how far it is behind, and for how long", async () => {
  await hub.sql`
    INSERT INTO inlet.catalog_changes (seq, catalog_id, key, version, operation, origin, values, changed, hash, changed_at, at)
    SELECT n, catalog_id, 'A-' || n, 1, 'put', 'import', '{}', '{}', '', now(), now() - interval '90 seconds'
    FROM inlet.subscriptions, generate_series(1, 3) AS n WHERE id = ${id}`;
  const { body } = await ask<SubscriptionList>("GET", "/v1/subscriptions?client=iris&project=shop");
  expect(body.subscriptions).toMatchObject([
    { id, client: "iris", project: "shop", catalog: "contacts", name: "iris" },
  ]);
  const { lag } = body.subscriptions[0]!;
  expect(lag.changes).toBe(3);
  expect(lag.seconds).toBeGreaterThanOrEqual(90);
  expect(lag.seconds).toBeLessThan(300);
});

test("a pause names who paused it, and resuming forgets what it waited for", async () => {
  const paused = await ask<SubscriptionView>("POST", at("/pause"));
  expect(paused.body).toMatchObject({ state: "paused", paused: { by: expect.any(String) } });
  await hub.sql`UPDATE inlet.subscriptions SET failing_since = now(), not_before = now() + interval '1 hour' WHERE id = ${id}`;
  const resumed = await ask<SubscriptionView>("POST", at("/resume"));
  expect(resumed.body).toMatchObject({ state: "failing", paused: null, nextAttemptAt: null });
  await hub.sql`UPDATE inlet.subscriptions SET failing_since = NULL WHERE id = ${id}`;
  const [{ noted }] = (await hub.sql<{ noted: number }>`
    SELECT count(*)::int AS noted FROM inlet.audit WHERE action IN ('subscription.pause', 'subscription.resume')`) as [
    { noted: number },
  ];
  expect(noted).toBe(2);
});

test("a first copy and a replay are asked for", async () => {
  expect((await ask<SubscriptionView>("POST", at("/backfill"), { all: true })).body.state).toBe("backfilling");
  // Who asks for less afterwards does not take back what another one asked for.
  expect((await ask<SubscriptionView>("POST", at("/backfill"), {})).status).toBe(200);
  const since = "2026-11-20T00:00:00.000Z";
  expect((await ask("POST", at("/replay"), { since })).status).toBe(200);
  expect((await ask("POST", at("/replay"), { since: "yesterday" })).status).toBe(400);
  const [wanted] = await hub.sql<{ backfill: string; replay: Date }>`
    SELECT wants_backfill AS backfill, wants_replay_since AS replay FROM inlet.subscriptions WHERE id = ${id}`;
  expect(wanted).toMatchObject({ backfill: "all" });
  expect(new Date(wanted!.replay).toISOString()).toBe(since);
});

test("dead letters are retried, one or all, and dismissed with a reason", async () => {
  const letters = [];
  for (const _ of [1, 2, 3]) letters.push(await givenLetter(hub, { client: "iris", subscription: id }));
  const dead = await ask<SyncLetterPage>("GET", at("/letters?state=dead&limit=2"));
  expect(dead.body.letters.map((letter) => letter.id)).toEqual([letters[2], letters[1]]);
  expect(dead.body.next).not.toBeNull();

  expect((await ask("POST", at(`/letters/${letters[0]}/retry`))).body).toEqual({ retried: 1 });
  expect((await ask("POST", at(`/letters/${letters[1]}/dismiss`), { reason: " " })).status).toBe(400);
  expect((await ask("POST", at(`/letters/${letters[1]}/dismiss`), { reason: "sold out" })).status).toBe(200);
  expect(await ask("POST", at(`/letters/${letters[1]}/retry`))).toMatchObject({
    status: 409,
    body: { code: "letter_settled" },
  });
  expect((await ask("POST", at("/letters/retry"))).body).toEqual({ retried: 1 });
  const all = await ask<SyncLetterPage>("GET", at("/letters"));
  expect(all.body.letters.map(({ state }) => state)).toEqual(["retrying", "dismissed", "retrying"]);
  expect(all.body.letters[1]!.dismissed).toMatchObject({ reason: "sold out" });
});

test("a comparison is asked for once, and told of with what it found", async () => {
  const asked = await ask<ReconciliationPage>("POST", at("/reconciliations"), { mend: true });
  expect(asked.status).toBe(202);
  expect(asked.body.reconciliations).toMatchObject([{ state: "due", mend: true, dueAt: null, result: null }]);
  expect((await ask<ReconciliationPage>("POST", at("/reconciliations"), {})).body.reconciliations).toHaveLength(1);
});

test("what is not polled cannot be polled now", async () => {
  expect(await ask("POST", at("/poll"), {})).toMatchObject({ status: 409, body: { code: "not_polled" } });
  await hub.sql`
    UPDATE inlet.subscriptions SET definition = definition || '{"inward": {"by": "poll", "everySeconds": 60}}' WHERE id = ${id}`;
  expect((await ask("POST", at("/poll"), { fromStart: true })).status).toBe(200);
  const { body } = await ask<SubscriptionDetail>("GET", at());
  expect(body).toMatchObject({ inward: "poll", incoming: { changed: 0, waiting: 0, turnedAway: { count: 0 } } });
});

test("an item that comes refused again and again has one letter, and one that was dismissed stays so until it changes", async () => {
  const letter = (price: string) => ({
    ...{
      letterId: null,
      key: "W-2",
      error: { code: "item_invalid", message: `${price} is too little`, retryable: false },
    },
    ...{ findings: [], body: { sealed: randomUUID(), mark: price } },
  });
  const come = (price: string) => keepRefused(hub.database, { subscriptionId: id, letters: [letter(price)] });
  const letters = async () => {
    const { body } = await ask<SyncLetterPage>("GET", at("/letters"));
    return body.letters
      .filter(({ key }) => key === "W-2")
      .map(({ id: letterId, state, error }) => ({ letterId, state, message: error?.message }));
  };
  await come("-4");
  const first = await letters();
  expect(first).toMatchObject([{ state: "dead", message: "-4 is too little" }]);
  await come("-4");
  expect(await letters()).toEqual(first);
  await come("-3");
  expect(await letters()).toEqual([{ ...first[0], message: "-3 is too little" }]);
  await ask("POST", at(`/letters/${first[0]!.letterId}/dismiss`), { reason: "a voucher" });
  await come("-3");
  expect(await letters()).toMatchObject([{ letterId: first[0]!.letterId, state: "dismissed" }]);
  await come("-2");
  expect(await letters()).toMatchObject([{ state: "dead", message: "-2 is too little" }, { state: "dismissed" }]);
});

test("with one that has ended nothing can be done, and it says so", async () => {
  await hub.sql`UPDATE inlet.subscriptions SET ended_at = now() WHERE id = ${id}`;
  for (const rest of ["/pause", "/resume", "/backfill", "/poll", "/letters/retry", "/reconciliations"])
    expect(await ask("POST", at(rest), {}), rest).toMatchObject({ status: 409, body: { code: "subscription_ended" } });
  expect((await ask("GET", at())).status).toBe(200);
});

test("a system that could not be polled fails, whatever goes outward", async () => {
  const error = { code: "system_unreachable", message: "iris does not answer.", retryable: true };
  await hub.sql`
    UPDATE inlet.subscriptions SET ended_at = NULL, wants_backfill = NULL, backfill_until = NULL WHERE id = ${id}`;
  await hub.sql`
    INSERT INTO inlet.inward_states AS i (subscription_id, error, error_at) VALUES (${id}, ${JSON.stringify(error)}::jsonb, now())
    ON CONFLICT (subscription_id) DO UPDATE SET error = excluded.error, error_at = now()`;
  const { body } = await ask<SubscriptionView>("GET", at());
  expect(body).toMatchObject({ state: "failing", lastError: { message: "iris does not answer." } });
});
