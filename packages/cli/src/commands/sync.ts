import { setTimeout as pause } from "node:timers/promises";
import type { Reconciliation, SubscriptionDetail, SubscriptionView, SyncLetter } from "@inlet/contracts";
import { count, duration, figure } from "@inlet/contracts/figures";
import { EXIT } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { clock } from "../figures.ts";
import { readProjectFilter } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import { printable } from "../terminal.ts";

const LISTED = 20;
const COMPARISONS_SHOWN = 5;
const COMPARING_PAUSE_MS = 500;

/** Lists subscriptions with how far each is. */
export async function listSubscriptions(
  options: GlobalOptions & { client?: string; project?: string; ended?: boolean },
): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { client, ended } = options;
  const subscriptions = await api.subscriptions({ client, ...readProjectFilter(options.project), ended });
  const now = new Date();
  const columns: Column<SubscriptionView>[] = [
    { title: "ID", text: ({ id }) => String(id), align: "right", paint: (_, cell) => out.paint("bold", cell) },
    { title: "SYSTEM", text: ({ name, use }) => (name === use ? name : `${name} (${use})`), flexible: true },
    { title: "CATALOG", text: ({ client: owner, project, catalog }) => `${owner}/${project} ${catalog}` },
    { title: "STATE", text: ({ state }) => state, paint: ({ state }, cell) => out.paint(colourOf(state), cell) },
    { title: "BEHIND", text: behind },
    { title: "DEAD", text: ({ letters }) => (letters.dead === 0 ? "" : figure(letters.dead)), align: "right" },
    {
      title: "LAST SUCCESS",
      text: ({ lastSuccessAt }) => (lastSuccessAt === null ? "never" : clock(lastSuccessAt, now)),
      spare: true,
    },
  ];
  if (subscriptions.length === 0)
    out.line("No table is kept in step with another system. docs/sync.md says how that is set up.");
  else for (const line of renderTable(subscriptions, columns, out)) out.line(line);
  result({ subscriptions });
}

const colourOf = (state: SubscriptionView["state"]) =>
  state === "active" || state === "backfilling" ? "green" : state === "misconfigured" ? "red" : "yellow";

function behind({ outward, lag, backfill }: SubscriptionView): string {
  if (!outward) return "";
  if (backfill !== null)
    return `first copy ${figure(backfill.done)}${backfill.total === null ? "" : ` of ${figure(backfill.total)}`}`;
  return lag.changes === 0 ? "" : `${count(lag.changes, "change")}, ${duration(lag.seconds * 1000)}`;
}

/** Shows one subscription. */
export async function showSubscription(id: number, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  const [subscription, { reconciliations }] = await Promise.all([
    session.api.subscription(id),
    session.api.reconciliations(id, { limit: COMPARISONS_SHOWN }),
  ]);
  show(session, subscription);
  if (reconciliations.length > 0) session.out.line();
  for (const each of reconciliations) session.out.line(`  ${comparisonLine(each)}`);
  session.result({ ...subscription, reconciliations });
}

function show({ out }: Session, subscription: SubscriptionDetail): void {
  const { id, name, use, client, project, catalog, state, letters, incoming, problem, lastError } = subscription;
  const now = new Date();
  const fact = (title: string, text: string | null | false | undefined) => {
    if (text) out.line(`  ${out.paint("dim", title.padEnd(14))} ${printable(text)}`);
  };
  out.line(`${out.paint("bold", `Subscription ${id}`)}  ${name}  ${client}/${project} ${catalog}`);
  fact("state", out.paint(colourOf(state), state));
  fact("subscriber", use);
  fact("behind", behind(subscription) || (subscription.outward && "nothing"));
  fact("sent", subscription.outward && count(subscription.pushed, "change"));
  fact(
    "not taken",
    (letters.dead > 0 || letters.retrying > 0) && `${letters.dead} given up, ${letters.retrying} tried again`,
  );
  fact("cannot run", problem?.message);
  fact("last error", lastError && `${clock(lastError.at, now)}  ${lastError.message}`);
  fact("next attempt", subscription.nextAttemptAt && clock(subscription.nextAttemptAt, now));
  fact(
    "paused",
    subscription.paused &&
      `${clock(subscription.paused.at, now)}${subscription.paused.by ? ` by ${subscription.paused.by}` : ""}`,
  );
  fact("its webhooks", subscription.inwardAddress);
  if (incoming === null) return;
  const { changed, unchanged, refused, waiting, turnedAway } = incoming;
  fact(
    "has sent us",
    `${count(changed, "change")}, ${figure(unchanged)} that changed nothing, ${figure(refused)} refused`,
  );
  fact("waiting", waiting > 0 && count(waiting, "event"));
  fact("last asked", incoming.lastPollAt && clock(incoming.lastPollAt, now));
  fact("could not ask", incoming.error?.message);
  fact("not let in", turnedAway.count > 0 && `${count(turnedAway.count, "request")}: ${turnedAway.reason ?? ""}`);
}

function comparisonLine({ startedAt, createdAt, state, result, error }: Reconciliation): string {
  const at = clock(startedAt ?? createdAt, new Date());
  if (result === null) return `compared ${at}  ${state}${error === null ? "" : `  ${printable(error.message)}`}`;
  const { here, there, missingThere, missingHere, different, sent, taken } = result;
  const drift = missingThere + missingHere + different;
  const found =
    drift === 0
      ? "alike"
      : `${missingThere} not there, ${missingHere} not here, ${different} different; ${sent} sent again, ${taken} taken`;
  return `compared ${at}  ${figure(here)} here, ${figure(there)} there: ${found}`;
}

