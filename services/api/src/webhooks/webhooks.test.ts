import { randomBytes } from "node:crypto";
import type { CreatedWebhook, Webhook, WebhookDeliveryDetail, WebhookDeliveryPage } from "@inlet/contracts";
import { unseal } from "@inlet/runtime";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { givenProject, openTestHub, type TestHub } from "../testing/hub.ts";

let hub: TestHub;
let admin: Record<string, string>;
beforeAll(async () => {
  hub = await openTestHub();
  admin = await hub.as("admin");
});
afterAll(() => hub?.close());

let clients = 0;
let client: string;
beforeEach(async () => {
  clients += 1;
  client = `acme${clients}`;
  await givenProject(hub.database, client, "video");
});

type Method = "GET" | "POST" | "PATCH" | "DELETE";
async function ask<T = { code: string }>(method: Method, url: string, payload?: object, headers = admin) {
  const response = await hub.app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, text: response.body, body: response.json() as T };
}
const add = async (webhook: object = {}) =>
  await ask<CreatedWebhook>("POST", `/v1/clients/${client}/webhooks`, {
    url: "https://example.com/inlet",
    events: ["batch.completed"],
    ...webhook,
  });
const eventsOf = async (project: string) => {
  const rows = await hub.sql<{ events: string[] }>`
    SELECT p.webhook_events AS events FROM projects p JOIN clients c ON c.id = p.client_id
    WHERE c.slug = ${client} AND p.slug = ${project}`;
  return rows[0]!.events;
};

test("a secret is shown once, and stored for its client alone", async () => {
  const { status, body: made } = await add({ project: "video", description: "Tells the warehouse" });
  expect(status).toBe(201);
  expect(made).toMatchObject({ client, project: "video", enabled: true, failingSince: null, lastAttemptAt: null });
  expect(Buffer.from(made.secret.replace("whsec_", ""), "base64")).toHaveLength(32);
  const views = [
    await ask<Webhook>("GET", `/v1/webhooks/${made.id}`),
    await ask("GET", `/v1/clients/${client}/webhooks`),
    await ask("PATCH", `/v1/webhooks/${made.id}`, { description: "Tells the shop" }),
  ];
  for (const { status: each, text } of views) {
    expect(each).toBe(200);
    expect(text).not.toContain(made.secret.slice(6, -4));
  }
  expect((views[0]!.body as Webhook).secrets).toMatchObject([{ hint: `…${made.secret.slice(-4)}`, expiresAt: null }]);
  const [stored] = await hub.sql<{ sealed: Buffer; clientId: number }>`
    SELECT s.sealed, w.client_id AS "clientId" FROM webhook_secrets s JOIN webhooks w ON w.id = s.webhook_id
    WHERE w.id = ${made.id}`;
  const opened = unseal(hub.key, stored!.sealed, `webhook:${stored!.clientId}`);
  expect(`whsec_${opened.toString("base64")}`).toBe(made.secret);
  expect(() => unseal(hub.key, stored!.sealed, `webhook:${stored!.clientId + 1}`)).toThrow();
});

test("its client reads, and nobody else; who sets up changes", async () => {
  const { body: made } = await add();
  await givenProject(hub.database, "stranger", `other${clients}`);
  const [own, stranger, viewer] = [
    await hub.as("client", client),
    await hub.as("client", "stranger"),
    await hub.as("viewer"),
  ];
  const ping = await ask<WebhookDeliveryDetail>("POST", `/v1/webhooks/${made.id}/ping`, {});
  expect(ping.status).toBe(202);
  const reads = [
    `/v1/clients/${client}/webhooks`,
    `/v1/webhooks/${made.id}`,
    `/v1/webhooks/${made.id}/deliveries`,
    `/v1/deliveries/${ping.body.id}`,
  ];
  for (const url of reads) {
    expect((await ask("GET", url, undefined, own)).status, url).toBe(200);
    expect((await ask("GET", url, undefined, viewer)).status, url).toBe(200);
    expect((await ask("GET", url, undefined, stranger)).status, url).toBe(404);
  }
  for (const headers of [own, viewer, stranger]) {
    expect((await ask("PATCH", `/v1/webhooks/${made.id}`, { enabled: false }, headers)).status).toBe(403);
    expect((await ask("POST", `/v1/webhooks/${made.id}/rotate`, {}, headers)).status).toBe(403);
    expect((await ask("POST", `/v1/deliveries/${ping.body.id}/resend`, {}, headers)).status).toBe(403);
  }
});

