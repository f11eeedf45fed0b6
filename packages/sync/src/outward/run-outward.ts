import { hostname } from "node:os";
import { AppError } from "@inlet/contracts";
import {
  type ClaimedSubscription,
  catalogFigures,
  claimSubscriptions,
  dueKeys,
  hasOutwardLetters,
  lookAtSubscriptions,
  noteMisconfigured,
  noteSubscriptionFailure,
  parkedKeys,
  releaseSubscription,
  renewSubscriptions,
  type SubscriptionRef,
  subscriptionShares,
} from "@inlet/database";
import { openProfileCache } from "@inlet/pipeline";
import { openRemoteHttp, type RemoteHttp } from "@inlet/remote-http";
import { failpoint, type Logger } from "@inlet/runtime";
import type { OpenSubscriber } from "../registry/opened-subscriber.ts";
import { catalogPlace, openCatalogReader } from "../subscriptions/catalog-reader.ts";
import { openSubscription } from "../subscriptions/subscription-host.ts";
import { tellFailing } from "../subscriptions/tell-failing.ts";
import type { OutwardOptions } from "./outward-options.ts";
import { OutwardRun } from "./outward-run.ts";
import { Parked } from "./parked.ts";
import { shareOf } from "./share.ts";
import { openSource } from "./source.ts";

/** Processes that were not heard of for so long do not count. */
const SILENT_MS = 25_000;
/** How often it is asked of which subscriptions people are to be told. */
const TOLD_EVERY_MS = 30_000;
/** What nobody has taken for so many looks is taken by whoever looks, whatever its share is. */
const FREE_LOOKS = 3;
/** Keys of one subscription that are taken up at once. */
const DUE_AT_ONCE = 200;
/** Keys that wait, of one subscription: what is behind is found as it comes due. */
const MOST_WAITING = 10_000;

interface Held {
  run: OutwardRun;
  subscriber: OpenSubscriber;
  /** Its own connections: among those of hundreds of subscriptions each request would look for a free one. */
  http: RemoteHttp;
  isEnding: boolean;
}

/**
 * Runs subscriptions in this process: those that nobody runs are claimed, as many as are its share. Each is read, pushed and kept by
 * an {@link OutwardRun} of its own, so that a slow one holds up nobody else.
 */
