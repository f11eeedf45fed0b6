import { Misconfigured, Unavailable } from "@inlet/contracts";
import {
  asUnavailable,
  type ClaimedReconciliation,
  claimReconciliations,
  countKeysThere,
  delayReconciliation,
  endReconciliation,
  findReconciliationBefore,
  forgetKeysThere,
  type ReconciliationResult,
  renewReconciliation,
  type StoredError,
} from "@inlet/database";
import { failureOf } from "../failure.ts";
import type { InwardOptions } from "../inward/inward-options.ts";
import { inwardParts } from "../inward/inward-parts.ts";
import type { OpenSubscriptions } from "../inward/open-subscriptions.ts";
import { staysInPlace } from "../inward/stays-in-place.ts";
import { standBackMs } from "../outward/back-off.ts";
import { type Comparison, comparePage, findMissingThere, noResult, removeGone } from "./compare.ts";

/** A comparison that fails for reasons that may pass begins anew so many times. */
const MOST_ATTEMPTS = 5;

interface ReconcileParts {
  subscriptions: OpenSubscriptions;
  signal: AbortSignal;
}

/** Claims a comparison that is due, and makes it. Resolves at once, to what is then under way, which never rejects. */
export async function claimAndReconcile(options: InwardOptions, parts: ReconcileParts): Promise<Promise<void>[]> {
  const { database, worker, leaseMs } = options;
  const claimed = await claimReconciliations(database, { worker, leaseMs, limit: 1 });
  return claimed.map((each) => reconcile(options, parts, each));
}

async function reconcile(
  options: InwardOptions,
  { subscriptions, signal }: ReconcileParts,
  claimed: ClaimedReconciliation,
): Promise<void> {
  const { database, leaseMs, logger } = options;
  const lost = new AbortController();
  const ended = AbortSignal.any([signal, lost.signal]);
  const heartbeat = setInterval(() => {
    renewReconciliation(database, { ...claimed, leaseMs }).then(
      (isOurs) => {
        if (!isOurs) lost.abort(new Error("another process compares"));
      },
      () => {},
    );
  }, leaseMs / 3);
  try {
    const result = await compare(options, { subscriptions, claimed, signal: ended });
    await endReconciliation(database, { ...claimed, result, error: null });
    await tell(options, claimed, result);
  } catch (error) {
    if (lost.signal.aborted) return;
    await failed(options, claimed, { error: asUnavailable(error), isClosing: signal.aborted }).catch((err) =>
      logger.warn({ err }, "could not keep why a comparison failed; its lease will run out"),
    );
  } finally {
    clearInterval(heartbeat);
    await forgetKeysThere(database, claimed).catch((err) =>
      logger.warn({ err }, "could not forget a comparison's keys"),
    );
  }
}

/** The other side's items page by page against ours, then ours against all of theirs. Memory does not grow with either. */
async function compare(
  options: InwardOptions,
  {
    subscriptions,
    claimed,
    signal,
  }: { subscriptions: OpenSubscriptions; claimed: ClaimedReconciliation; signal: AbortSignal },
): Promise<ReconciliationResult> {
  const { subscription } = claimed;
  const { subscriber, profile } = await subscriptions.of(subscription);
  if (!subscriber.can.list) throw cannotList(subscription.name);
  const parts = inwardParts(subscription, {
    profile,
    fields: subscriber.fields,
    rules: options.rules,
    key: options.key,
  });
  const comparison: Comparison = { claimed, parts, result: noResult(), goneThere: [] };
  let cursor: string | null = null;
  for (let isMore = true; isMore; ) {
    signal.throwIfAborted();
    const page = await subscriber.list(cursor, signal);
    if (page.hasMore && page.cursor === cursor) throw staysInPlace(subscription.name);
    await comparePage(options, comparison, page.items);
    cursor = page.cursor;
    isMore = page.hasMore;
  }
  const { result } = comparison;
  await findMissingThere(options, comparison, signal);
  // The table of keys is not written to the log: after a crash of PostgreSQL it is empty, and everything seems to be gone.
  const kept = await countKeysThere(options.database, claimed);
  if (kept < result.there - result.invalid) throw keysLost();
  await removeGone(options, comparison, signal);
  return result;
}

/** Says in the log what was found; what was found before, too, and could not be mended, louder. */
async function tell(
  { database, logger }: InwardOptions,
  { subscription, reconciliationId }: ClaimedReconciliation,
  result: ReconciliationResult,
): Promise<void> {
  const { samples: _, ...counts } = result;
  const facts = { client: subscription.client, project: subscription.project, name: subscription.name, ...counts };
  const before = await findReconciliationBefore(database, { subscriptionId: subscription.id, id: reconciliationId });
  if (drift(result) > 0 && before && drift(before) > 0) logger.warn(facts, "both sides have drifted apart again");
  else logger.info(facts, "compared both sides");
}

const drift = ({ missingThere, missingHere, different }: ReconciliationResult) =>
  missingThere + missingHere + different;

async function failed(
  { database, logger, retryMs, figures }: InwardOptions,
  claimed: ClaimedReconciliation,
  { error, isClosing }: { error: unknown; isClosing: boolean },
): Promise<void> {
  const { subscription, attempts } = claimed;
  const failure = failureOf(error);
  const stored: StoredError = { code: failure.code, message: failure.message, retryable: failure.kind === "passing" };
  if (isClosing) return await delayReconciliation(database, { ...claimed, delayMs: 0, error: stored });
  figures.failed("reconciliation");
  const facts = { err: error, client: subscription.client, project: subscription.project, name: subscription.name };
  if (failure.kind === "passing" && attempts < MOST_ATTEMPTS) {
    logger.warn(facts, "a comparison failed; will begin anew");
    const delayMs = standBackMs(failure, attempts, { baseMs: retryMs, random: Math.random() });
    return await delayReconciliation(database, { ...claimed, delayMs, error: stored });
  }
  logger.warn(facts, "a comparison failed");
  await endReconciliation(database, { ...claimed, result: null, error: stored });
}

const keysLost = () =>
  new Unavailable({
    code: "reconciliation_interrupted",
    message: "PostgreSQL was restarted while both sides were compared. The comparison begins anew.",
  });

const cannotList = (name: string) =>
  new Misconfigured({
    code: "subscription_invalid",
    message: `Subscription ${name} cannot be compared: its subscriber lists nothing (list or pull). Correct the profile.`,
  });
