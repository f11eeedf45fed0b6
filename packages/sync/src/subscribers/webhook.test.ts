import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { failureOf } from "../failure.ts";
import type { WebhookRequest } from "../subscriber.ts";
import { openTestSystem, runSubscriber } from "../testing/index.ts";
import { webhook } from "./webhook.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const previousSecret = `whsec_${randomBytes(24).toString("base64")}`;
const columns = { sku: "string", price: "decimal" } as const;

test("each change is told once, signed with each secret as any library for Standard Webhooks checks it", async () => {
  let status = 204;
  await using system = await openTestSystem(() => ({ status }));
  await using run = await runSubscriber(webhook, {
    ...{ columns, settings: { url: `${system.url}/in?tenant=7`, events: "product", headers: { "x-tenant": "7" } } },
    ...{ secrets: { secret, previousSecret }, fields: { sku: "id", price: "money.net" } },
  });
  await run.put({ sku: "a", price: "12.50" });
  await run.again("a");
  await run.remove("a");
  const [put, again, removed] = system.requests.map(({ headers, body }) => ({
    ...{ id: headers["webhook-id"]!, headers },
    told: new Webhook(secret).verify(body, headers as Record<string, string>) as { data: { changedAt: string } },
    old: new Webhook(previousSecret).verify(body, headers as Record<string, string>),
  }));
  const { changedAt } = put!.told.data;
  expect(put!.told).toEqual({
    ...{ type: "product.put", timestamp: changedAt },
    data: { key: "a", version: 1, changedAt, fields: { id: "a", money: { net: 12.5 } } },
  });
  expect(put!.old).toEqual(put!.told);
  expect(put!.headers).toMatchObject({ "x-tenant": "7", "content-type": "application/json" });
  expect(put!.id).toMatch(/^[\w-]+$/);
  expect(again!.id).toBe(put!.id);
  expect(removed!.id).not.toBe(put!.id);
  expect(removed!.told).toMatchObject({ type: "product.removed", data: { key: "a", version: 2 } });
  expect(removed!.told.data).not.toHaveProperty("fields");
  const told: unknown[] = [];
  for (status of [410, 400, 503, 401]) {
    const error = await run.put({ sku: "a", price: null }).catch((thrown) => thrown);
    expect(error.message).not.toContain("tenant");
    const { kind, code } = failureOf(error);
    told.push([kind, code]);
  }
  expect(told).toEqual([
    ["person", "receiver_gone"],
    ["item", "outside_refused"],
    ["passing", "outside_unavailable"],
    ["person", "outside_access"],
  ]);
});

const NOW = new Date("2026-11-20T09:00:00Z");

function request(body: object, { by = secret, at = NOW, text = JSON.stringify(body) } = {}) {
  const headers = {
    "webhook-id": "evt_1",
    "webhook-timestamp": String(at.getTime() / 1000),
    "webhook-signature": new Webhook(by).sign("evt_1", at, text),
  };
  return { headers, body: Buffer.from(text), receivedAt: NOW };
}

test("what another Inlet tells is taken in, with either secret, and nothing that is old or signed by others", async () => {
  await using run = await runSubscriber(webhook, { columns, secrets: { secret, previousSecret } });
  const take = (what: WebhookRequest) => run.opened.webhook(what, AbortSignal.timeout(1_000));
  const data = { key: "a", version: 3, changedAt: "2026-11-20T08:59:00+01:00", fields: { sku: "a", price: 12.5 } };
  const item = { id: "a", key: "a", changedAt: "2026-11-20T07:59:00.000Z", fields: data.fields };
  expect(await take(request({ type: "item.put", data }))).toEqual({ eventId: "evt_1", items: [item] });
  expect(await take(request({ type: "item.put", data: [data, data] }, { by: previousSecret }))).toEqual({
    ...{ eventId: "evt_1", items: [item, item] },
  });
  expect(await take(request({ type: "item.removed", data: { key: "a" } }))).toMatchObject({
    items: [{ id: "a", isRemoved: true }],
  });
  expect(await take(request({ type: "ping" }))).toEqual({ eventId: "evt_1", items: [] });
  const stranger = `whsec_${randomBytes(32).toString("base64")}`;
  const refusals = [
    request({ data }, { by: stranger }),
    request({ data }, { at: new Date(NOW.getTime() - 301_000) }),
    { ...request({ data }), headers: {} },
    request({}, { text: "{" }),
    request({ data: { name: "nameless" } }),
  ];
  for (const each of refusals) await expect(take(each)).rejects.toMatchObject({ code: "webhook_refused" });
});

test("other systems' requests are read as the profile says", async () => {
  await using run = await runSubscriber(webhook, {
    ...{ columns, secrets: { secret } },
    settings: {
      inward: {
        ...{ items: "event.objects", id: "uuid", key: "code", fields: "attributes", changedAt: "at", version: "rev" },
        ...{ type: "event.kind", removed: ["deleted"] },
      },
    },
  });
  const objects = [{ uuid: 7, code: "a", at: 1_795_000_000, rev: 12, attributes: { sku: "a" } }];
  const text = JSON.stringify({ event: { kind: "deleted", objects } }).replace('"uuid":7', '"uuid":9007199254740993');
  expect(await run.opened.webhook(request({}, { text }), AbortSignal.timeout(1_000))).toMatchObject({
    items: [
      {
        ...{ id: "9007199254740993", key: "a", version: "12", isRemoved: true, fields: { sku: "a" } },
        changedAt: new Date(1_795_000_000_000).toISOString(),
      },
    ],
  });
});

test.each([{ url: "https://me:hunter2@example.com" }, { headers: { "X-Api-Key": "hunter2" } }])(
  "a profile holds no secrets: %j",
  (settings) => {
    expect(webhook.settings.safeParse(settings).success).toBe(false);
  },
);

test.each([
  [{ secret: "hunter22" }, { url: "https://example.com" }, "Standard Webhooks"],
  [{ secret }, {}, "has no `url`"],
])("a set-up that cannot work is said to be so", async (secrets, settings, words) => {
  await using run = await runSubscriber(webhook, { columns, secrets, settings });
  const error = await run.put({ sku: "a" }).catch((thrown) => thrown);
  expect(failureOf(error)).toMatchObject({ kind: "person", message: expect.stringContaining(words) });
  expect(error.message).not.toContain("hunter22");
});
