import { afterEach, beforeEach, expect, test } from "vitest";
import { failureOf } from "../../failure.ts";
import { keepsContract, runSubscriber } from "../../testing/index.ts";
import { stripe } from "./stripe.ts";
import { openStripeDouble } from "./stripe-double.test-kit.ts";

const apiKey = "rk_test_51secretsecret";
const webhookSecret = "whsec_stripe_secret";
let double: Awaited<ReturnType<typeof openStripeDouble>>;
beforeEach(async () => {
  double = await openStripeDouble({ apiKey });
});
afterEach(() => double[Symbol.asyncDispose]());

const columns = { number: "string", name: "string", mail: "email", city: "string", level: "integer" } as const;
const fields = {
  name: "name",
  mail: "email",
  city: "address.city",
  level: "metadata.level",
  number: "metadata.number",
};
const open = (settings: object = {}, secrets: Record<string, string> = { apiKey, webhookSecret }) =>
  runSubscriber(stripe, { columns, fields, settings: { object: "customer", url: double.url, ...settings }, secrets });
const iris = { number: "7", name: "Iris", mail: "iris@example.com", city: "Cork", level: "3" };

test("a customer is made once, changed, cleared and deleted, however often it is told", async () => {
  await using run = await open();
  await keepsContract(run, { item: iris, changed: { ...iris, name: "Iris M" }, count: () => double.objects().length });
  const made = await run.put(iris);
  expect(double.objects()).toEqual([
    {
      ...{ id: made!.id, object: "customer", created: expect.any(Number), name: "Iris", email: "iris@example.com" },
      ...{ address: { city: "Cork" }, metadata: { inlet_key: "7", level: "3", number: "7" } },
    },
  ]);
  await run.put({ ...iris, mail: null, city: null, level: null });
  expect(double.objects()[0]).toMatchObject({ email: null, address: { city: null }, metadata: { inlet_key: "7" } });
  expect(double.objects()[0]!.metadata).not.toHaveProperty("level");
  // Somebody deletes it there; a change of ours makes it anew, under another id.
  double.delete(made!.id!);
  const again = await run.put(iris);
  expect(again!.id).not.toBe(made!.id);
  await run.remove("7");
  expect(double.objects()).toEqual([]);
});

test("an answer that is lost makes no second customer, and none that nobody knows is left", async () => {
  await using run = await open();
  double.loseAnswers(1);
  const lost = await run.put({ ...iris, number: "8" }).catch((error) => error);
  expect(failureOf(lost)).toMatchObject({ kind: "passing", code: "outside_unavailable" });
  await run.again("8");
  expect(double.objects()).toHaveLength(1);
  double.loseAnswers(1);
  await run.put({ ...iris, number: "it's 9" }).catch(() => {});
  await run.remove("it's 9");
  await run.remove("8");
  expect(double.objects()).toEqual([]);
});

test("a product that has prices is archived instead", async () => {
  await using run = await open({ object: "product" });
  const { id } = (await run.put(iris))!;
  double.givePrices(id!);
  await run.remove("7");
  expect(double.objects()).toMatchObject([{ id, active: false }]);
});

test("what Stripe refuses is told apart, and the key is not told with it", async () => {
  await using run = await open();
  const refused = async (work: Promise<unknown>) => {
    const error = (await work.catch((thrown) => thrown)) as Error;
    expect(`${error.message}${error.stack}`).not.toContain("secretsecret");
    return failureOf(error);
  };
  expect(await refused(run.put({ ...iris, mail: "nobody" }))).toMatchObject({
    ...{ kind: "item", code: "outside_refused", message: "Stripe: Invalid email address: nobody" },
  });
  await using stranger = await open({}, { apiKey: "rk_live_secretsecret" });
  expect(await refused(stranger.put(iris))).toEqual({
    ...{ kind: "person", code: "outside_access", message: "Stripe: Invalid API Key provided: …" },
  });
  await using inside = await open({ url: "http://169.254.169.254" });
  expect(await refused(inside.put(iris))).toMatchObject({ kind: "person", code: "remote_address_refused" });
});

