import { Unavailable } from "@inlet/contracts";
import {
  type CatalogItem,
  type ClaimedReconciliation,
  keysInFlight,
  keysThere,
  linksByKey,
  lockInward,
  noteKeysThere,
  putLinks,
  type ReconciliationResult,
  readCatalogItems,
  readCatalogPage,
  renewReconciliation,
  sendAgain,
  type Tx,
  transaction,
} from "@inlet/database";
import type { OpenCatalog } from "../catalog/catalog.ts";
import { openCatalog } from "../catalog/open-catalog.ts";
import type { InwardOptions } from "../inward/inward-options.ts";
import { type InwardParts, isOutward } from "../inward/inward-parts.ts";
import { type ReadItem, readItems } from "../inward/read-items.ts";
import { type TakenItems, takeItems } from "../inward/take-items.ts";
import { told } from "../inward/work-on-events.ts";
import { linkHash } from "../outward/link-hash.ts";
import type { IncomingItem } from "../subscriber.ts";
import { type Drift, type Drifted, type Mending, mendingOf, mostRemovals } from "./mending.ts";

/** A comparison that is under way. */
export interface Comparison {
  claimed: ClaimedReconciliation;
  parts: InwardParts;
  result: ReconciliationResult;
  /** Keys that the other side does not have any more; as many as may be removed here at once, and one more. */
  goneThere: string[];
}

const AT_ONCE = 1_000;
const SAMPLES_OF_A_KIND = 20;

/** Nothing found yet. */
export const noResult = (): ReconciliationResult => ({
  ...{ here: 0, there: 0, alike: 0, missingThere: 0, missingHere: 0, different: 0, inFlight: 0, invalid: 0 },
  ...{ sent: 0, taken: 0, left: 0, caution: null, samples: [] },
});

/** Compares a page of the other side's items with ours, and mends what has drifted apart. */
export async function comparePage(
  options: InwardOptions,
  comparison: Comparison,
  items: readonly IncomingItem[],
): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const piece = items.slice(from, from + AT_ONCE).filter(({ isRemoved }) => !isRemoved);
    const taken = await inTransaction(options, comparison, (tx, catalog) =>
      comparePiece(tx, catalog, comparison, piece),
    );
    if (taken) told(options, taken);
  }
}

async function inTransaction<T>(
  { database, leaseMs }: InwardOptions,
  { parts, claimed }: Comparison,
  work: (tx: Tx, catalog: OpenCatalog) => Promise<T>,
): Promise<T> {
  return await transaction(database, async (tx) => {
    const isCurrent = await lockInward(tx, parts.subscription);
    if (!isCurrent || !(await renewReconciliation(tx, { ...claimed, leaseMs }))) throw interrupted();
    return await work(tx, await openCatalog(tx, parts.place, parts.rules.conflicts));
  });
}

const interrupted = () =>
  new Unavailable({
    code: "reconciliation_interrupted",
    message: "The subscription was paused or changed while both sides were compared. The comparison begins anew.",
  });

async function comparePiece(
  tx: Tx,
  catalog: OpenCatalog,
  comparison: Comparison,
  incoming: readonly IncomingItem[],
): Promise<TakenItems | undefined> {
  const { claimed, parts, result } = comparison;
  const { items, unreadable } = await readItems(tx, parts, { catalog, incoming });
  const keys = [...items.map(({ key }) => key), ...unreadable.flatMap(({ key }) => key ?? [])];
  const twice = await noteKeysThere(tx, { ...claimed, keys });
  const fresh = items.filter(({ key }) => !twice.has(key));
  result.there += fresh.length + unreadable.length;
  const { inFlight, removed } = await around(tx, catalog, comparison, fresh);
  const takes: IncomingItem[] = [];
  const sends: string[] = [];
  const alike: ReadItem[] = [];
  for (const item of fresh) {
    if (inFlight.has(item.key)) {
      result.inFlight += 1;
      continue;
    }
    const columns = differences(item);
    if (columns.length === 0) {
      result.alike += 1;
      alike.push(item);
      continue;
    }
    const drift: Drift = item.here === undefined ? "missing_here" : "different";
    noteDrift(comparison, drift, { key: item.key, columns: drift === "different" ? columns : [] });
    const mending = mendingFor(comparison, drift, { item, removed: removed.get(item.key) });
    if (mending === "take") takes.push(item.item);
    else if (mending === "send") sends.push(item.key);
    note(result, mending);
  }
  for (const { key, item } of unreadable) {
    result.invalid += 1;
    sample(result, "invalid", { key: key ?? item.id, columns: [] });
  }
  await sendAgain(tx, { subscriptionId: parts.subscription.id, keys: sends });
  await putLinks(tx, { subscriptionId: parts.subscription.id, links: unknownLinks(comparison, alike) });
  const refused = claimed.mend && isInward(parts) ? unreadable.map(({ item }) => item) : [];
  return await take(tx, comparison, [...takes, ...refused]);
}

