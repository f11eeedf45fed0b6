import { setTimeout as pause } from "node:timers/promises";
import type { SubscriptionView, SyncLetter } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { EXIT } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { readProjectFilter } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { comparisonLines, letterTable, sampleLines, subscriptionLines, subscriptionTable } from "../sync-text.ts";
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
  if (subscriptions.length > 0) for (const line of subscriptionTable(subscriptions, out, new Date())) out.line(line);
  else if (client !== undefined || options.project !== undefined) out.line("There is none of that client or project.");
  else out.line("No table is kept in step with another system. docs/sync.md says how that is set up.");
  result({ subscriptions });
}

/** Shows one subscription. */
export async function showSubscription(id: number, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  const [subscription, { reconciliations }] = await Promise.all([
    session.api.subscription(id),
    session.api.reconciliations(id, { limit: COMPARISONS_SHOWN }),
  ]);
  const { out } = session;
  const now = new Date();
  for (const line of subscriptionLines(subscription, out, now)) out.line(line);
  if (reconciliations.length > 0) out.line();
  const inset = { ...out, columns: out.columns - 2 };
  for (const each of reconciliations) for (const line of comparisonLines(each, inset, now)) out.line(`  ${line}`);
  session.result({ ...subscription, reconciliations });
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
  for (const line of [...comparisonLines(comparison, out, new Date()), ...sampleLines(comparison)]) out.line(line);
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
  if (page.letters.length > 0) for (const line of letterTable(page.letters, out, new Date())) out.line(line);
  else out.line(state === undefined && direction === undefined ? "Nothing: every item was taken." : "There is none.");
  result(page);
}

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
