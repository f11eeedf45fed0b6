import { readFile } from "node:fs/promises";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import type { NewWebhook, ProfileInput, WebhookDeliveryDetail, Webhook as WebhookView } from "@inlet/contracts";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { inletOf, lastObject } from "../../packages/cli/src/testing/inlet.ts";
import { openReceiver, type Told } from "../../services/notifier/src/testing/receiver.ts";
import { type Hub, mailsAbout, openHub, readMail, waitFor } from "../fixtures/hub.ts";
import { buildProfile } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

/** Webhooks, the whole way: what happens to a file reaches a receiver of somebody else's, signed. */

let hub: Hub;
let api: ApiClient;
beforeAll(async () => {
  const services = ["watcher", "validator", "importer", "notifier", "api"] as const;
  hub = await openHub({ services: [...services], env: { REMOTE_ALLOW: "127.0.0.1" } });
  const key = await waitFor(
    () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
    "the first admin key",
  );
  api = openApi({ url: hub.stack.apiUrl, key: key.trim() });
});
afterAll(() => hub?.stop());

let receivers: Awaited<ReturnType<typeof openReceiver>>[] = [];
afterEach(async () => {
  for (const each of receivers) await each.close();
  receivers = [];
});
async function receiver(...how: Parameters<typeof openReceiver>) {
  const opened = await openReceiver(...how);
  receivers.push(opened);
  return opened;
}

let clients = 0;
/** A client of its own with a project, so that no test hears of another's files. */
async function givenProject(overrides: Partial<ProfileInput> = {}) {
  clients += 1;
  const { links: _none, ...profile } = buildProfile({
    client: `acme${clients}`,
    project: "spring",
    notify: { recipients: [`ops${clients}@example.com`] },
    ...overrides,
  });
  await live(hub.database, profile);
  const { client, project } = profile;
  return {
    client,
    project,
    recipient: `ops${clients}@example.com`,
    send: (name: string, text: string) => api.upload({ client, project, name, body: new Blob([text]) }),
    addWebhook: (url: string, webhook: Partial<NewWebhook> = {}) =>
      api.addWebhook(client, { url, events: ["batch.completed"], ...webhook }),
  };
}

const GOOD = "id,name,amount\n1,Quentin Xanadu,2\n";
const BAD = "id,name,amount\nno number,Quentin Xanadu,2\n";

interface Event {
  type: string;
  timestamp: string;
  // biome-ignore lint/suspicious/noExplicitAny: each type has data of its own
  data: any;
}

/** What was told, as its receiver reads it: with the library of Standard Webhooks. */
function read({ headers, body }: Told, secret: string): Event {
  return new Webhook(secret).verify(body, headers as Record<string, string>) as Event;
}

const eventually = (told: readonly Told[], count: number) =>
  waitFor(async () => told.length >= count, `event ${count} of a webhook`);

const delivery = (id: number, is: (delivery: WebhookDeliveryDetail) => boolean) =>
  waitFor(async () => {
    const found = await api.delivery(id);
    return is(found) ? found : undefined;
  }, `delivery ${id}`);

const deliveriesOf = async ({ id }: WebhookView) => (await api.deliveries(id)).deliveries;

test("a receiver is told of each file and each run, and of no cell", async () => {
  const project = await givenProject();
  const other = await givenProject();
  const { told, url } = await receiver();
  const events = ["batch.received", "batch.completed", "batch.rejected", "batch.duplicate", "run.reported"] as const;
  const webhook = await project.addWebhook(url, { events: [...events], project: project.project });
  const ofClient = await receiver();
  await project.addWebhook(ofClient.url, { events: ["batch.rejected"] });
  await project.send("good.csv", GOOD);
  await eventually(told, 3);
  await project.send("bad.csv", BAD);
  await eventually(told, 6);
  await project.send("good.csv", GOOD);
  await other.send("other.csv", GOOD);
  await eventually(told, 9);
  await eventually(ofClient.told, 1);

  const all = told.map((one) => read(one, webhook.secret));
  const about = (fileName: string) =>
    all.filter(({ data }) => data.fileName === fileName || data.batches?.[0].fileName === fileName);
  expect(
    about("bad.csv")
      .map(({ type }) => type)
      .sort(),
  ).toEqual(["batch.received", "batch.rejected", "run.reported"]);
  const completed = all.find(({ type }) => type === "batch.completed")!;
  const [batch] = (await api.batches({ client: project.client, status: ["completed"] })).batches;
  expect(completed.data).toMatchObject({
    batchId: batch!.id,
    revision: 1,
    client: project.client,
    project: "spring",
    table: "rows",
    runId: batch!.runId,
    source: "upload",
    status: "completed",
    reason: null,
    rehearsal: false,
    counts: { records: 1, valid: 1, rejected: 0, imported: 1 },
    endedAt: batch!.endedAt,
  });
  expect(completed.timestamp).toBe(batch!.endedAt);
  expect(all.find(({ type }) => type === "batch.duplicate")!.data.reason.code).toBe("duplicate_name");
  const reported = all.find(({ type, data }) => type === "run.reported" && data.runId === batch!.runId)!;
  expect(reported.data).toMatchObject({ revision: 1, statuses: { completed: 1 }, missing: [] });
  expect(new Set(told.map(({ headers }) => headers["webhook-id"])).size).toBe(told.length);
  expect(JSON.stringify(all)).not.toMatch(/Quentin|no number/);
  expect(ofClient.told).toHaveLength(1);
  expect(await deliveriesOf(webhook)).toHaveLength(9);

  const { rows } = await hub.database.pool.query(
    "SELECT count(*) FROM messages WHERE kind = 'webhook' AND project_id IN (SELECT p.id FROM projects p JOIN clients c ON c.id = p.client_id WHERE c.slug = $1)",
    [other.client],
  );
  expect(rows).toEqual([{ count: 0 }]);
});

