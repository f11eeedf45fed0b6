import {
  type Answer,
  answeredLately,
  type CatalogItem,
  countInward,
  type InwardCounts,
  keepRefused,
  noteAnswers,
  putLinks,
  readCatalogItems,
  recentVersions,
  removeLinks,
  type SyncLink,
  sendAgain,
  settleRefused,
  type Tx,
} from "@inlet/database";
import type { OpenCatalog } from "../catalog/catalog.ts";
import { openCatalog } from "../catalog/open-catalog.ts";
import { type IncomingRow, writeItems } from "../catalog/write-items.ts";
import type { Values } from "../merge/item.ts";
import { linkHash } from "../outward/link-hash.ts";
import type { IncomingItem } from "../subscriber.ts";
import { sealRefused } from "./event-body.ts";
import type { InwardParts } from "./inward-parts.ts";
import { isOutward } from "./inward-parts.ts";
import {
  ECHO_MS,
  type Judgement,
  judge,
  judgeCompared,
  type KnownItem,
  markOf,
  mustAnswer,
  type Told,
} from "./judge.ts";
import { type ReadItem, readItems, type UnreadableItem } from "./read-items.ts";

/** An item that came, with the letter that it was kept as before. */
export interface ArrivedItem {
  item: IncomingItem;
  receivedAt: Date;
  letterId?: number;
}

/** What items that came are taken for. */
interface TakeOptions {
  /** For the history: an event, a poll, a comparison. */
  cause: string;
  /** When the page that they stand on was asked for. */
  askedAt?: Date;
  /** Both sides are compared, and nothing of these items is on its way: whatever differs is news. */
  isCompared?: boolean;
}

/** What became of items that came. */
export interface TakenItems {
  counts: InwardCounts;
  /** Keys of which nobody can tell whether they were said before or after our last push: to be asked again. */
  overtaken: string[];
  /** There are changes that others are to be told of. */
  catalogId: number | null;
}

/** So many versions of an item are looked at for echoes. */
const VERSIONS = 16;
/** So often within {@link ECHO_MS} what the other side tells of one item is answered with ours at once; then more and more slowly. */
const QUICK_ANSWERS = 50;

/**
 * Takes what the other side says of items into the catalog, in a transaction that nobody else takes of this subscription's. What is
 * no news changes nothing; what breaks the rules is kept as letters, and the others go on. Where ours stays although the other side
 * said something else, ours is sent there again, so that both sides are alike in the end.
 */
export async function takeItems(
  tx: Tx,
  parts: InwardParts,
  arrived: readonly ArrivedItem[],
  options: TakeOptions,
): Promise<TakenItems> {
  const catalog = await openCatalog(tx, parts.place, parts.rules.conflicts);
  const taken: TakenItems = { counts: { changed: 0, unchanged: 0, refused: 0 }, overtaken: [], catalogId: null };
  for (const round of rounds(arrived)) await takeRound(tx, parts, { catalog, round, options, taken });
  await countInward(tx, { subscriptionId: parts.subscription.id, counts: taken.counts });
  return taken;
}

/** Items of one id come after one another; nearly always there is one round. */
function rounds(arrived: readonly ArrivedItem[]): ArrivedItem[][] {
  const found: ArrivedItem[][] = [];
  const seen = new Map<string, number>();
  for (const each of arrived) {
    const round = seen.get(each.item.id) ?? 0;
    seen.set(each.item.id, round + 1);
    found[round] ??= [];
    found[round].push(each);
  }
  return found;
}

interface Round {
  catalog: OpenCatalog;
  round: readonly ArrivedItem[];
  options: TakeOptions;
  taken: TakenItems;
}