/** What else is to be known of items: which are on their way, and which were removed here. */
async function around(tx: Tx, catalog: OpenCatalog, { claimed, parts }: Comparison, items: readonly ReadItem[]) {
  const keys = items.map(({ key }) => key);
  const inFlight = await keysInFlight(tx, { subscriptionId: parts.subscription.id, since: claimed.startedAt, keys });
  const absent = items.filter(({ here }) => here === undefined).map(({ key }) => key);
  const gone = absent.length === 0 ? [] : await readCatalogItems(tx, catalog, absent);
  return { inFlight, removed: new Map(gone.filter(isTombstone).map((item) => [item.key, item])) };
}

const isTombstone = ({ isDeleted, stamps }: CatalogItem) => isDeleted && stamps["-"] !== undefined;

const isInward = ({ subscription }: InwardParts) => subscription.definition.inward !== undefined;

const differences = ({ told: said, here }: ReadItem): string[] =>
  Object.entries(said ?? {}).flatMap(([name, value]) => (here && (here[name] ?? null) === value ? [] : [name]));

function mendingFor(
  { claimed, parts }: Comparison,
  drift: Drift,
  { item, removed }: { item: ReadItem; removed: CatalogItem | undefined },
): Mending {
  if (!claimed.mend) return "leave";
  const changedAtMs = item.item.changedAt === undefined ? Number.NaN : Date.parse(item.item.changedAt);
  const drifted: Drifted = {
    ...{ drift, isOutward: isOutward(parts), isInward: isInward(parts) },
    changedAtMs: Number.isNaN(changedAtMs) ? undefined : changedAtMs,
    removedHereAtMs: removed?.stamps["-"]?.[0],
    wasThere: item.link !== undefined,
    hadOurs: item.here !== undefined && item.link?.hash === linkHash(parts.fields, item.here),
  };
  return mendingOf(drifted);
}

function note(result: ReconciliationResult, mending: Mending): void {
  if (mending === "send") result.sent += 1;
  else if (mending === "take") result.taken += 1;
  else result.left += 1;
}

type Sample = ReconciliationResult["samples"][number];

function noteDrift({ result }: Comparison, drift: Drift, about: Pick<Sample, "key" | "columns">): void {
  if (drift === "different") result.different += 1;
  else if (drift === "missing_here") result.missingHere += 1;
  else result.missingThere += 1;
  sample(result, drift, about);
}

function sample(result: ReconciliationResult, kind: Sample["kind"], about: Pick<Sample, "key" | "columns">): void {
  if (result.samples.filter((each) => each.kind === kind).length >= SAMPLES_OF_A_KIND) return;
  result.samples.push({ kind, key: about.key.slice(0, 200), columns: about.columns.slice(0, 50) });
}

/** What both sides have alike, and nobody has noted yet. */
function unknownLinks({ parts }: Comparison, items: readonly ReadItem[]) {
  return items.flatMap(({ key, item, link, here, told: said }) => {
    const isWhole = parts.fields.columns.every(({ name }) => name in said!);
    if (!isWhole) return [];
    const hash = linkHash(parts.fields, here!);
    return link?.hash === hash && link.id === item.id
      ? []
      : [{ key, id: item.id, version: item.version ?? null, hash }];
  });
}

async function take(
  tx: Tx,
  { claimed, parts }: Comparison,
  items: readonly IncomingItem[],
): Promise<TakenItems | undefined> {
  if (items.length === 0) return undefined;
  const receivedAt = claimed.startedAt;
  return await takeItems(
    tx,
    parts,
    items.map((item) => ({ item, receivedAt })),
    { cause: `reconciliation ${claimed.reconciliationId}`, isCompared: true },
  );
}

