import type { Profile, Subscription } from "@inlet/contracts";
import type { Database } from "@inlet/database";
import { readClientSecret } from "@inlet/pipeline";
import type { RemoteHttp } from "@inlet/remote-http";
import type { RemoteNetwork } from "@inlet/remote-network";
import type { SubscriberRegistry } from "../registry/load-subscribers.ts";
import { openSubscriber } from "../registry/open-subscriber.ts";
import type { OpenSubscriber } from "../registry/opened-subscriber.ts";
import { catalogPlace } from "./catalog-reader.ts";
import { scanCatalog } from "./scan-catalog.ts";

/** What a process that runs subscriptions has for all of them. */
export interface SubscriptionHost {
  database: Database;
  /** The key-encryption key: it opens the clients' secrets. */
  key: Buffer;
  registry: SubscriberRegistry;
  http: RemoteHttp;
  network: RemoteNetwork;
}

/** Which subscription of which catalog. */
export interface SubscriptionPlace {
  projectId: number;
  clientId: number;
  catalogId: number;
  /** The project's live profile. */
  profile: Profile;
  /** The catalog's table. */
  table: string;
  /** Null: it is not registered, and nothing of it is counted; for those who only want to know whether it can be opened. */
  subscriptionId: number | null;
  definition: Subscription;
}

/**
 * Opens the subscriber of a subscription with the client's own secrets. Nothing is connected to yet.
 * @throws Misconfigured what {@link openSubscriber} throws; `secret_missing`
 */
export async function openSubscription(host: SubscriptionHost, place: SubscriptionPlace): Promise<OpenSubscriber> {
  const { projectId, clientId, catalogId, profile, definition, subscriptionId } = place;
  const { table } = catalogPlace(profile, projectId, place.table);
  return await openSubscriber(host.registry, definition, {
    columns: table.columns,
    http: host.http,
    network: host.network,
    secret: (secret) => readClientSecret(host.database, host.key, { clientId, client: profile.client, name: secret }),
    everything: async (fields) =>
      await scanCatalog(host.database, {
        ...{ projectId, catalogId, profile, subscriptionId, fields },
        table: place.table,
        subscription: definition.name,
      }),
  });
}