test("an event whose sender dies between answer and record comes again under its id", async () => {
  const project = await givenProject();
  const { told, url } = await receiver();
  const webhook = await project.addWebhook(url);
  await hub.stack.armFailpoint("notify.answered");
  await project.send("twice.csv", GOOD);
  await eventually(told, 2);
  const [first, second] = told as [Told, Told];
  expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
  expect(second.body).toBe(first.body);
  expect(read(second, webhook.secret)).toEqual(read(first, webhook.secret));
  const { id } = (await deliveriesOf(webhook))[0]!;
  const { log } = await delivery(id, ({ state }) => state === "delivered");
  expect(log).toMatchObject([{ status: 204, error: null }]);
});

test("what is not taken is tried again by itself, or at once by hand, under the same id", async () => {
  const project = await givenProject();
  let status = 503;
  const { told, url } = await receiver((_request, response) => response.writeHead(status).end("out for lunch"));
  const webhook = await project.addWebhook(url);
  const ping = await api.pingWebhook(webhook.id);
  const waiting = await delivery(ping.id, ({ attempts, state }) => attempts === 1 && state === "waiting");
  const inMs = Date.parse(waiting.nextAttemptAt!) - Date.parse(waiting.lastAttempt!.at);
  expect(inMs).toBeGreaterThan(4_900);
  expect(inMs).toBeLessThan(20_000);
  expect(waiting.lastAttempt).toMatchObject({
    status: 503,
    error: { code: "receiver_refuses" },
    answer: "out for lunch",
  });
  expect((await api.webhook(webhook.id)).failingSince).not.toBeNull();
  status = 200;
  await api.resendDelivery(ping.id);
  const delivered = await delivery(ping.id, ({ state }) => state === "delivered");
  expect(delivered.log.map((attempt) => attempt.status)).toEqual([200, 503]);
  expect(told.map(({ headers }) => headers["webhook-id"])).toEqual([ping.eventId, ping.eventId]);
  expect(read(told[1]!, webhook.secret)).toMatchObject({ type: "ping", data: { client: project.client } });
  expect((await api.webhook(webhook.id)).failingSince).toBeNull();
});

test("a receiver that is gone is told no more, and its project's people are told so", async () => {
  const project = await givenProject();
  const { told, url } = await receiver((_request, response) => response.writeHead(410).end());
  const webhook = await project.addWebhook(`${url}?token=hunter2`, { events: ["batch.received", "batch.completed"] });
  const ping = await api.pingWebhook(webhook.id);
  expect(await delivery(ping.id, ({ state }) => state === "failed")).toMatchObject({
    error: { code: "receiver_gone" },
    attempts: 1,
  });
  expect(await api.webhook(webhook.id)).toMatchObject({
    enabled: false,
    disabledReason: expect.stringContaining("410"),
  });
  await project.send("unheard.csv", GOOD);
  await waitFor(
    async () => (await api.batches({ client: project.client, status: ["completed"] })).batches[0],
    "the file's end",
  );
  expect(told).toHaveLength(1);
  expect(await deliveriesOf(webhook)).toHaveLength(1);
  await expect(api.resendDelivery(ping.id)).rejects.toMatchObject({ code: "webhook_disabled" });
  const subject = `WEBHOOK DISABLED: spring, ${new URL(url).origin}`;
  const mail = await waitFor(async () => (await mailsAbout(hub, subject))[0], "the mail on it");
  const { text } = await readMail(hub, mail.id);
  expect(text).toContain(`inlet webhooks enable ${webhook.id}`);
  expect(text).not.toContain("hunter2");
});