test("projects note what any of their webhooks wants, those that come later too", async () => {
  const whole = (await add({ events: ["run.reported"] })).body;
  const one = (await add({ events: ["batch.failed", "batch.completed"], project: "video" })).body;
  expect(await eventsOf("video")).toEqual(["batch.completed", "batch.failed", "run.reported"]);
  await givenProject(hub.database, client, "later");
  expect(await eventsOf("later")).toEqual(["run.reported"]);
  await ask("PATCH", `/v1/webhooks/${one.id}`, { events: ["batch.failed"] });
  expect(await eventsOf("video")).toEqual(["batch.failed", "run.reported"]);
  await ask("PATCH", `/v1/webhooks/${whole.id}`, { enabled: false });
  expect(await eventsOf("video")).toEqual(["batch.failed"]);
  expect(await eventsOf("later")).toEqual([]);
  await ask("DELETE", `/v1/webhooks/${one.id}`);
  expect(await eventsOf("video")).toEqual([]);
});

test("changes at the same time leave no project with the wrong note", async () => {
  const made = await Promise.all(
    (["batch.completed", "batch.partial", "batch.failed", "batch.rejected"] as const).map(
      async (event) => (await add({ events: [event] })).body,
    ),
  );
  await Promise.all([
    ...made.slice(0, 2).map(({ id }) => ask("DELETE", `/v1/webhooks/${id}`)),
    add({ events: ["run.overdue"] }),
    givenProject(hub.database, client, "beside"),
  ]);
  for (const project of ["video", "beside"]) {
    expect(await eventsOf(project)).toEqual(["batch.failed", "batch.rejected", "run.overdue"]);
  }
});

test("secrets follow one another, the old ones for a while", async () => {
  const { body: made } = await add();
  const rotated = (await ask<CreatedWebhook>("POST", `/v1/webhooks/${made.id}/rotate`, { graceHours: 1 })).body;
  expect(rotated.secret).not.toBe(made.secret);
  expect(rotated.secrets.map(({ expiresAt }) => expiresAt === null)).toEqual([true, false]);
  const leftMs = Date.parse(rotated.secrets[1]!.expiresAt!) - Date.now();
  expect(Math.abs(leftMs - 3_600_000)).toBeLessThan(60_000);
  // A longer grace later does not prolong what was to end sooner.
  const again = (await ask<CreatedWebhook>("POST", `/v1/webhooks/${made.id}/rotate`, { graceHours: 168 })).body;
  expect(again.secrets[2]!.expiresAt).toBe(rotated.secrets[1]!.expiresAt);
  const own = `whsec_${randomBytes(24).toString("base64")}`;
  const last = (await ask<CreatedWebhook>("POST", `/v1/webhooks/${made.id}/rotate`, { graceHours: 0, secret: own }))
    .body;
  expect(last.secret).toBe(own);
  expect(last.secrets).toHaveLength(1);
});

test("what is wrong is said, and nothing is kept of it", async () => {
  const refused = await add({ url: "ftp://example.com", events: ["batch.done"], secret: "whsec_short" });
  expect(refused.status).toBe(400);
  for (const path of ["url", "events", "secret"]) expect(refused.text).toContain(`"${path}"`);
  expect((await add({ project: "none" })).body).toMatchObject({ code: "project_not_found" });
  expect(
    (await ask("POST", "/v1/clients/nobody/webhooks", { url: "https://a.example", events: ["run.reported"] })).body,
  ).toMatchObject({ code: "client_not_found" });
  expect((await ask("GET", `/v1/clients/${client}/webhooks`)).body).toEqual({ webhooks: [] });
  expect((await ask("GET", "/v1/webhooks/999999999")).body).toMatchObject({ code: "webhook_not_found" });
  expect((await ask("GET", "/v1/deliveries/999999999")).body).toMatchObject({ code: "delivery_not_found" });
});

