import { setTimeout as pause } from "node:timers/promises";
import type {
  CreatedWebhook,
  NewWebhook,
  Webhook,
  WebhookAttempt,
  WebhookDelivery,
  WebhookDeliveryDetail,
  WebhookDeliveryState,
} from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { clock } from "../figures.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import { printable } from "../terminal.ts";

const LISTED = 20;
/** An attempt takes 15 s at most; then it is shown as it stands. */
const PING_PATIENCE_MS = 20_000;
const PING_PAUSE_MS = 200;

/** Lists a client's webhooks. */
export async function listWebhooks(client: string, options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const webhooks = await api.webhooks(client);
  const now = new Date();
  const columns: Column<Webhook>[] = [
    { title: "WEBHOOK", text: ({ id }) => String(id), align: "right", paint: (_, cell) => out.paint("bold", cell) },
    { title: "OF", text: ({ project }) => (project === null ? client : `${client}/${project}`) },
    { title: "STATE", text: stateOf, paint: (webhook, cell) => out.paint(isWell(webhook) ? "green" : "red", cell) },
    {
      title: "LAST TAKEN",
      text: ({ lastSuccessAt }) => (lastSuccessAt === null ? "never" : clock(lastSuccessAt, now)),
    },
    { title: "ADDRESS", text: ({ url }) => url, flexible: true },
    { title: "EVENTS", text: ({ events }) => events.join(" ") },
  ];
  if (webhooks.length === 0) out.line(`Client ${client} has no webhooks.`);
  else for (const line of renderTable(webhooks, columns, out)) out.line(line);
  result({ webhooks });
}

const isWell = ({ enabled, failingSince }: Webhook) => enabled && failingSince === null;
const stateOf = ({ enabled, failingSince }: Webhook) => (!enabled ? "disabled" : failingSince ? "failing" : "well");

/** Adds a webhook and shows its secret, once. */
export async function addWebhook(
  owner: string,
  url: string,
  options: GlobalOptions & { event: string[]; description?: string; secret?: string },
): Promise<void> {
  const { client, project } = owner.includes("/") ? readProjectName(owner) : { client: owner, project: undefined };
  const session = await openSession(options);
  const { event, description, secret } = options;
  const made = await session.api.addWebhook(client, {
    url,
    events: event as NewWebhook["events"],
    ...(project === undefined ? {} : { project }),
    ...(description === undefined ? {} : { description }),
    ...(secret === undefined ? {} : { secret }),
  });
  session.out.line(`Webhook ${session.out.paint("bold", String(made.id))} of ${owner} added. Its secret:`);
  showSecret(session, made);
  session.out.line(`Try it out: ${session.out.paint("cyan", `inlet webhooks ping ${made.id}`)}`);
}

function showSecret({ out, result }: Session, webhook: CreatedWebhook): void {
  out.line(`  ${webhook.secret}`);
  out.line(out.paint("yellow", "Keep it now; it is not shown again."));
  result({ webhook });
}

/** Changes what is given. */
export async function changeWebhook(
  id: number,
  options: GlobalOptions & { address?: string; event?: string[]; description?: string; enabled?: boolean },
): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { address, event, description, enabled } = options;
  const webhook = await api.changeWebhook(id, {
    ...(address === undefined ? {} : { url: address }),
    ...(event === undefined ? {} : { events: event as NewWebhook["events"] }),
    ...(description === undefined ? {} : { description }),
    ...(enabled === undefined ? {} : { enabled }),
  });
  out.line(`Webhook ${webhook.id} (${printable(webhook.url)}) is ${webhook.enabled ? "enabled" : "disabled"}.`);
  out.line(`It is told of ${webhook.events.join(", ")}.`);
  result({ webhook });
}

/** Removes a webhook with what is known of its deliveries. */
export async function removeWebhook(id: number, options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const removed = await api.removeWebhook(id);
  out.line(`Webhook ${id} is removed, and its deliveries with it.`);
  result(removed);
}