export function runOutward(options: OutwardOptions): { close(): Promise<void> } {
  const { database, logger, publisher, leaseMs, lookMs, most, service, tellAfterMs } = options;
  const worker = `${hostname()}:${process.pid}`;
  const profileAt = openProfileCache(database);
  const held = new Map<number, Held>();
  const ending = new Set<Promise<void>>();
  let isClosed = false;
  let overSinceMs: number | undefined;
  let toldAtMs = performance.now();
  let renewedAtMs = performance.now();
  let timer: NodeJS.Timeout | undefined;
  let underWay: Promise<void> = Promise.resolve();

  const refs = (): SubscriptionRef[] => [...held.values()].map(({ run }) => run.claimed);

  async function look(): Promise<void> {
    if (held.size > 0) {
      await check();
      await takeUpDue();
      await wakeBehind();
    }
    await claimShare();
    await tellPeople();
  }

  async function tellPeople(): Promise<void> {
    if (performance.now() - toldAtMs < Math.min(TOLD_EVERY_MS, tellAfterMs)) return;
    toldAtMs = performance.now();
    await publisher.messages(await tellFailing(database, { failingForMs: tellAfterMs }));
  }

  /** Renews leases in time, and finds what is not ours any more or has to be begun anew. */
  async function check(): Promise<void> {
    const startedMs = performance.now();
    const isDue = startedMs - renewedAtMs > leaseMs / 3;
    const asked = refs();
    const found = isDue
      ? await renewSubscriptions(database, { held: asked, leaseMs })
      : await lookAtSubscriptions(database, asked);
    if (isDue) renewedAtMs = startedMs;
    const byId = new Map(found.map((each) => [each.id, each]));
    for (const { id } of asked) {
      const one = held.get(id);
      if (one === undefined) continue;
      const standing = byId.get(id);
      if (standing === undefined) one.run.lose();
      else if (!standing.isWanted || standing.revision !== one.run.claimed.revision) giveUp(one);
    }
  }

  async function takeUpDue(): Promise<void> {
    const running = [...held.values()].filter(({ isEnding }) => !isEnding);
    for (const { run } of running) run.askDue();
    const due = await dueKeys(database, {
      subscriptionIds: running.map(({ run }) => run.claimed.id),
      limit: DUE_AT_ONCE,
    });
    const byId = Map.groupBy(due, ({ subscriptionId }) => subscriptionId);
    for (const [id, keys] of byId) held.get(id)?.run.due(keys);
  }

  /** Hints may be lost: whoever is behind is woken all the same. */
  async function wakeBehind(): Promise<void> {
    const catalogs = new Set([...held.values()].map(({ run }) => run.claimed.catalogId));
    const figures = await catalogFigures(database, [...catalogs]);
    const last = new Map(figures.map(({ catalogId, lastSeq }) => [catalogId, lastSeq ?? 0]));
    for (const { run } of held.values()) if ((last.get(run.claimed.catalogId) ?? 0) > run.readTo) run.wake();
  }

  /**
   * Takes its share at once, and beyond it what nobody has taken for a while: a process that has just died still counts as one. What is
   * too much is given up only after longer than that.
   */
  async function claimShare(): Promise<void> {
    const { wanted, processes } = await subscriptionShares(database, { service, silentAfterMs: SILENT_MS });
    const share = shareOf({ wanted, processes, most });
    const running = [...held.values()].filter(({ isEnding }) => !isEnding);
    if (running.length <= share) overSinceMs = undefined;
    else {
      overSinceMs ??= performance.now();
      // The newest ones go: they have the least behind them.
      if (performance.now() - overSinceMs > SILENT_MS) for (const one of running.slice(share)) giveUp(one);
    }
    await claim(share - running.length, 0);
    await claim(most - held.size, lookMs * FREE_LOOKS);
  }

  async function claim(limit: number, freeForMs: number): Promise<void> {
    if (limit <= 0 || isClosed) return;
    const claimedAtMs = performance.now();
    const claimed = await claimSubscriptions(database, { worker, leaseMs, limit, freeForMs });
    if (claimed.length === 0) return;
    failpoint("sync.claimed");
    if (held.size === 0) renewedAtMs = claimedAtMs;
    await Promise.all(claimed.map((each) => begin(each, claimedAtMs)));
  }

  async function begin(claimed: ClaimedSubscription, claimedAtMs: number): Promise<void> {
    const { id, projectId, profileVersion, name, epoch } = claimed;
    const log = logger.child({ subscription: name, subscriptionId: id, project: claimed.project, epoch });
    const http = openRemoteHttp({ network: options.network });
    let subscriber: OpenSubscriber | undefined;
    try {
      const profile = await profileAt(projectId, profileVersion);
      const place = { ...claimed, profile, subscriptionId: id };
      subscriber = await openSubscription({ ...options, http }, place);
      const reader = openCatalogReader(database, catalogPlace(profile, projectId, claimed.table));
      const parked = new Parked(id, await parkedKeys(database, { subscriptionId: id, limit: MOST_WAITING }), {
        hasLetters: await hasOutwardLetters(database, id),
      });
      const run = new OutwardRun({
        ...options,
        claimed,
        subscriber,
        parked,
        source: openSource(database, claimed, reader),
        logger: log,
        isHeld: () => performance.now() - Math.max(renewedAtMs, claimedAtMs) < leaseMs,
        onEnd: (why) => ended(id, epoch, why),
        noteFailure: ({ code, message, kind }, delayMs) =>
          noteSubscriptionFailure(database, {
            ...{ id, epoch, delayMs },
            error: { code, message, retryable: kind === "passing" },
          }),
      });
      held.set(id, { run, subscriber, http, isEnding: false });
      log.info({ cursor: claimed.cursor, isCopying: claimed.backfillUntil !== null }, "runs a subscription");
      run.pump();
    } catch (err) {
      await subscriber?.close();
      await http.close();
      await refuse(claimed, err, log);
    }
  }

  /** What cannot be opened says why, and is nobody's until that has changed. */
  async function refuse(claimed: ClaimedSubscription, err: unknown, log: Logger): Promise<void> {
    log.warn({ err }, "could not open a subscription");
    try {
      if (err instanceof AppError && !err.retryable) {
        const { code, message } = err;
        await noteMisconfigured(database, { id: claimed.id, error: { code, message, retryable: false } });
      }
      await releaseSubscription(database, claimed);
    } catch (cause) {
      log.warn({ err: cause }, "could not give a subscription back; its lease runs out");
    }
  }

  function ended(id: number, epoch: number, why: "lost" | "anew"): void {
    const one = held.get(id);
    if (one === undefined || one.run.claimed.epoch !== epoch) return;
    if (why === "anew") {
      giveUp(one);
      return;
    }
    logger.warn({ subscription: one.run.claimed.name, subscriptionId: id, epoch }, "a subscription is no longer ours");
    held.delete(id);
    void closeSubscriber(one);
  }

  /** Ends a run in order; whoever is next, perhaps ourselves, takes it up as it is then. */
  function giveUp(one: Held): void {
    if (one.isEnding) return;
    one.isEnding = true;
    const end = release(one).finally(() => ending.delete(end));
    ending.add(end);
  }

  async function release(one: Held): Promise<void> {
    const { claimed } = one.run;
    try {
      await one.run.drain();
      await releaseSubscription(database, claimed);
    } catch (err) {
      logger.warn({ err, subscriptionId: claimed.id }, "could not give a subscription back; its lease runs out");
    }
    if (held.get(claimed.id) === one) held.delete(claimed.id);
    await closeSubscriber(one);
  }

  async function closeSubscriber({ subscriber, http }: Held): Promise<void> {
    await subscriber.close();
    await http.close();
  }

  async function turn(): Promise<void> {
    try {
      await look();
    } catch (err) {
      logger.warn({ err }, "could not look after subscriptions; will look again");
    }
    if (!isClosed) timer = setTimeout(begun, lookMs);
  }
  function begun(): void {
    underWay = turn();
  }
  begun();

  const watch = publisher.watchCatalogs({
    numbered(catalogs) {
      const told = new Set(catalogs.map(({ catalogId }) => catalogId));
      for (const { run } of held.values()) if (told.has(run.claimed.catalogId)) run.wake();
    },
    interrupted() {
      for (const { run } of held.values()) run.wake();
    },
  });

  return {
    async close() {
      isClosed = true;
      watch.close();
      clearTimeout(timer);
      await underWay;
      clearTimeout(timer);
      for (const one of held.values()) giveUp(one);
      await Promise.all(ending);
    },
  };
}
