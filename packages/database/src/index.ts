export * from "./client-columns.ts";
export * from "./connection.ts";
export * from "./copy.ts";
export * from "./foreign/foreign-connection.ts";
export * from "./foreign/foreign-table.ts";
export * from "./migrate.ts";
export * from "./queries/account-admin.ts";
export * from "./queries/accounts.ts";
export * from "./queries/api-keys.ts";
export * from "./queries/arrivals.ts";
export * from "./queries/artifacts.ts";
export * from "./queries/audit.ts";
export * from "./queries/batch-lists.ts";
export * from "./queries/batch-log.ts";
export * from "./queries/batch-views.ts";
export * from "./queries/batches.ts";
export * from "./queries/catalog-changes.ts";
export * from "./queries/catalog-history.ts";
export * from "./queries/catalog-imports.ts";
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
} from "./queries/catalog-rows.ts";
export * from "./queries/catalog-sequencer.ts";
export * from "./queries/catalog-tables.ts";
export * from "./queries/catalogs.ts";
export * from "./queries/changes.ts";
export * from "./queries/client-tables.ts";
export * from "./queries/corrections.ts";
export * from "./queries/draft-checks.ts";
export * from "./queries/draft-edits.ts";
export * from "./queries/drafts.ts";
export * from "./queries/idempotency.ts";
export * from "./queries/imported-tables.ts";
export * from "./queries/intake.ts";
export * from "./queries/inward-events.ts";
export * from "./queries/inward-polls.ts";
export * from "./queries/link-keys.ts";
export * from "./queries/links.ts";
export * from "./queries/login-scores.ts";
export * from "./queries/looks.ts";
export * from "./queries/mailboxes.ts";
export * from "./queries/mails.ts";
export * from "./queries/messages.ts";
export * from "./queries/operations.ts";
export * from "./queries/outward-changes.ts";
export * from "./queries/pgp-keys.ts";
export * from "./queries/project-views.ts";
export * from "./queries/projects.ts";
export * from "./queries/pull-recovery.ts";
export * from "./queries/pull-schedules.ts";
export * from "./queries/pull-views.ts";
export * from "./queries/pulls.ts";
export * from "./queries/reconciliations.ts";
export * from "./queries/references.ts";
export * from "./queries/rehearsal.ts";
export * from "./queries/remote-files.ts";
export * from "./queries/replies.ts";
export * from "./queries/reruns.ts";
export * from "./queries/run-files.ts";
export * from "./queries/run-views.ts";
export * from "./queries/runs.ts";
export * from "./queries/saved-views.ts";
export * from "./queries/schedules.ts";
export * from "./queries/secrets.ts";
export * from "./queries/sessions.ts";
export * from "./queries/step-admission.ts";
export * from "./queries/step-advance.ts";
export * from "./queries/step-claims.ts";
export * from "./queries/step-recovery.ts";
export * from "./queries/steps.ts";
export * from "./queries/subscription-runs.ts";
export * from "./queries/subscriptions.ts";
export * from "./queries/sync-letters.ts";
export * from "./queries/sync-links.ts";
export * from "./queries/uploads.ts";
export * from "./queries/uploads-api.ts";
export * from "./queries/users.ts";
export * from "./queries/webhook-messages.ts";
export * from "./queries/webhooks.ts";
export * from "./queries/workers.ts";
export * from "./schema.ts";
export { openServiceRole, type RestrictedService, SERVICE_ROLES } from "./service-roles.ts";
export * from "./sqlstate.ts";
export * from "./table-differences.ts";