test("everything is listed first, then events are followed, and everything anew when they are gone", async () => {
  await using run = await open();
  double.forgetEvents();
  const ids = Array.from({ length: 205 }, (_, n) =>
    double.make("customer", { name: `n${n}`, "metadata[inlet_key]": `k${n}` }),
  );
  const first = await run.pullAll();
  expect(first.items).toHaveLength(205);
  expect(first.items.at(-1)).toMatchObject({ id: ids[0], key: "k0", fields: { name: "n0" } });
  for (const id of ids.slice(0, 150)) double.change(id, { name: "new" });
  for (const name of ["newer", "newest"]) double.change(ids[3]!, { name });
  double.delete(ids[4]!);
  const second = await run.pullAll(first.cursor);
  expect(second.pages).toBeGreaterThan(1);
  const last = new Map(second.items.map((item) => [item.id, item]));
  expect(last.size).toBe(150);
  expect(last.get(ids[3]!)).toMatchObject({ fields: { name: "newest" }, changedAt: expect.stringMatching(/T.*Z$/) });
  expect(last.get(ids[4]!)).toMatchObject({ isRemoved: true, key: "k4" });
  expect((await run.pullAll(second.cursor)).items).toEqual([]);
  expect((await run.listAll()).items).toHaveLength(204);
  double.forgetEvents();
  double.change(ids[0]!, { name: "after a month" });
  const forgotten = await run.pullAll(second.cursor);
  const anew = await run.pullAll(forgotten.cursor);
  expect(anew.items.find(({ id }) => id === ids[0])).toMatchObject({ fields: { name: "after a month" } });
});

test("events of an account that has none yet are followed from the beginning", async () => {
  await using run = await open({ object: "product" });
  double.forgetEvents();
  const { cursor } = await run.pullAll();
  const id = double.make("product", { name: "Chair" });
  double.make("customer", { name: "Iris" });
  expect((await run.pullAll(cursor)).items).toMatchObject([{ id, fields: { name: "Chair" } }]);
});

test("a webhook is taken when Stripe has signed it, and lately", async () => {
  await using run = await open();
  const at = new Date("2026-11-20T09:00:00Z");
  const take = (request: ReturnType<typeof double.webhookOf>) =>
    run.opened.webhook(request, AbortSignal.timeout(5_000));
  // What the profile maps and Stripe leaves out has no value.
  const metadata = { inlet_key: "7", level: null, number: null };
  const object = { id: "cus_1", object: "customer", name: "Iris", metadata: { inlet_key: "7" } };
  const event = {
    id: "evt_x",
    object: "event",
    type: "customer.updated",
    created: at.getTime() / 1000,
    data: { object },
  };
  expect(await take(double.webhookOf(event, webhookSecret, at))).toEqual({
    eventId: "evt_x",
    items: [{ id: "cus_1", key: "7", changedAt: at.toISOString(), fields: { ...object, metadata } }],
  });
  const gone = { ...event, type: "customer.deleted" };
  expect(await take(double.webhookOf(gone, webhookSecret, at))).toMatchObject({ items: [{ isRemoved: true }] });
  const other = { ...event, type: "invoice.paid" };
  expect(await take(double.webhookOf(other, webhookSecret, at))).toEqual({ eventId: "evt_x", items: [] });
  const old = { ...double.webhookOf(event, webhookSecret, at), receivedAt: new Date(at.getTime() + 301_000) };
  for (const wrong of [
    double.webhookOf(event, "whsec_other", at),
    old,
    { ...old, receivedAt: at, body: Buffer.from("{}") },
  ])
    await expect(take(wrong)).rejects.toMatchObject({ code: "webhook_refused" });
});
