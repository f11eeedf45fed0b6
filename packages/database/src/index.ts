export * from "./client-columns.ts";
export * from "./connection.ts";
export * from "./copy.ts";
export * from "./foreign/foreign-connection.ts";
export * from "./foreign/foreign-table.ts";
export { listenTo } from "./listen.ts";
export * from "./migrate.ts";
export * from "./queries/access/account-admin.ts";
export * from "./queries/access/accounts.ts";
export * from "./queries/access/api-keys.ts";
export * from "./queries/access/audit.ts";
export * from "./queries/access/idempotency.ts";
export * from "./queries/access/login-scores.ts";
export * from "./queries/access/saved-views.ts";
export * from "./queries/access/sessions.ts";
export * from "./queries/access/users.ts";
export * from "./queries/batches/artifacts.ts";
export * from "./queries/batches/batch-lists.ts";
export * from "./queries/batches/batch-log.ts";
export * from "./queries/batches/batch-views.ts";
export * from "./queries/batches/batches.ts";
export * from "./queries/batches/corrections.ts";
export * from "./queries/batches/links.ts";
export * from "./queries/batches/rehearsal.ts";
export * from "./queries/batches/reruns.ts";
export * from "./queries/catalogs/catalog-changes.ts";
export * from "./queries/catalogs/catalog-history.ts";
export * from "./queries/catalogs/catalog-imports.ts";
export {
  beginCatalogWork,
  type CatalogItem,
  type CatalogTable,
  catalogBase,
  catalogClockMs,
  dropHeldItems,
  holdCatalogItems,
  type ItemWrite,
  type NormalItem,
  normaliseCatalogValues,
  readCatalogItems,
  readCatalogPage,
  type WrittenChange,
  writeCatalogItems,
} from "./queries/catalogs/catalog-rows.ts";
export * from "./queries/catalogs/catalog-sequencer.ts";
export * from "./queries/catalogs/catalog-tables.ts";
export * from "./queries/catalogs/catalogs.ts";
export * from "./queries/catalogs/outward-changes.ts";
export * from "./queries/client-tables/client-tables.ts";
export * from "./queries/client-tables/imported-tables.ts";
export * from "./queries/client-tables/references.ts";
export * from "./queries/drafts/draft-checks.ts";
export * from "./queries/drafts/draft-edits.ts";
export * from "./queries/drafts/drafts.ts";
export * from "./queries/forgetting/forgetting-work.ts";
export * from "./queries/forgetting/forgettings.ts";
export * from "./queries/forgetting/forgotten-data.ts";
export * from "./queries/forgetting/forgotten-rows.ts";
export * from "./queries/forgetting/retention.ts";
export * from "./queries/intake/arrivals.ts";
export * from "./queries/intake/intake.ts";
export * from "./queries/intake/looks.ts";
export * from "./queries/intake/mailboxes.ts";
export * from "./queries/intake/mails.ts";
export * from "./queries/intake/remote-files.ts";
export * from "./queries/intake/replies.ts";
export * from "./queries/intake/uploads.ts";
export * from "./queries/intake/uploads-api.ts";
export * from "./queries/messages/changes.ts";
export * from "./queries/messages/messages.ts";
export * from "./queries/messages/webhook-messages.ts";
export * from "./queries/messages/webhooks.ts";
export * from "./queries/projects/link-keys.ts";
export * from "./queries/projects/pgp-keys.ts";
export * from "./queries/projects/project-views.ts";
export * from "./queries/projects/projects.ts";
export * from "./queries/projects/secrets.ts";
export * from "./queries/pulls/pull-recovery.ts";
export * from "./queries/pulls/pull-schedules.ts";
export * from "./queries/pulls/pull-views.ts";
export * from "./queries/pulls/pulls.ts";
export * from "./queries/renderings/rendering-work.ts";
export * from "./queries/renderings/renderings.ts";
export * from "./queries/results/link-results.ts";
export * from "./queries/results/record-link-events.ts";
export * from "./queries/runs/run-files.ts";
export * from "./queries/runs/run-views.ts";
export * from "./queries/runs/runs.ts";
export * from "./queries/runs/schedules.ts";
export * from "./queries/steps/operations.ts";
export * from "./queries/steps/step-admission.ts";
export * from "./queries/steps/step-advance.ts";
export * from "./queries/steps/step-claims.ts";
export * from "./queries/steps/step-recovery.ts";
export * from "./queries/steps/steps.ts";
export * from "./queries/steps/workers.ts";
export * from "./queries/storyboards/asset-remaking.ts";
export * from "./queries/storyboards/asset-sweeping.ts";
export * from "./queries/storyboards/assets.ts";
export * from "./queries/storyboards/storyboards.ts";
export * from "./queries/sync/inward-events.ts";
export * from "./queries/sync/inward-letters.ts";
export * from "./queries/sync/inward-links.ts";
export * from "./queries/sync/inward-polls.ts";
export * from "./queries/sync/reconciliations.ts";
export type { SubscriptionFacts } from "./queries/sync/subscription-facts.ts";
export * from "./queries/sync/subscription-runs.ts";
export * from "./queries/sync/subscriptions.ts";
export * from "./queries/sync/sync-letters.ts";
export * from "./queries/sync/sync-links.ts";
export * from "./schema.ts";
export { openServiceRole, type RestrictedService, SERVICE_ROLES } from "./service-roles.ts";
export * from "./sqlstate.ts";
export * from "./table-differences.ts";
