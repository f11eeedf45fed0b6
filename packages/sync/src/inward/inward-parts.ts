import type { Profile } from "@inlet/contracts";
import type { SubscriptionFacts } from "@inlet/database";
import type { Hooks, ReferenceLookUp } from "@inlet/delimited";
import type { CatalogPlace } from "../catalog/catalog.ts";
import type { FieldMapping } from "../fields/field-mapping.ts";
import type { ConflictFunctions } from "../merge/rules.ts";
import { catalogPlace } from "../subscriptions/catalog-reader.ts";

/** By what items that come are held against a catalog. */
export interface InwardRules {
  conflicts: ConflictFunctions;
  /** The platform team's own rules. */
  hooks?: Hooks | undefined;
  /** Looks keys up in other tables of a project. */
  references?: ((project: { client: string; project: string }) => ReferenceLookUp) | undefined;
}

/** A subscription with all that is needed to take its items. */
export interface InwardParts {
  subscription: SubscriptionFacts;
  place: CatalogPlace;
  fields: FieldMapping;
  rules: InwardRules;
  /** The key-encryption key: what is refused is kept sealed. */
  key: Buffer;
}

/** @throws Misconfigured `catalog_missing` */
export function inwardParts(
  subscription: SubscriptionFacts,
  { profile, fields, rules, key }: { profile: Profile; fields: FieldMapping; rules: InwardRules; key: Buffer },
): InwardParts {
  return { subscription, place: catalogPlace(profile, subscription.projectId, subscription.table), fields, rules, key };
}

/** Whether our changes go to a subscription. */
export const isOutward = ({ subscription }: Pick<InwardParts, "subscription">): boolean =>
  subscription.definition.outward !== false;