async function takeRound(tx: Tx, parts: InwardParts, { catalog, round, options, taken }: Round): Promise<void> {
  const { subscription } = parts;
  const subscriptionId = subscription.id;
  const { items, unreadable } = await readItems(tx, parts, { catalog, incoming: round.map(({ item }) => item) });
  await refuse(tx, parts, { round, unreadable });
  taken.counts.refused += unreadable.length;
  const known = await knownOf(tx, parts, items);
  const judged = items.map((item): Judged => {
    const about = known.get(item.key)!;
    const told = toldOf(item, round[item.place]!, options);
    return { item, told, about, judgement: options.isCompared ? judgeCompared(told, about) : judge(told, about) };
  });
  const news = judged.filter(({ judgement }) => judgement.take !== "nothing");
  const rows = news.map(({ item, judgement }) => rowOf(item.key, judgement));
  const written = await writeItems(tx, catalog, rows, { origin: subscription.name, cause: options.cause });
  const changed = new Set(written.flatMap(({ change, key }) => (change === null ? [] : [key])));
  if (changed.size > 0) taken.catalogId = catalog.catalogId;
  for (const { item, judgement } of judged) {
    if (judgement.take !== "nothing" && changed.has(item.key)) taken.counts.changed += 1;
    else taken.counts.unchanged += 1;
    if (judgement.take === "nothing" && judgement.why === "overtaken") taken.overtaken.push(item.key);
  }
  await keepLinks(tx, parts, judged);
  await answer(tx, parts, { catalog, judged, changed });
  const settled = judged.filter(({ judgement }) => judgement.take !== "nothing" || judgement.why === "same");
  const isRead = (place: number) => unreadable.every((each) => each.place !== place);
  await settleRefused(tx, {
    subscriptionId,
    keys: settled.map(({ item }) => item.key),
    letterIds: round.flatMap(({ letterId }, place) => (letterId !== undefined && isRead(place) ? [letterId] : [])),
  });
}

/** Keeps what the other side has now, as it says. */
async function keepLinks(tx: Tx, parts: InwardParts, judged: readonly Judged[]): Promise<void> {
  const subscriptionId = parts.subscription.id;
  const sound = judged.filter(
    ({ judgement: { take, ...rest } }) =>
      take !== "nothing" || ("why" in rest && (rest.why === "same" || rest.why === "known")),
  );
  const links = sound.flatMap(({ item, told, about }) => {
    const link = item.told === null ? undefined : linkOf(parts, { item, told, about });
    return link !== undefined && isOther(link, item) ? [link] : [];
  });
  await putLinks(tx, { subscriptionId, links: uniqueByKey(links) });
  const gone = sound.flatMap(({ item }) => (item.told === null && item.link !== undefined ? [item.key] : []));
  if (gone.length > 0) await removeLinks(tx, { subscriptionId, keys: gone });
}

/** Has ours sent there again, where both sides would stay apart otherwise. */
async function answer(
  tx: Tx,
  parts: InwardParts,
  { catalog, judged, changed }: { catalog: OpenCatalog; judged: readonly Judged[]; changed: ReadonlySet<string> },
): Promise<void> {
  if (!isOutward(parts)) return;
  const doubtful = judged.filter(({ judgement }) => judgement.take !== "nothing" || isInDoubt(judgement.why));
  if (doubtful.length === 0) return;
  const keys = [...new Set(doubtful.map(({ item }) => item.key))];
  const now = new Map((await readCatalogItems(tx, catalog, keys)).map((each) => [each.key, each]));
  const answers = doubtful.flatMap(({ item: { key }, told, about, judgement }): Answer[] => {
    const item = now.get(key);
    const after = item === undefined || item.isDeleted ? null : pick(parts, item.values);
    if (!mustAnswer(told, judgement, { known: about, after, hasChanged: changed.has(key) })) return [];
    return [{ key, said: markOf(told) ?? null, ...newest(item) }];
  });
  const subscriptionId = parts.subscription.id;
  const noted = await noteAnswers(tx, { subscriptionId, answers, withinMs: ECHO_MS });
  // A system that makes something else of whatever it is sent is answered for ever, but not fast.
  for (const [delayMs, each] of Map.groupBy(noted, ({ answers: count }) => answerDelayMs(count)))
    await sendAgain(tx, { subscriptionId, keys: each.map(({ key }) => key), delayMs });
}

const answerDelayMs = (answers: number) =>
  answers <= QUICK_ANSWERS ? 0 : Math.min(1_000 * 2 ** (answers - QUICK_ANSWERS), ECHO_MS);

const isInDoubt = (why: Extract<Judgement, { take: "nothing" }>["why"]) => why === "echo" || why === "known";

/** An item's newest stamp, and its last change. */
function newest(item: CatalogItem | undefined): Pick<Answer, "changedAtMs" | "changeId"> {
  const stamps = Object.values(item?.stamps ?? {}).flatMap((stamp) => (stamp ? [stamp[0]] : []));
  return { changedAtMs: stamps.length === 0 ? null : Math.max(...stamps), changeId: item?.changeId ?? null };
}

interface Judged {
  item: ReadItem;
  told: Told;
  about: KnownItem;
  judgement: Judgement;
}

