export * from "./attempts-key.ts";
export type { CatalogListener, Numbered } from "./changes/catalog-hints.ts";
export type { Changes } from "./changes/changes.ts";
export type { ChangeListener, ChangeWatch } from "./changes/watch-changes.ts";
export * from "./client-secret.ts";
export * from "./files-over.ts";
export * from "./gather.ts";
export * from "./give-way-by-piece.ts";
export * from "./hand-over.ts";
export { heartbeat } from "./heartbeat.ts";
export * from "./intake.ts";
export { KEY_WARNING_MS, warnOfExpiringKeys } from "./key-expiry.ts";
export * from "./operator.ts";
export { openProfileCache } from "./profiles.ts";
export * from "./project-keys.ts";
export { askedOf } from "./pulls/asked-of.ts";
export { type CancelOrder, cancelPull } from "./pulls/cancel-pull.ts";
export { lookAtPulls } from "./pulls/look-at-pulls.ts";
export { nextPull } from "./pulls/pull-timing.ts";
export * from "./pulls/pull-work.ts";
export {
  type ProbeOrder,
  type PullOrder,
  type RequestedPulls,
  requestProbe,
  requestPull,
} from "./pulls/request-pull.ts";
export { runPulls } from "./pulls/run-pulls.ts";
export { pullRefusal } from "./pulls/settle-pull.ts";
export { systemKeyOf } from "./pulls/system-key.ts";
export * from "./queues.ts";
export type { IncomingFile, ReceivedFile } from "./received-file.ts";
export * from "./reconciler.ts";
export type { WorkTerms } from "./renderings/fenced-work.ts";
export { type RemadeAsset, type RemakeAsset, runRemakes } from "./renderings/run-remakes.ts";
export { type MadeVideo, type RenderFilm, runRenderings } from "./renderings/run-renderings.ts";
export { sentFrom } from "./report.ts";
export * from "./rerun.ts";
export { backOffMs } from "./retry.ts";
export * from "./run-arrivals.ts";
export * from "./run-outbox.ts";
export * from "./run-stage.ts";
export * from "./run-webhooks.ts";
export { judgeHolds } from "./schedule/holds.ts";
export { runNow } from "./schedule/run-now.ts";
export * from "./schedule/run-tables.ts";
export { lookAtSchedules } from "./schedule/scheduler.ts";
export { standingOf } from "./schedule/standing.ts";
export { localTime, nextDue, nextDues, shortestPauseMs } from "./schedule/timing.ts";
export * from "./stage.ts";
export { openStoryboards } from "./storyboards.ts";
export { receiverOf, tellOverdue } from "./webhook-events.ts";
export type { WebhookAnswer } from "./webhook-retry.ts";
export * from "./wrap-artifact.ts";
