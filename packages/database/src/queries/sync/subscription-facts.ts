import type { Subscription } from "@inlet/contracts";

/** A subscription with all that it takes to open it. */
export interface SubscriptionFacts {
  id: number;
  catalogId: number;
  projectId: number;
  clientId: number;
  client: string;
  project: string;
  profileVersion: number;
  table: string;
  name: string;
  definition: Subscription;
  /** Grows whenever it has to be opened anew. */
  revision: number;
}