function toldOf({ item, told }: ReadItem, { receivedAt }: ArrivedItem, { askedAt }: TakeOptions): Told {
  const changedAtMs = item.changedAt === undefined ? Number.NaN : Date.parse(item.changedAt);
  return {
    values: told,
    version: item.version,
    changedAtMs: Number.isNaN(changedAtMs) ? undefined : changedAtMs,
    receivedAtMs: receivedAt.getTime(),
    askedAtMs: askedAt?.getTime(),
  };
}

/** What is known of each item, here and there. */
async function knownOf(tx: Tx, parts: InwardParts, items: readonly ReadItem[]): Promise<Map<string, KnownItem>> {
  const { subscription, fields } = parts;
  const keys = [...new Set(items.map(({ key }) => key))];
  const versions = Map.groupBy(
    await recentVersions(tx, { subscriptionId: subscription.id, keys, most: VERSIONS }),
    ({ key }) => key,
  );
  const answered = await answeredLately(tx, { subscriptionId: subscription.id, keys, withinMs: ECHO_MS });
  const outward = isOutward(parts);
  return new Map(
    items.map(({ key, link, here }): [string, KnownItem] => {
      const mapped = (values: Values) => pick(parts, values);
      const own = (versions.get(key) ?? []).map(({ values, operation, origin, at, isUnsettled }) => ({
        values: operation === "remove" ? null : mapped(values),
        atMs: at.getTime(),
        isTheirs: origin === subscription.name,
        isUnsettled,
      }));
      const there = own.find(({ values }) => values !== null && link?.hash === linkHash(fields, values))?.values;
      const pushedAt = link?.recentAt[0];
      return [
        key,
        {
          here: here === undefined ? null : mapped(here),
          version: link?.version ?? undefined,
          there: there ?? undefined,
          pushedAtMs: pushedAt?.getTime(),
          versions: own,
          isOutward: outward,
          answered: answered.get(key),
        },
      ];
    }),
  );
}

const pick = ({ fields }: InwardParts, values: Values): Record<string, string | null> =>
  Object.fromEntries(fields.columns.map(({ name }) => [name, values[name] ?? null]));

function rowOf(key: string, judgement: Judgement): IncomingRow {
  switch (judgement.take) {
    case "values":
      return { key, ...stamp(judgement), operation: "put", values: judgement.values };
    case "removal":
      return { key, ...stamp(judgement), operation: "remove" };
    case "nothing":
      throw new Error("nothing is no row");
  }
}

/** Without a stamp it is now, after all that is known. */
const stamp = ({ atMs }: { atMs: number | undefined }) => (atMs === undefined ? {} : { atMs });

/** What the other side has now, as it says. */
function linkOf(parts: InwardParts, { item, told, about }: Pick<Judged, "item" | "told" | "about">): SyncLink {
  const said = item.told!;
  const { there } = about;
  const whole = parts.fields.columns.every(({ name }) => name in said) ? said : there && { ...there, ...said };
  const hash = whole === undefined ? null : linkHash(parts.fields, whole);
  return { key: item.key, id: item.item.id, version: markOf(told) ?? null, hash };
}

const isOther = ({ id, version, hash }: SyncLink, { link }: ReadItem) =>
  link === undefined || link.id !== id || (version !== null && link.version !== version) || link.hash !== hash;

const uniqueByKey = (links: readonly SyncLink[]) => [...new Map(links.map((link) => [link.key, link])).values()];

/** Keeps what cannot be taken, with what is wrong with it. */
async function refuse(
  tx: Tx,
  { subscription, place, key: keyEncryptionKey }: InwardParts,
  { round, unreadable }: { round: readonly ArrivedItem[]; unreadable: readonly UnreadableItem[] },
): Promise<void> {
  const letters = unreadable.map(({ place: at, item, key, findings }) => {
    const { receivedAt, letterId } = round[at]!;
    const [first] = findings.filter(({ severity }) => severity === "error");
    return {
      ...{ letterId: letterId ?? null, key, findings },
      error: {
        code: "item_invalid",
        message: `${place.table.name} ${key ?? item.id}: ${first?.message ?? "the item breaks the table's rules"}`,
        retryable: false,
      },
      body: sealRefused(keyEncryptionKey, { items: [item], receivedAt }, subscription.id),
    };
  });
  await keepRefused(tx, { subscriptionId: subscription.id, letters });
}