test("one that fails for five days is disabled, too; enabled again, it begins anew", async () => {
  const project = await givenProject();
  let status = 500;
  const { told, url } = await receiver((_request, response) => response.writeHead(status).end());
  const webhook = await project.addWebhook(url);
  await hub.database.pool.query("UPDATE webhooks SET failing_since = now() - interval '4 days' WHERE id = $1", [
    webhook.id,
  ]);
  const first = await api.pingWebhook(webhook.id);
  await delivery(first.id, ({ lastAttempt }) => lastAttempt !== null);
  expect((await api.webhook(webhook.id)).enabled).toBe(true);
  await hub.database.pool.query("UPDATE webhooks SET failing_since = now() - interval '5 days' WHERE id = $1", [
    webhook.id,
  ]);
  const second = await api.pingWebhook(webhook.id);
  await waitFor(async () => !(await api.webhook(webhook.id)).enabled, "the webhook's end");
  expect((await api.webhook(webhook.id)).disabledReason).toContain("Every attempt since");
  // What waited has failed: nobody is told of it while the webhook is disabled.
  for (const { id } of [first, second]) {
    expect(await api.delivery(id)).toMatchObject({ state: "failed", error: { code: "webhook_disabled" } });
  }
  expect(told).toHaveLength(2);
  status = 200;
  expect(await api.changeWebhook(webhook.id, { enabled: true })).toMatchObject({
    disabledReason: null,
    failingSince: null,
  });
  await project.send("again.csv", GOOD);
  await eventually(told, 3);
});

test("receivers that do not answer hold up neither others nor the mails", async () => {
  const project = await givenProject({ notify: { on: ["completed"], recipients: ["slow@example.com"] } });
  let givenUp = 0;
  const silent = await receiver((_request, response) =>
    response.on("close", () => {
      givenUp += 1;
    }),
  );
  const quick = await receiver();
  const slow = await project.addWebhook(silent.url);
  // More than there are places in all.
  for (let message = 0; message < 80; message += 1) await api.pingWebhook(slow.id);
  await eventually(silent.told, 4);
  const webhook = await project.addWebhook(quick.url);
  await project.send("quick.csv", GOOD);
  await eventually(quick.told, 1);
  await waitFor(async () => (await mailsAbout(hub, "quick.csv"))[0], "the report");
  // Nobody had to wait until an attempt there was given up.
  expect(givenUp).toBe(0);
  expect(read(quick.told[0]!, webhook.secret).data.fileName).toBe("quick.csv");
  expect(silent.told.length).toBeLessThanOrEqual(4);
  expect(await api.removeWebhook(slow.id)).toEqual({ id: slow.id, removed: true });
  await expect(api.webhook(slow.id)).rejects.toMatchObject({ code: "webhook_not_found" });
});

test("while a secret is rotated, either of both proves an event; afterwards the new one alone", async () => {
  const project = await givenProject();
  const { told, url } = await receiver();
  const given = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  const webhook = await project.addWebhook(url, { secret: given });
  expect(webhook.secret).toBe(given);
  const rotated = await api.rotateWebhook(webhook.id);
  expect(rotated.secrets).toHaveLength(2);
  await api.pingWebhook(webhook.id);
  await eventually(told, 1);
  for (const secret of [given, rotated.secret]) expect(read(told[0]!, secret).type).toBe("ping");
  const last = await api.rotateWebhook(webhook.id, { graceHours: 0 });
  await api.pingWebhook(webhook.id);
  await eventually(told, 2);
  expect(read(told[1]!, last.secret).type).toBe("ping");
  for (const secret of [given, rotated.secret]) expect(() => read(told[1]!, secret)).toThrow("No matching signature");
});

test("on the command line a webhook is added, tried out, looked at and removed", async () => {
  const project = await givenProject();
  const { told, url } = await receiver((_request, response) => response.writeHead(200).end("thanks"));
  const inlet = inletOf(hub.stack.stateFolder);
  const run = (...args: string[]) => inlet.run(["webhooks", ...args]);
  const name = `${project.client}/${project.project}`;
  const added = await run("add", name, url, "-e", "batch.completed", "-e", "run.reported", "--json");
  expect(added.exitCode).toBe(0);
  const { webhook } = lastObject(added) as { webhook: { id: number; secret: string } };
  const id = String(webhook.id);
  const ping = await run("ping", id);
  expect(ping).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("answered 200") });
  expect(ping.stdout).toContain("thanks");
  expect(read(told[0]!, webhook.secret).type).toBe("ping");
  const [list, deliveries] = await Promise.all([run("list", project.client), run("deliveries", id)]);
  expect(list.stdout).toMatch(new RegExp(`${id} +${name} +well .*${url}`));
  expect(list.stdout).not.toContain(webhook.secret.slice(6, 20));
  const delivery = /^ *(\d+) .* ping +delivered /m.exec(deliveries.stdout)![1]!;
  const [resent, rotated] = await Promise.all([run("resend", delivery), run("rotate", id, "--grace-hours", "1")]);
  expect(resent.exitCode).toBe(0);
  expect(rotated.stdout).toMatch(/whsec_\S+/);
  await eventually(told, 2);
  expect((await run("delivery", delivery)).stdout).toContain(told[1]!.headers["webhook-id"]);
  expect((await run("disable", id)).stdout).toContain("disabled");
  expect((await run("ping", id)).exitCode).toBe(7);
  expect((await run("remove", id)).exitCode).toBe(0);
});