/** Makes a new secret and shows it, once. */
export async function rotateWebhook(id: number, options: GlobalOptions & { graceHours?: number }): Promise<void> {
  const session = await openSession(options);
  const { graceHours = 24 } = options;
  const rotated = await session.api.rotateWebhook(id, { graceHours });
  session.out.line(`New secret of webhook ${id}:`);
  showSecret(session, rotated);
  if (graceHours > 0) session.out.line(`For ${graceHours} hours events are signed with the old one, too.`);
}

/** Tries a webhook out, and shows what its receiver answered. */
export async function pingWebhook(id: number, options: GlobalOptions): Promise<number> {
  const session = await openSession(options);
  let delivery = await session.api.pingWebhook(id);
  const until = Date.now() + PING_PATIENCE_MS;
  while (delivery.lastAttempt === null && delivery.state !== "failed" && Date.now() < until) {
    await pause(PING_PAUSE_MS);
    delivery = await session.api.delivery(delivery.id);
  }
  showDelivery(session, delivery);
  return delivery.state === "delivered" ? EXIT.ok : EXIT.endedBadly;
}

/** Lists a webhook's deliveries. */
export async function listDeliveries(
  id: number,
  options: GlobalOptions & { state?: WebhookDeliveryState; limit?: number },
): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { state, limit = LISTED } = options;
  const page = await api.deliveries(id, { state, limit });
  const now = new Date();
  const columns: Column<WebhookDelivery>[] = [
    { title: "DELIVERY", text: (each) => String(each.id), align: "right", paint: (_, cell) => out.paint("bold", cell) },
    { title: "WRITTEN", text: ({ createdAt }) => clock(createdAt, now) },
    { title: "EVENT", text: ({ event, batchId, runId }) => `${event}${aboutOf(batchId, runId)}` },
    { title: "STATE", text: (each) => each.state, paint: (each, cell) => out.paint(colourOf(each), cell) },
    { title: "TRIES", text: ({ attempts }) => String(attempts), align: "right" },
    { title: "LAST ANSWER", text: ({ lastAttempt, error }) => answerOf(lastAttempt, error), flexible: true },
  ];
  if (page.deliveries.length === 0) out.line("No deliveries.");
  else for (const line of renderTable(page.deliveries, columns, out)) out.line(line);
  result(page);
}

const aboutOf = (batchId: number | null, runId: number | null) =>
  batchId !== null ? ` batch ${batchId}` : runId !== null ? ` run ${runId}` : "";

const colourOf = ({ state }: Pick<WebhookDelivery, "state">) =>
  state === "delivered" ? "green" : state === "failed" ? "red" : "yellow";

const answerOf = (attempt: WebhookAttempt | null, error: WebhookDelivery["error"]) =>
  error?.message ?? attempt?.error?.message ?? (attempt === null ? "" : `${attempt.status}`);

/** Shows a delivery with its body and its attempts. */
export async function delivery(id: number, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  showDelivery(session, await session.api.delivery(id));
}

/** Sends a delivery again, under the same `webhook-id`. */
export async function resendDelivery(id: number, options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const resent = await api.resendDelivery(id);
  out.line(
    `Delivery ${id} is sent again: ${out.paint("cyan", `inlet webhooks delivery ${id}`)} shows what comes of it.`,
  );
  result({ delivery: resent });
}

function showDelivery({ out, result }: Session, shown: WebhookDeliveryDetail): void {
  const now = new Date();
  const about = `${shown.event}${aboutOf(shown.batchId, shown.runId)}`;
  out.line(`${out.paint("bold", `Delivery ${shown.id}`)}  ${about}  ${out.paint(colourOf(shown), shown.state)}`);
  out.line(`  ${out.paint("dim", shown.eventId)}`);
  for (const attempt of shown.log) {
    const what = attempt.error === null ? `answered ${attempt.status}` : attempt.error.message;
    out.line(`  ${clock(attempt.at, now)}  ${attempt.durationMs} ms  ${printable(what)}`);
    const answer = attempt.answer.split("\n", 1)[0] ?? "";
    if (answer !== "") out.line(`    ${out.paint("dim", printable(answer))}`);
  }
  if (shown.error !== null) out.line(`  ${printable(shown.error.message)}`);
  if (shown.nextAttemptAt !== null && shown.attempts > 0) out.line(`  next attempt ${clock(shown.nextAttemptAt, now)}`);
  result({ delivery: shown });
}
