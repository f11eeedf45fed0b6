import { type Database, findInwardSubscription, type SubscriptionFacts } from "@inlet/database";

/** Which subscription an address means, as it was a moment ago: answers come without a query. */
export type SubscriptionBook = (address: Address) => Promise<SubscriptionFacts | undefined>;

interface Address {
  client: string;
  project: string;
  name: string;
}

const MAX_AGE_MS = 2_000;
const MOST = 2_000;
/** As the profile's names: what is none of them is nowhere. */
const NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62})$/;

export function openSubscriptionBook(database: Database): SubscriptionBook {
  const known = new Map<string, { atMs: number; found: Promise<SubscriptionFacts | undefined> }>();
  return async (address) => {
    const names = [address.client, address.project, address.name];
    if (!names.every((name) => NAME.test(name))) return undefined;
    const key = names.join("/");
    const entry = known.get(key);
    if (entry !== undefined && Date.now() - entry.atMs < MAX_AGE_MS) return await entry.found;
    const found = findInwardSubscription(database, address);
    known.delete(key);
    if (known.size >= MOST) known.delete(known.keys().next().value!);
    known.set(key, { atMs: Date.now(), found });
    found.catch(() => known.delete(key));
    return await found;
  };
}
