import {
  type ClientTable,
  catalogBase,
  clientTable,
  type Database,
  describeClientTable,
  type Forgotten,
  forgetCatalogChanges,
  forgetCatalogLosses,
  forgetRemovedItems,
  type KeptCatalog,
  keptCatalogs,
  lastCatalogSeq,
  oldestChangeNeeded,
  transaction,
  tryLockCatalog,
} from "@inlet/database";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** Of a catalog that its profile has no more. */
const LEFT_DAYS = 90;
/** Changes in one piece: milliseconds of work, so that nobody waits for it. */
const PIECE = 1_000;

/** What was forgotten. */
export interface ForgottenHistory {
  changes: number;
  items: number;
  losses: number;
}

/**
 * Forgets what of the catalogs' histories is older than their profiles' `historyDays`: changes that every subscription has behind it,
 * what lost conflicts, and items that were removed that long ago. The last change of an item that is there stays, and so does a
 * catalog's last change. A subscription that stands still keeps the history behind it.
 */
export async function forgetHistories(
  database: Database,
  { now = new Date(), signal }: { now?: Date; signal?: AbortSignal } = {},
): Promise<ForgottenHistory> {
  const all: ForgottenHistory = { changes: 0, items: 0, losses: 0 };
  for (const catalog of await keptCatalogs(database)) {
    const { changes, items, losses } = await forgetOne(database, catalog, { now, signal });
    all.changes += changes;
    all.items += items;
    all.losses += losses;
  }
  return all;
}

async function forgetOne(
  database: Database,
  { catalogId, client, project, tableName, historyDays, isLeft }: KeptCatalog,
  { now, signal }: { now: Date; signal: AbortSignal | undefined },
): Promise<ForgottenHistory> {
  const before = new Date(now.getTime() - (historyDays ?? LEFT_DAYS) * DAY_MS);
  const needed = await oldestChangeNeeded(database, catalogId);
  const upTo = Math.min(await lastCatalogSeq(database, catalogId), needed ?? Number.MAX_SAFE_INTEGER) - 1;
  const view = clientTable(client, project, tableName);
  const isCatalog = !isLeft && (await transaction(database, (tx) => describeClientTable(tx, view)))?.kind === "catalog";
  const base = isCatalog ? catalogBase(view) : null;
  const done: ForgottenHistory = { changes: 0, items: 0, losses: 0 };
  for (let after: number | null = 0; after !== null && !signal?.aborted; ) {
    const from: number = after;
    const piece: Forgotten = await transaction(database, (tx) =>
      forgetCatalogChanges(tx, { catalogId, base, before, after: from, upTo, limit: PIECE }),
    );
    done.changes += piece.forgotten;
    after = piece.after;
  }
  if (base !== null) done.items = await forgetItems(database, { catalogId, base, view, before, upTo, signal });
  for (let forgotten = PIECE; forgotten === PIECE && !signal?.aborted; ) {
    forgotten = await forgetCatalogLosses(database, { catalogId, before, limit: PIECE });
    done.losses += forgotten;
  }
  return done;
}

interface Removed {
  catalogId: number;
  base: ClientTable;
  view: ClientTable;
  before: Date;
  upTo: number;
  signal: AbortSignal | undefined;
}

/** While somebody works with the catalog it is left for the next time: nobody shall wait for this. */
async function forgetItems(database: Database, { view, signal, ...of }: Removed): Promise<number> {
  let forgotten = 0;
  for (let after: string | null | undefined = null; after !== undefined && !signal?.aborted; ) {
    const from: string | null = after;
    after = await transaction(database, async (tx) => {
      if (!(await tryLockCatalog(tx, view))) return undefined;
      const piece = await forgetRemovedItems(tx, { ...of, after: from, limit: PIECE });
      forgotten += piece.forgotten;
      return piece.after ?? undefined;
    });
  }
  return forgotten;
}

/** What keeps histories short, until it is closed. */
export interface HistoryKeeper {
  close(): Promise<void>;
}

/** Forgets what is too old, every few hours. Two processes that do it at once do each other no harm. */
export function keepHistories({
  database,
  logger,
  everyMs = 6 * 60 * 60 * 1_000,
}: {
  database: Database;
  logger: { info(facts: object, message: string): void; warn(facts: object, message: string): void };
  everyMs?: number;
}): HistoryKeeper {
  const stopping = new AbortController();
  let underWay: Promise<void> = Promise.resolve();
  const look = () => {
    underWay = underWay.then(async () => {
      try {
        const forgotten = await forgetHistories(database, { signal: stopping.signal });
        if (Object.values(forgotten).some((count) => count > 0))
          logger.info(forgotten, "forgot old history of catalogs");
      } catch (err) {
        if (!stopping.signal.aborted) logger.warn({ err }, "could not forget old history of catalogs; will try again");
      }
    });
  };
  // Not at once: a service that has just started has better things to do.
  const first = setTimeout(look, Math.min(everyMs, 60_000)).unref();
  const timer = setInterval(look, everyMs).unref();
  return {
    async close() {
      clearTimeout(first);
      clearInterval(timer);
      stopping.abort();
      await underWay;
    },
  };
}
