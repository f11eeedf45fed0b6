import type { Subscription } from "@inlet/contracts";
import { sql } from "kysely";

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

/** Their columns: of subscriptions `s`, projects `p`, clients `k` and catalogs `c`. */
export const SUBSCRIPTION_FACTS = sql`s.id, s.catalog_id AS "catalogId", s.project_id AS "projectId", p.client_id AS "clientId", k.slug AS client,
  p.slug AS project, p.profile_version AS "profileVersion", c.table_name AS "table", s.name, s.definition, s.revision`;

/** Where these come from. */
export const FACTS_OF = sql`subscriptions s JOIN projects p ON p.id = s.project_id JOIN clients k ON k.id = p.client_id
  JOIN catalogs c ON c.id = s.catalog_id`;

/** Whether a subscription `s` of a project `p` is to be run. What is paused or cannot be run keeps what comes, and works on it later. */
export const IS_TO_RUN = sql`s.ended_at IS NULL AND s.paused_at IS NULL AND s.misconfigured IS NULL AND p.state = 'live'`;