/** Looks for items of ours that the other side does not have, once all of its own are known. Nothing is removed yet. */
export async function findMissingThere(
  options: InwardOptions,
  comparison: Comparison,
  signal: AbortSignal,
): Promise<void> {
  for (let after: string | null = null; ; ) {
    signal.throwIfAborted();
    const last: string | null = await inTransaction(options, comparison, (tx, catalog) =>
      findMissing(tx, catalog, comparison, after),
    );
    if (last === null) break;
    after = last;
  }
}

/** Removes here what was found to be gone there, unless that is too much to be true. */
export async function removeGone(options: InwardOptions, comparison: Comparison, signal: AbortSignal): Promise<void> {
  const { result, goneThere } = comparison;
  if (goneThere.length > mostRemovals(result)) {
    result.caution = `${goneThere.length >= MOST_GONE ? "More than " : ""}${goneThere.length} of ${result.here} items are not there any more, which is too many to remove them here unasked. See that the other side lists all of its items; remove them here if that is right.`;
    result.left += goneThere.length;
    return;
  }
  for (let from = 0; from < goneThere.length; from += AT_ONCE) {
    signal.throwIfAborted();
    const keys = goneThere.slice(from, from + AT_ONCE);
    const taken = await inTransaction(options, comparison, (tx) => removeHere(tx, comparison, keys));
    if (taken) told(options, taken);
  }
}

const MOST_GONE = 10_001;

/** Returns the last key that was looked at; null: there are no more. */
async function findMissing(
  tx: Tx,
  catalog: OpenCatalog,
  comparison: Comparison,
  after: string | null,
): Promise<string | null> {
  const { claimed, parts, result, goneThere } = comparison;
  const subscriptionId = parts.subscription.id;
  const items = await readCatalogPage(tx, catalog, { after, limit: AT_ONCE });
  result.here += items.length;
  const there = await keysThere(tx, { ...claimed, keys: items.map(({ key }) => key) });
  const missing = items.filter(({ key }) => !there.has(key));
  const keys = missing.map(({ key }) => key);
  const inFlight = await keysInFlight(tx, { subscriptionId, since: claimed.startedAt, keys });
  const links = new Map((await linksByKey(tx, { subscriptionId, keys })).map((link) => [link.key, link]));
  const sends: string[] = [];
  for (const { key, values } of missing) {
    if (inFlight.has(key)) {
      result.inFlight += 1;
      continue;
    }
    noteDrift(comparison, "missing_there", { key, columns: [] });
    const link = links.get(key);
    const mending = claimed.mend
      ? mendingOf({
          ...{ drift: "missing_there", isOutward: isOutward(parts), isInward: isInward(parts) },
          ...{ changedAtMs: undefined, removedHereAtMs: undefined, wasThere: link !== undefined },
          hadOurs: link?.hash === linkHash(parts.fields, values),
        })
      : "leave";
    if (mending === "take") {
      if (goneThere.length < MOST_GONE) goneThere.push(key);
      else result.left += 1;
      continue;
    }
    if (mending === "send") sends.push(key);
    note(result, mending);
  }
  await sendAgain(tx, { subscriptionId, keys: sends });
  return items.length < AT_ONCE ? null : items.at(-1)!.key;
}

/** What is gone there is removed here, as if the other side had told of it; but what was changed since it was found stays. */
async function removeHere(tx: Tx, comparison: Comparison, keys: readonly string[]): Promise<TakenItems | undefined> {
  const { claimed, parts, result } = comparison;
  const subscriptionId = parts.subscription.id;
  const inFlight = await keysInFlight(tx, { subscriptionId, since: claimed.startedAt, keys });
  const links = (await linksByKey(tx, { subscriptionId, keys })).filter(({ key }) => !inFlight.has(key));
  result.taken += links.length;
  result.inFlight += keys.length - links.length;
  return await take(
    tx,
    comparison,
    links.map(({ key, id }) => ({ id: id ?? key, key, isRemoved: true, fields: {} })),
  );
}
