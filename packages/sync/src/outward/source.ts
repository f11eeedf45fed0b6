import {
  type ClaimedSubscription,
  changesOfKeys,
  type Database,
  type LinkedChange,
  linksByKey,
  noteBackfillTotal,
  orphanedLinks,
  outwardChanges,
  type ParkedKey,
  type SyncLink,
  turnBackfill,
} from "@inlet/database";
import type { CatalogReader, CurrentItem } from "../subscriptions/catalog-reader.ts";
import type { Mark, Task } from "./task.ts";

/** Changes, items or links that are read at once. */
const WINDOW = 500;
/** Changes of one parked key that are taken up at once. */
const MOST_OF_KEY = 100;

/** Something that was read: to be sent, or (no task) to be passed over. */
export interface Read {
  mark: Mark;
  task: Omit<Task, "place"> | null;
}

/** What was read at once. */
export interface SourcePage {
  read: Read[];
  /** What of these keys the other side is known to have. */
  known: SyncLink[];
  hasMore: boolean;
  /** Up to where the log is read now. */
  readTo: number;
  /** This part of a copy of everything ends with it: when all of it is settled, {@link Source.turn} begins the next. */
  isEnd: boolean;
}

/** Where a subscription's tasks come from: a copy of everything first, where there is to be one, then the log. */
export interface Source {
  /** Everything up to here is settled. */
  readonly mark: Mark;
  readonly isCopying: boolean;
  read(): Promise<SourcePage>;
  /** What parked keys have to say, of each in its order, up to a number in the log. */
  readKeys(keys: readonly ParkedKey[], upTo: number): Promise<{ tasks: Task[]; known: SyncLink[] }>;
  /** Begins the next part. False: the subscription has another owner. */
  turn(): Promise<boolean>;
}

type Phase = "items" | "orphans" | "log";

/** The source of one subscription, from where it was left. */
export function openSource(database: Database, claimed: ClaimedSubscription, catalog: CatalogReader): Source {
  const { id: subscriptionId, epoch, catalogId, cursor, backfillUntil, round } = claimed;
  const where = { subscriptionId, catalogId };
  let phase: Phase = backfillUntil === null ? "log" : claimed.backfillPhase;
  /** The last key that was read, of a copy; of the log the last number. */
  let position: Mark | null = phase === "log" ? cursor : claimed.backfillKey;
  const repetitionOf = (isForced: boolean) => (isForced && round > 0 ? `${round}` : null);

  function taskOf(change: Task["change"], { isForced }: { isForced: boolean }): Omit<Task, "place"> {
    const repetition = repetitionOf(isForced);
    return { key: change.key, change, isForced, repetition, letter: null, restFromSeq: null };
  }

  async function readLog(): Promise<SourcePage> {
    const after = position as number;
    const changes = await outwardChanges(database, { ...where, after, limit: WINDOW });
    const readTo = changes.at(-1)?.seq ?? after;
    position = readTo;
    const { replayUntil } = claimed;
    return {
      read: changes.map((change) => ({
        mark: change.seq,
        task: taskOf(change, { isForced: replayUntil !== null && change.seq <= replayUntil }),
      })),
      known: knownOf(changes),
      hasMore: changes.length === WINDOW,
      readTo,
      isEnd: false,
    };
  }

  async function readItems(): Promise<SourcePage> {
    const after = position as string | null;
    if (after === null) {
      await noteBackfillTotal(database, { id: subscriptionId, epoch, total: await catalog.count() });
    }
    const items = await catalog.page(after, WINDOW);
    position = items.at(-1)?.key ?? after;
    const known = await linksByKey(database, { subscriptionId, keys: items.map(({ key }) => key) });
    const isForced = claimed.backfillForced;
    return {
      // What changed after the copy began comes with the log.
      read: items.map((item) => ({
        mark: item.key,
        task: isBefore(item, backfillUntil!) ? taskOf(changeOf(item), { isForced }) : null,
      })),
      known,
      hasMore: items.length === WINDOW,
      readTo: cursor,
      isEnd: items.length < WINDOW,
    };
  }

  async function readOrphans(): Promise<SourcePage> {
    const page = await orphanedLinks(database, {
      ...where,
      afterKey: position as string | null,
      upTo: backfillUntil!,
      limit: WINDOW,
    });
    position = page.lastKey ?? position;
    const { changes } = page;
    return {
      read: changes.map((change) => ({ mark: change.key, task: taskOf(change, { isForced: true }) })),
      known: knownOf(changes),
      hasMore: page.lastKey !== null,
      readTo: cursor,
      isEnd: page.lastKey === null,
    };
  }

  /** What has left the log, because its time was over, is sent as it is now. */
  async function currentOf(keys: readonly ParkedKey[], upTo: number): Promise<Task["change"][]> {
    const items = await catalog.items(keys.map(({ key }) => key));
    return items.filter((item) => isBefore(item, upTo)).map(changeOf);
  }

  return {
    get mark() {
      return position ?? "";
    },
    get isCopying() {
      return phase !== "log";
    },
    read() {
      if (phase === "log") return readLog();
      return phase === "items" ? readItems() : readOrphans();
    },
    async readKeys(keys, upTo) {
      const changes: Task["change"][] = await changesOfKeys(database, {
        ...where,
        keys: keys.map(({ key, fromSeq, isForced }) => ({ key, fromSeq, isNewestOnly: isForced })),
        upTo,
        limit: MOST_OF_KEY + 1,
      });
      const found = Map.groupBy(changes, ({ key }) => key);
      const lost = keys.filter(({ key }) => !found.has(key));
      if (lost.length > 0) {
        for (const change of await currentOf(lost, upTo)) found.set(change.key, [change]);
      }
      const known = await linksByKey(database, { subscriptionId, keys: [...found.keys()] });
      return { tasks: keys.flatMap((key) => tasksOf(key, found.get(key.key) ?? [])), known };
    },
    async turn() {
      const next = phase === "items" ? "orphans" : null;
      if (!(await turnBackfill(database, { id: subscriptionId, epoch, phase: next }))) return false;
      phase = next ?? "log";
      position = phase === "log" ? cursor : null;
      return true;
    },
  };
}

/** Whether an item is as it was up to a number in the log. What has left the log is older than all that is in it. */
const isBefore = ({ seq, isLogged }: CurrentItem, upTo: number) => (seq === null ? !isLogged : seq <= upTo);

function changeOf({ key, version, origin, values, changedAt, changeId, seq }: CurrentItem): Task["change"] {
  return { changeId: changeId ?? 0, seq, key, version, operation: "put", origin, values, changedAt };
}

function knownOf(changes: readonly LinkedChange[]): SyncLink[] {
  return changes.flatMap(({ link }) => (link === null ? [] : [link]));
}

/** A parked key's changes as tasks; the last one settles its letter, unless more are to be read. */
function tasksOf(key: ParkedKey, changes: readonly Task["change"][]): Task[] {
  const { letterId, revision, isForced } = key;
  const most = changes.slice(0, MOST_OF_KEY);
  const rest = changes[MOST_OF_KEY]?.seq ?? null;
  return most.map((change, place) => {
    const isLast = place === most.length - 1;
    return {
      key: key.key,
      change,
      place: null,
      isForced,
      repetition: isForced ? `again-${letterId}-${revision}` : null,
      letter: isLast && rest === null ? { id: letterId, revision } : null,
      restFromSeq: isLast ? rest : null,
    };
  });
}
