import { isDeepStrictEqual } from "node:util";
import type { Profile, Subscription } from "@inlet/contracts";
import type { RegisteredSubscription } from "@inlet/database";

/** A subscription that a profile has, and which catalog's it is. */
export interface ProfileSubscription {
  table: string;
  definition: Subscription;
}

/** What is to be done so that what is registered is what the profile says. */
export interface SubscriptionChanges {
  begin: ProfileSubscription[];
  redefine: { id: number; definition: Subscription; hasOtherFields: boolean }[];
  end: number[];
}

/** A profile's subscriptions. */
export function profileSubscriptions({ catalogs }: Pick<Profile, "catalogs">): ProfileSubscription[] {
  return catalogs.flatMap(({ table, subscribers }) => subscribers.map((definition) => ({ table, definition })));
}

/**
 * Compares what a profile says with what is registered. One of another name, another catalog or another subscriber is a new one; of
 * one that stays, other settings are taken over.
 */
export function compareSubscriptions(
  wanted: readonly ProfileSubscription[],
  registered: readonly RegisteredSubscription[],
): SubscriptionChanges {
  const changes: SubscriptionChanges = { begin: [], redefine: [], end: [] };
  const found = new Map(registered.map((each) => [each.name, each]));
  for (const { table, definition } of wanted) {
    const known = found.get(definition.name);
    const isSame = known !== undefined && known.table === table && known.definition.use === definition.use;
    if (!isSame) {
      changes.begin.push({ table, definition });
      continue;
    }
    found.delete(definition.name);
    if (isDeepStrictEqual(known.definition, definition)) continue;
    const hasOtherFields =
      definition.outward &&
      (!known.definition.outward || !isDeepStrictEqual(known.definition.fields, definition.fields));
    changes.redefine.push({ id: known.id, definition, hasOtherFields });
  }
  changes.end.push(...[...found.values()].map(({ id }) => id));
  return changes;
}
