import { z } from "zod";
import type { Profile } from "./profile.ts";

/** The stages of a batch, in the order in which they run. */
export const stepKindSchema = z.enum(["validate", "personalise", "import", "deliver"]);
export type StepKind = z.infer<typeof stepKindSchema>;

/** `waiting` is not admitted yet, `ready` may be claimed, `running` is claimed under a lease. */
export const stepStateSchema = z.enum(["waiting", "ready", "running", "done", "failed", "cancelled"]);
export type StepState = z.infer<typeof stepStateSchema>;

/**
 * Where a batch stands. `received` and `running` are under way; the others are ends. `unpacked`: a ZIP of several data files,
 * each of which is a batch of its own.
 */
export const batchStatusSchema = z.enum([
  "received",
  "running",
  "completed",
  "partial",
  "rejected",
  "failed",
  "duplicate",
  "superseded",
  "cancelled",
  "unpacked",
]);
export type BatchStatus = z.infer<typeof batchStatusSchema>;

/** Why a batch ended as it did, in words for the client. */
export const reasonSchema = z.object({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof reasonSchema>;

/**
 * What was counted at each stage; null where the stage has not run.
 * declared = records = valid + rejected; valid = staged = imported; links = valid − withheld.
 */
export const countsSchema = z.object({
  declared: z.int().min(0).nullable(),
  records: z.int().min(0).nullable(),
  valid: z.int().min(0).nullable(),
  rejected: z.int().min(0).nullable(),
  staged: z.int().min(0).nullable(),
  imported: z.int().min(0).nullable(),
  links: z.int().min(0).nullable(),
  withheld: z.int().min(0).nullable(),
});
export type Counts = z.infer<typeof countsSchema>;

/**
 * A stored file of a batch. `index` finds records in the canonical file. `flag` is the flag file that came with it.
 * `wrapped_…` is what the client gets of a file where the profile wants it encrypted or zipped; encryption is randomised, so it
 * is made once and stored.
 */
export const artifactKindSchema = z.enum([
  "source",
  "plain",
  "canonical",
  "index",
  "rejected",
  "result",
  "errors",
  "flag",
  "wrapped_result",
  "wrapped_errors",
]);
export type ArtifactKind = z.infer<typeof artifactKindSchema>;

/** What of a profile decides the way of its batches. */
type WayOf = Pick<Profile, "links" | "delivery" | "email">;

/** The stages that a profile's batches go through. */
export function stepPlan({ links, delivery, email }: WayOf): readonly StepKind[] {
  const goesBack = links || delivery?.errors || email;
  return [
    "validate",
    ...(links ? (["personalise"] as const) : []),
    "import",
    ...(goesBack ? (["deliver"] as const) : []),
  ];
}

/** The stage after `kind`, or undefined at the end. */
export function stepAfter(profile: WayOf, kind: StepKind): StepKind | undefined {
  const plan = stepPlan(profile);
  return plan[plan.indexOf(kind) + 1];
}

/** Whether a batch of this status has come to an end (an operator may still retry a failed one). */
export function isEnded(status: BatchStatus): boolean {
  return status !== "received" && status !== "running";
}