/** Pauses a subscription. */
export const pauseSubscription = (id: number, options: GlobalOptions) =>
  act(options, ({ api }) => api.pauseSubscription(id), "is paused. Nothing is lost meanwhile");

/** Lets a subscription go on. */
export const resumeSubscription = (id: number, options: GlobalOptions) =>
  act(options, ({ api }) => api.resumeSubscription(id), "goes on");

/** Sends the changes since a time once more. */
export async function replaySubscription(id: number, options: GlobalOptions & { since: string }): Promise<void> {
  const since = new Date(options.since);
  if (Number.isNaN(since.getTime()))
    throw usageFailure(`${options.since} is no time. Write it like 2026-11-20T09:00Z.`);
  await act(
    options,
    ({ api }) => api.replaySubscription(id, { since: since.toISOString() }),
    `gets the changes since ${since.toISOString()} once more`,
  );
}

/** Sends everything that differs, or everything. */
export const backfillSubscription = (id: number, options: GlobalOptions & { all?: boolean }) =>
  act(
    options,
    ({ api }) => api.backfillSubscription(id, { all: options.all === true }),
    options.all ? "gets every item once more" : "gets every item that differs from what it is known to have",
  );

/** Asks a system that is polled now. */
export const pollSubscription = (id: number, options: GlobalOptions & { fromStart?: boolean }) =>
  act(
    options,
    ({ api }) => api.pollSubscription(id, { fromStart: options.fromStart === true }),
    options.fromStart ? "is asked for everything" : "is asked now",
  );

async function act(
  options: GlobalOptions,
  work: (session: Session) => Promise<SubscriptionView>,
  words: string,
): Promise<void> {
  const session = await openSession(options);
  const subscription = await work(session);
  session.out.line(`${printable(subscription.name)} ${words}.`);
  session.result({ subscription });
}

/** Compares both sides and waits for what it finds. */
export async function compareSubscription(id: number, options: GlobalOptions & { mend?: boolean }): Promise<number> {
  const { api, out, result } = await openSession(options);
  const asked = (await api.reconcile(id, { mend: options.mend === true })).reconciliations[0]!;
  let comparison = asked;
  while (comparison.state === "due" || comparison.state === "running") {
    await pause(COMPARING_PAUSE_MS);
    const { reconciliations } = await api.reconciliations(id, { limit: COMPARISONS_SHOWN });
    comparison = reconciliations.find((each) => each.id === asked.id) ?? comparison;
  }
  out.line(comparisonLine(comparison));
  for (const { kind, key, columns } of comparison.result?.samples ?? []) {
    out.line(`  ${kind.replace("_", " ").padEnd(14)} ${printable(key)}  ${columns.join(", ")}`);
  }
  result({ comparison });
  return comparison.state === "done" ? EXIT.ok : EXIT.endedBadly;
}

/** Lists what was not taken. */
export async function listLetters(
  id: number,
  options: GlobalOptions & { state?: SyncLetter["state"]; direction?: SyncLetter["direction"]; limit?: number },
): Promise<void> {
  const { api, out, result } = await openSession(options);
  const { state, direction, limit = LISTED } = options;
  const page = await api.syncLetters(id, { state, direction, limit });
  const now = new Date();
  const columns: Column<SyncLetter>[] = [
    {
      title: "LETTER",
      text: (letter) => String(letter.id),
      align: "right",
      paint: (_, cell) => out.paint("bold", cell),
    },
    { title: "WAY", text: (letter) => letter.direction },
    {
      title: "STATE",
      text: (letter) => letter.state,
      paint: ({ state: stands }, cell) => out.paint(stands === "dead" ? "red" : "dim", cell),
    },
    { title: "ITEM", text: ({ key }) => key ?? "unknown" },
    {
      title: "TRIED",
      text: ({ changedAt, attempts }) => `${clock(changedAt, now)}${attempts > 1 ? ` (${attempts})` : ""}`,
    },
    { title: "WHY", text: whyOf, flexible: true, wrap: true },
  ];
  if (page.letters.length === 0) out.line("Nothing: every item was taken.");
  else for (const line of renderTable(page.letters, columns, out)) out.line(line);
  result(page);
}

const whyOf = ({ error, findings }: SyncLetter): string =>
  [error?.message, ...findings.map(({ column, message }) => (column === null ? message : `${column}: ${message}`))]
    .filter((part) => part !== undefined)
    .join(" ");

/** Tries a letter again, or all that are dead. */
export async function retryLetters(id: number, letter: number | undefined, options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const answer = letter === undefined ? await api.retryLetters(id) : await api.retryLetter(id, letter);
  out.line(
    answer.retried === 0 ? "There was nothing to try again." : `${count(answer.retried, "letter")} tried again now.`,
  );
  result(answer);
}

/** Leaves an item as it is. */
export async function dismissLetter(
  id: number,
  letter: number,
  options: GlobalOptions & { reason: string },
): Promise<void> {
  const { api, out, result } = await openSession(options);
  const answer = await api.dismissLetter(id, letter, { reason: options.reason });
  out.line(`Letter ${letter} is dismissed.`);
  result(answer);
}
