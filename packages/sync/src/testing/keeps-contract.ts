import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { failureOf } from "../failure.ts";
import type { ItemValues } from "../fields/field-mapping.ts";
import type { SubscriberRun } from "./run-subscriber.ts";

interface ContractOptions {
  /** An item that the outside system takes. */
  item: ItemValues;
  /** The same item, with something changed. */
  changed: ItemValues;
  /** How many items the outside system has. */
  count: () => number | Promise<number>;
}

/**
 * Holds a subscriber to what the syncer relies on: that the same change twice makes one item, that a removal may come twice and for
 * what never was, that refusals are told apart, and that pulling comes to an end. Starts and ends with the outside system as it is.
 * @throws AssertionError saying what is not so
 */
export async function keepsContract(run: SubscriberRun, { item, changed, count }: ContractOptions): Promise<void> {
  const key = Object.values(item)[0]!;
  const { can } = run.opened;
  if (can.send) await keepsOutward(run, { item, changed, count }, key);
  if (can.send) await tellsRefusalsApart(run, item);
  if (can.pull) await comesToAnEnd(run);
}

async function keepsOutward(run: SubscriberRun, { item, changed, count }: ContractOptions, key: string): Promise<void> {
  const before = await count();
  await run.put(item);
  strictEqual(await count(), before + 1, "An item that is put should be there.");
  await run.again(key);
  strictEqual(await count(), before + 1, "The same change with the same idempotency key should make no second item.");
  await run.put(changed);
  strictEqual(await count(), before + 1, "A changed item should not become another one.");
  await run.remove(key);
  strictEqual(await count(), before, "An item that is removed should be gone.");
  await run.again(key);
  strictEqual(await count(), before, "A removal that comes twice should change nothing.");
  await run.remove(`${key}-never-there`);
  strictEqual(await count(), before, "The removal of what never was there should change nothing.");
}

/** What the framework does next hangs on it: wait, ask for a person, or go on with others. */
const REFUSALS = [
  { status: 401, kind: "person" },
  { status: 422, kind: "item" },
  { status: 429, kind: "passing", retryAfterMs: 7_000 },
  { status: 503, kind: "passing" },
] as const;

async function tellsRefusalsApart(run: SubscriberRun, item: ItemValues): Promise<void> {
  const change = {
    ...{ key: "contract", id: null, fields: run.opened.fields.toOutside(item), version: 1, seq: 1, isRemoved: false },
    ...{ changedAt: new Date().toISOString(), idempotencyKey: "contract" },
  };
  for (const { status, kind, ...more } of REFUSALS) {
    run.answering({ status, headers: { "retry-after": "7" }, body: '{"error":{"message":"no"}}' });
    const [answer] = await run.opened.send([change], AbortSignal.timeout(10_000));
    run.answering(null);
    ok(answer instanceof Error, `An answer of ${status} should be thrown.`);
    const failure = failureOf(answer);
    strictEqual(failure.kind, kind, `An answer of ${status} should be told as "${kind}"; it was: ${failure.message}`);
    if ("retryAfterMs" in more)
      strictEqual(failure.retryAfterMs, more.retryAfterMs, "Retry-After should be passed on.");
  }
}

async function comesToAnEnd(run: SubscriberRun): Promise<void> {
  const { cursor } = await run.pullAll();
  const ids = (items: { id: string }[]) => new Set(items.map(({ id }) => id));
  const [once, twice] = [await run.pullAll(cursor), await run.pullAll(cursor)];
  deepStrictEqual(ids(once.items), ids(twice.items), "The same cursor should bring the same items again.");
}
