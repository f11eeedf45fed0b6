import type { BatchStatus, StepState } from "./batch.ts";

/** The one sign that a batch has in lists: what a person looks for before reading anything. */
export type BatchMark = "tick" | "cross" | "running" | "partial" | "duplicate" | "waiting";

/** What each mark says, for people. */
export const BATCH_MARK_WORDS: Readonly<Record<BatchMark, string>> = {
  tick: "Done",
  cross: "Not done",
  running: "Under way",
  partial: "Done in part",
  duplicate: "Duplicate",
  waiting: "Waiting",
};

/** What each status says, for people. */
export const BATCH_STATUS_WORDS: Readonly<Record<BatchStatus, string>> = {
  received: "Received",
  running: "Under way",
  completed: "Completed",
  partial: "Completed in part",
  rejected: "Rejected",
  failed: "Failed",
  duplicate: "Duplicate",
  superseded: "Superseded",
  cancelled: "Cancelled",
  unpacked: "Unpacked",
};

const MARK_OF_END: Readonly<Record<Exclude<BatchStatus, "received" | "running">, BatchMark>> = {
  completed: "tick",
  unpacked: "tick",
  partial: "partial",
  duplicate: "duplicate",
  rejected: "cross",
  failed: "cross",
  superseded: "cross",
  cancelled: "cross",
};

/**
 * A batch's mark. One that is under way is `running` as long as a worker may have it, and `waiting` before its first stage,
 * while its client's limits or the order of imports hold it, and after a failed attempt.
 * @param stage the step that is not over, where there is one
 */
export function batchMark(
  status: BatchStatus,
  stage: { state: StepState; attempts: number } | null | undefined,
): BatchMark {
  if (status !== "received" && status !== "running") return MARK_OF_END[status];
  if (stage?.state === "running") return "running";
  const waits = status === "received" || stage?.state === "waiting" || (stage?.attempts ?? 0) > 0;
  return waits ? "waiting" : "running";
}
