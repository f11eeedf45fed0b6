import { Greatest, sinceOf } from "@inlet/connectors";
import { type Pull, pullSchema } from "@inlet/contracts";
import { needsPerson } from "../../failure.ts";
import type { IncomingPage, OutsideValue, SubscriberContext } from "../../subscriber.ts";
import { incomingItem, textAt } from "../incoming-item.ts";
import type { OpenRest } from "./open-rest.ts";
import type { ReadingPlace } from "./readings.ts";
import type { RestSettings } from "./settings.ts";

type Context = SubscriberContext<RestSettings, OpenRest>;
type Inward = NonNullable<RestSettings["inward"]>;

/** Where polling goes on: the reading, and the latest change that it has seen so far. */
interface Place extends ReadingPlace {
  latest: string | null;
}

/** What has changed since a cursor; without `incremental`, everything. */
export async function changedItems(context: Context, cursor: string | null): Promise<IncomingPage> {
  const inward = inwardOf(context);
  const place: Place = cursor === null ? { since: null, position: null, latest: null } : JSON.parse(cursor);
  const { items, next } = await readPage(context, inward, place);
  const latest = latestOf(inward, items, place.latest);
  const following: Place =
    next === null
      ? { since: sinceOf(latest ?? null, inward.incremental), position: null, latest }
      : { since: place.since, position: next, latest };
  return { items: itemsOf(inward, items), cursor: JSON.stringify(following), hasMore: next !== null };
}

/** Every item. */
export async function allItems(context: Context, cursor: string | null): Promise<IncomingPage> {
  const inward = inwardOf(context);
  const position = cursor === null ? null : JSON.parse(cursor);
  const { items, next } = await readPage(context, inward, { since: null, position });
  return { items: itemsOf(inward, items), cursor: next && JSON.stringify(next), hasMore: next !== null };
}

async function readPage({ settings, opened, signal }: Context, inward: Inward, { since, position }: ReadingPlace) {
  const page = await opened.readings.page(pullOf(inward), { since, position }, signal);
  const items = page?.content.items ?? [];
  const nameless = items.findIndex((item) => textAt(item, inward.id) === undefined);
  if (nameless !== -1)
    throw needsPerson({
      message: `${settings.url}: item ${nameless + 1} of a page has nothing at ${inward.id}, which should say what it is called. Correct \`inward.id\`.`,
    });
  return { items, next: page?.next ?? null };
}

function inwardOf({ settings }: Context): Inward {
  if (settings.inward !== undefined) return settings.inward;
  throw needsPerson({
    message: `${settings.url}: the profile does not say how its items are read: see \`settings.inward\`.`,
  });
}

/** The connector reads tables; of ours only what it reads by counts. */
const pullOf = ({ resource, pageSize, reading }: Inward): Pull =>
  pullSchema.parse({ table: "items", resource, pageSize, rest: reading });

function latestOf({ incremental }: Inward, items: readonly OutsideValue[], before: string | null): string | null {
  if (incremental === undefined) return null;
  const greatest = new Greatest(incremental.kind);
  for (const text of [before, ...items.map((item) => textAt(item, incremental.by))]) {
    if (text === null || text === undefined) continue;
    const bytes = Buffer.from(text);
    greatest.show(bytes, 0, bytes.length);
  }
  return greatest.text;
}

function itemsOf(inward: Inward, items: readonly OutsideValue[]) {
  const { removed } = inward;
  return items.map((item) => {
    const isRemoved = removed?.values.includes(textAt(item, removed.path) ?? "") ?? false;
    return incomingItem(item, inward, isRemoved)!;
  });
}