test("a client has twenty webhooks at most, also when two are added at once", async () => {
  for (let made = 0; made < 18; made += 1) expect((await add()).status).toBe(201);
  const statuses = (await Promise.all([add(), add(), add()])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([201, 201, 409]);
  expect((await add()).body).toMatchObject({ code: "too_many_webhooks" });
});

test("deliveries come in pages, and by their state", async () => {
  const { body: made } = await add();
  const ids: number[] = [];
  for (let ping = 0; ping < 3; ping += 1) {
    ids.unshift((await ask<WebhookDeliveryDetail>("POST", `/v1/webhooks/${made.id}/ping`, {})).body.id);
  }
  const path = `/v1/webhooks/${made.id}/deliveries`;
  const first = (await ask<WebhookDeliveryPage>("GET", `${path}?limit=2`)).body;
  const second = (await ask<WebhookDeliveryPage>("GET", `${path}?limit=2&cursor=${first.next}`)).body;
  expect([...first.deliveries, ...second.deliveries].map(({ id }) => id)).toEqual(ids);
  expect(second.next).toBeNull();
  await ask("PATCH", `/v1/webhooks/${made.id}`, { enabled: false });
  expect((await ask<WebhookDeliveryPage>("GET", `${path}?state=waiting`)).body.deliveries).toEqual([]);
  const failed = (await ask<WebhookDeliveryPage>("GET", `${path}?state=failed`)).body.deliveries;
  expect(failed).toHaveLength(3);
  expect(failed[0]).toMatchObject({ event: "ping", error: { code: "webhook_disabled" }, nextAttemptAt: null });
  expect((await ask("POST", `/v1/deliveries/${ids[0]}/resend`, {})).body).toMatchObject({ code: "webhook_disabled" });
  await ask("PATCH", `/v1/webhooks/${made.id}`, { enabled: true });
  const resent = await ask<WebhookDeliveryDetail>("POST", `/v1/deliveries/${ids[0]}/resend`, {});
  expect(resent).toMatchObject({ status: 202, body: { state: "waiting", attempts: 0, eventId: failed[0]!.eventId } });
  await hub.sql`UPDATE messages SET state = 'running' WHERE id = ${ids[0]}`;
  expect((await ask("POST", `/v1/deliveries/${ids[0]}/resend`, {})).body).toMatchObject({ code: "delivery_under_way" });
});

test("the audit says who did what, and neither a secret nor an address that may be one", async () => {
  const { body: made } = await add({ url: "https://example.com/inlet?token=hunter2", project: "video" });
  const { secret } = (await ask<CreatedWebhook>("POST", `/v1/webhooks/${made.id}/rotate`, {})).body;
  await ask("PATCH", `/v1/webhooks/${made.id}`, { url: "https://example.com/inlet?token=hunter3" });
  const { id } = (await ask<WebhookDeliveryDetail>("POST", `/v1/webhooks/${made.id}/ping`, {})).body;
  await ask("POST", `/v1/deliveries/${id}/resend`, {});
  await ask("DELETE", `/v1/webhooks/${made.id}`);
  const lines = await hub.sql<{ action: string; path: string; detail: object }>`
    SELECT action, path, detail FROM audit WHERE path = ${`${client}/video`} AND action LIKE 'webhook.%' ORDER BY id`;
  expect(lines.map(({ action }) => action.replace("webhook.", ""))).toEqual([
    ...["add", "rotate", "change", "ping", "resend", "remove"],
  ]);
  expect(lines[2]!.detail).toMatchObject({ webhook: made.id, receiver: "https://example.com", urlChanged: true });
  const all = JSON.stringify(lines);
  for (const text of ["hunter", secret.slice(6, 20), made.secret.slice(6, 20)]) expect(all).not.toContain(text);
});
