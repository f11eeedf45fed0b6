import type { Profile } from "@inlet/contracts";
import type { SubscriptionFacts } from "@inlet/database";
import { openProfileCache } from "@inlet/pipeline";
import type { OpenSubscriber } from "../registry/opened-subscriber.ts";
import { openSubscription, type SubscriptionHost } from "../subscriptions/subscription-host.ts";

/** A subscription's subscriber, opened. */
export interface OpenedSubscription {
  subscriber: OpenSubscriber;
  profile: Profile;
}

/** Subscribers that are kept open between calls: opened anew when something of them has changed, and when they are old. */
export interface OpenSubscriptions {
  /** @throws Misconfigured when it cannot be opened as its profile has it */
  of(subscription: SubscriptionFacts): Promise<OpenedSubscription>;
  /** The same, opened anew unless that was done a moment ago: a secret may have changed. Many may ask at the same time. */
  anew(subscription: SubscriptionFacts): Promise<OpenedSubscription>;
  close(): Promise<void>;
}

/** Secrets change without anybody being told. */
const MAX_AGE_MS = 60_000;
const ANEW_AFTER_MS = 5_000;
const MOST = 500;

interface Kept {
  version: string;
  atMs: number;
  opened: Promise<OpenedSubscription>;
}

export function keepSubscriptions(host: SubscriptionHost): OpenSubscriptions {
  const kept = new Map<number, Kept>();
  const profileAt = openProfileCache(host.database);

  async function open(subscription: SubscriptionFacts): Promise<OpenedSubscription> {
    const { projectId, profileVersion, clientId, catalogId, table, definition, id } = subscription;
    const profile = await profileAt(projectId, profileVersion);
    const place = { projectId, clientId, catalogId, profile, table, definition, subscriptionId: id };
    return { subscriber: await openSubscription(host, place), profile };
  }

  function retire(id: number): void {
    const old = kept.get(id);
    kept.delete(id);
    // Calls that are under way end first: it counts its own users.
    old?.opened.then(
      ({ subscriber }) => subscriber.close(),
      () => {},
    );
  }

  function keep(subscription: SubscriptionFacts, version: string): Promise<OpenedSubscription> {
    const { id } = subscription;
    retire(id);
    const opened = open(subscription);
    opened.catch(() => {
      if (kept.get(id)?.opened === opened) kept.delete(id);
    });
    if (kept.size >= MOST) retire(kept.keys().next().value!);
    kept.set(id, { version, atMs: Date.now(), opened });
    return opened;
  }

  const versionOf = ({ revision, profileVersion }: SubscriptionFacts) => `${revision}.${profileVersion}`;

  function noOlderThan(maxAgeMs: number, subscription: SubscriptionFacts): Promise<OpenedSubscription> {
    const known = kept.get(subscription.id);
    const version = versionOf(subscription);
    if (known?.version === version && Date.now() - known.atMs < maxAgeMs) return known.opened;
    return keep(subscription, version);
  }

  return {
    of: (subscription) => noOlderThan(MAX_AGE_MS, subscription),
    anew: (subscription) => noOlderThan(ANEW_AFTER_MS, subscription),
    async close() {
      const all = [...kept.values()];
      kept.clear();
      await Promise.all(
        all.map(({ opened }) =>
          opened.then(
            ({ subscriber }) => subscriber.close(),
            () => {},
          ),
        ),
      );
    },
  };
}
