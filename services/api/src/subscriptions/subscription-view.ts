import type { Reconciliation, SubscriptionDetail, SubscriptionView, SyncLetter } from "@inlet/contracts";
import type {
  InwardView,
  LetterView,
  ReconciliationView as ReconciliationRow,
  SubscriptionView as SubscriptionRow,
} from "@inlet/database";

/** What of the surroundings a view needs. */
interface ViewOptions {
  /** For a caller who sees one client alone: who of the platform team did what is left out. */
  forClient: boolean;
  /** Where the syncer's listener is reached from outside. Undefined: nobody said. */
  inwardUrl: string | undefined;
}

/** A subscription as the API tells of it. Settings and secrets' names are in the profile. */
export function subscriptionView(row: SubscriptionRow, { forClient, inwardUrl }: ViewOptions): SubscriptionView {
  const { id, client, project, table: catalog, name, use, state, definition, pushed, skipped } = row;
  const inward = definition.inward?.by ?? null;
  return {
    ...{ id, client, project, catalog, name, use, outward: definition.outward, inward },
    // A system that cannot be asked fails as one does that takes nothing.
    state: row.pollError !== null && (state === "active" || state === "backfilling") ? "failing" : state,
    lag: definition.outward ? { changes: row.lagChanges, seconds: row.lagSeconds } : { changes: 0, seconds: 0 },
    backfill: row.backfill === null ? null : { done: row.backfill.done, total: row.backfill.total },
    ...{ pushed, skipped },
    letters: { retrying: row.retrying, dead: row.dead },
    problem: errorView(row.misconfigured),
    lastError: timedErrorView(row.pollError ?? row.lastError, row.pollError ? row.pollErrorAt : row.lastErrorAt),
    failingSince: timeView(row.failingSince),
    nextAttemptAt: timeView(row.nextAttemptAt),
    lastSuccessAt: timeView(row.lastSuccessAt),
    paused: row.pausedAt && { at: row.pausedAt.toISOString(), by: forClient ? null : row.pausedBy },
    inwardAddress:
      inward === "webhook" && inwardUrl !== undefined
        ? `${inwardUrl.replace(/\/+$/, "")}/in/${client}/${project}/${name}`
        : null,
    reconciles: definition.reconcile?.at ?? null,
    createdAt: row.createdAt.toISOString(),
  };
}

/** What comes from the other system. */
export function incomingView(row: InwardView): NonNullable<SubscriptionDetail["incoming"]> {
  const { changed, unchanged, refused, waiting } = row;
  return {
    ...{ changed, unchanged, refused, waiting },
    lastItemAt: timeView(row.lastItemAt),
    lastPollAt: timeView(row.lastPollAt),
    nextPollAt: timeView(row.pollAt),
    error: timedErrorView(row.error, row.errorAt),
    turnedAway: { count: row.turnedAway, lastAt: timeView(row.turnedAwayAt), reason: row.turnedAwayReason },
  };
}

/** A comparison of both sides. */
export function reconciliationView(
  row: ReconciliationRow,
  { forClient }: Pick<ViewOptions, "forClient">,
): Reconciliation {
  const { id, subscriptionId, mend, state, result } = row;
  return {
    ...{ id, subscriptionId, mend, state, result },
    actor: forClient ? null : row.actor,
    dueAt: timeView(row.dueAt),
    createdAt: row.createdAt.toISOString(),
    startedAt: timeView(row.startedAt),
    endedAt: timeView(row.endedAt),
    error: errorView(row.error),
  };
}

/** A letter, without the item that it is about: that may hold personal data, and is in the item's history. */
export function letterView(
  row: LetterView,
  subscriptionId: number,
  { forClient }: Pick<ViewOptions, "forClient">,
): SyncLetter {
  const { id, direction, state, key, attempts } = row;
  return {
    ...{ id, subscriptionId, direction, state, key, attempts },
    error: errorView(row.error),
    findings: findingsView(row.findings),
    nextAttemptAt: timeView(row.nextAttemptAt),
    createdAt: row.createdAt.toISOString(),
    changedAt: row.changedAt.toISOString(),
    dismissed:
      row.state === "dismissed" ? { by: forClient ? null : row.dismissedBy, reason: row.dismissReason ?? "" } : null,
  };
}

const timeView = (time: Date | null): string | null => time?.toISOString() ?? null;

const errorView = (error: { code: string; message: string } | null) =>
  error === null ? null : { code: error.code, message: error.message };

const timedErrorView = (error: { code: string; message: string } | null, at: Date | null) =>
  error === null || at === null ? null : { code: error.code, message: error.message, at: at.toISOString() };

/** They are stored as the check told them; older ones may know fewer things. */
function findingsView(findings: unknown): SyncLetter["findings"] {
  if (!Array.isArray(findings)) return [];
  return findings.map(({ column = null, code = "", message = "", value = null }) => ({ column, code, message, value }));
}
