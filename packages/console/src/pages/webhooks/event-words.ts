import type { WebhookEventType } from "@inlet/contracts";

/** What each event means. */
export const EVENT_WORDS: Readonly<Record<WebhookEventType, string>> = {
  "batch.received": "A file has come",
  "batch.completed": "A file was imported",
  "batch.partial": "A file was imported in part",
  "batch.rejected": "A file was rejected",
  "batch.failed": "A file failed for a reason of ours",
  "batch.duplicate": "A file came once more",
  "batch.superseded": "A file was overtaken by a newer one",
  "batch.cancelled": "A file was cancelled",
  "batch.unpacked": "A ZIP of several files was unpacked",
  "run.reported": "A run has ended",
  "run.overdue": "A run has not ended in time",
};
