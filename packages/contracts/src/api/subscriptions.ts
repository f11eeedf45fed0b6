import { z } from "zod";
import { idParamSchema, nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

/** Which subscription an address names. */
export const subscriptionPathSchema = z.object({ subscription: idParamSchema });

/**
 * How a subscription stands. `backfilling`: it gets everything once. `failing`: the other system takes nothing just now, and is
 * tried again by itself. `misconfigured`: it cannot be run as its profile has it. `ended`: its profile has it no more.
 */
export const subscriptionStateSchema = z.enum(["active", "backfilling", "paused", "failing", "misconfigured", "ended"]);
export type SubscriptionState = z.infer<typeof subscriptionStateSchema>;

/** What went wrong, and what to do. */
const syncErrorSchema = z.object({ code: z.string(), message: z.string() });

const EXAMPLE = {
  id: 4,
  client: "iris",
  project: "shop",
  catalog: "items",
  name: "storefront",
  use: "rest",
  state: "active",
  outward: true,
  inward: "webhook",
  lag: { changes: 3, seconds: 0.4 },
  backfill: null,
  pushed: 18_240,
  skipped: 112,
  letters: { retrying: 0, dead: 2 },
  problem: null,
  lastError: null,
  failingSince: null,
  nextAttemptAt: null,
  lastSuccessAt: "2026-11-20T09:00:01.000Z",
  paused: null,
  inwardAddress: "https://sync.example.com/in/iris/shop/storefront",
  reconciles: "daily 03:00",
  createdAt: "2026-11-01T08:00:00.000Z",
} as const;

const subscriptionFields = {
  id: z.int(),
  client: z.string(),
  project: z.string(),
  /** The table that is kept in step. */
  catalog: z.string(),
  /** Its name in the profile: the origin of the changes that come from it. */
  name: z.string(),
  /** Which subscriber does it. */
  use: z.string(),
  state: subscriptionStateSchema,
  /** Our changes go there. */
  outward: z.boolean(),
  /** How its changes come to us; null: they do not. */
  inward: z.enum(["poll", "webhook"]).nullable(),
  /**
   * How far it is behind: changes that it has yet to be sent, counted up to 10,000, and how old the oldest of them is. Both 0: it
   * has everything.
   */
  lag: z.object({ changes: z.int(), seconds: z.number() }),
  /** The first copy of everything, while it is under way. `total` is about right. */
  backfill: z.object({ done: z.int(), total: z.int().nullable() }).nullable(),
  /** Changes that it has taken, and that it had no need of, since it began. */
  pushed: z.int(),
  skipped: z.int(),
  /** Items that one side did not take: tried again by themselves, and given up. */
  letters: z.object({ retrying: z.int(), dead: z.int() }),
  /** Why it cannot be run as it is; null: it can. */
  problem: syncErrorSchema.nullable(),
  lastError: syncErrorSchema.extend({ at: timeSchema }).nullable(),
  /** Nothing was taken since then. */
  failingSince: timeSchema.nullable(),
  nextAttemptAt: timeSchema.nullable(),
  lastSuccessAt: timeSchema.nullable(),
  /** Who paused it, and when. `by` is null for callers who see one client alone. */
  paused: z.object({ at: timeSchema, by: z.string().nullable() }).nullable(),
  /** Where the other system sends its webhooks to; null: it sends none, or the public address is not set. */
  inwardAddress: z.string().nullable(),
  /** When both sides are compared, as the profile says it; null: only when a person asks. */
  reconciles: z.string().nullable(),
  createdAt: timeSchema,
};

/** One outside system that a catalog is kept in step with. */
export const subscriptionViewSchema = z.object(subscriptionFields).meta({ id: "Subscription", example: EXAMPLE });
export type SubscriptionView = z.infer<typeof subscriptionViewSchema>;

/** What comes from the other system. */
const incomingSchema = z
  .object({
    /** Items since the subscription is there: those that changed something here, those that did not, those that were refused. */
    changed: z.int(),
    unchanged: z.int(),
    refused: z.int(),
    lastItemAt: timeSchema.nullable(),
    /** Events of its webhooks that are stored and wait. */
    waiting: z.int(),
    lastPollAt: timeSchema.nullable(),
    nextPollAt: timeSchema.nullable(),
    /** Why the last poll failed; null: it did not. */
    error: syncErrorSchema.extend({ at: timeSchema }).nullable(),
    /** Requests to its address that were not let in, for example because of a wrong signature. */
    turnedAway: z.object({ count: z.int(), lastAt: timeSchema.nullable(), reason: z.string().nullable() }),
  })
  .describe("Null: nothing has come yet, or nothing comes from there");

export const subscriptionDetailSchema = z
  .object({ ...subscriptionFields, incoming: incomingSchema.nullable() })
  .meta({ id: "SubscriptionDetail", example: { ...EXAMPLE, incoming: null } });
export type SubscriptionDetail = z.infer<typeof subscriptionDetailSchema>;

export const subscriptionListSchema = z.object({ subscriptions: z.array(subscriptionViewSchema) });
export type SubscriptionList = z.infer<typeof subscriptionListSchema>;

export const backfillRequestSchema = z
  .strictObject({
    all: z.boolean().default(false).describe("Also what the other system is known to have as it is"),
  })
  .meta({ id: "BackfillRequest", example: { all: false } });
export type BackfillRequest = z.input<typeof backfillRequestSchema>;

export const replayRequestSchema = z
  .strictObject({ since: timeSchema.describe("Every change since then is sent once more") })
  .meta({ id: "ReplayRequest", example: { since: "2026-11-20T00:00:00.000Z" } });
export type ReplayRequest = z.input<typeof replayRequestSchema>;

export const syncDirectionSchema = z.enum(["out", "in"]);
export type SyncDirection = z.infer<typeof syncDirectionSchema>;

/** `retrying`: it is tried again by itself. `dead`: given up, until a person retries it or a later change takes its place. */
export const syncLetterStateSchema = z.enum(["retrying", "dead", "dismissed"]);
export type SyncLetterState = z.infer<typeof syncLetterStateSchema>;

/** One item that one side did not take of the other. */
export const syncLetterSchema = z
  .object({
    id: z.int(),
    subscriptionId: z.int(),
    direction: syncDirectionSchema,
    state: syncLetterStateSchema,
    /** Null: nobody can tell which item it is. */
    key: z.string().nullable(),
    attempts: z.int(),
    error: syncErrorSchema.nullable(),
    /** What the check of an item that came found: a column of ours, what is wrong with it, and its value. */
    findings: z.array(
      z.object({ column: z.string().nullable(), code: z.string(), message: z.string(), value: z.string().nullable() }),
    ),
    nextAttemptAt: timeSchema.nullable(),
    createdAt: timeSchema,
    changedAt: timeSchema,
    dismissed: z.object({ by: z.string().nullable(), reason: z.string() }).nullable(),
  })
  .meta({
    id: "SyncLetter",
    example: {
      id: 12,
      subscriptionId: 4,
      direction: "out",
      state: "dead",
      key: "A-1004",
      attempts: 8,
      error: { code: "item_refused", message: "shop.example.com answered 422: price must be at least 0." },
      findings: [],
      nextAttemptAt: null,
      createdAt: "2026-11-20T09:00:00.000Z",
      changedAt: "2026-11-20T11:00:00.000Z",
      dismissed: null,
    },
  });
export type SyncLetter = z.infer<typeof syncLetterSchema>;

export const syncLetterQuerySchema = pageQuerySchema.extend({
  state: syncLetterStateSchema.optional(),
  direction: syncDirectionSchema.optional(),
});
export type SyncLetterQuery = z.output<typeof syncLetterQuerySchema>;

export const syncLetterPageSchema = z.object({ letters: z.array(syncLetterSchema), next: nextSchema });
export type SyncLetterPage = z.infer<typeof syncLetterPageSchema>;

export const dismissalSchema = z
  .strictObject({ reason: z.string().trim().min(1).max(500) })
  .meta({ id: "Dismissal", example: { reason: "The shop sells it no more" } });
export type Dismissal = z.input<typeof dismissalSchema>;

/** How many letters are tried again. */
export const retriedLettersSchema = z.object({ retried: z.int() });
export type RetriedLetters = z.infer<typeof retriedLettersSchema>;

export const pollRequestSchema = z
  .strictObject({ fromStart: z.boolean().default(false).describe("Everything once more, not only what has changed") })
  .meta({ id: "PollRequest", example: { fromStart: false } });
export type PollRequest = z.input<typeof pollRequestSchema>;

export const reconciliationRequestSchema = z
  .strictObject({
    mend: z.boolean().default(false).describe("What differs is mended by the conflict rules, not only told"),
  })
  .meta({ id: "ReconciliationRequest", example: { mend: false } });
export type ReconciliationRequest = z.input<typeof reconciliationRequestSchema>;

/** `skipped`: another one was under way at its time. */
export const reconciliationStateSchema = z.enum(["due", "running", "done", "failed", "skipped"]);
export type ReconciliationState = z.infer<typeof reconciliationStateSchema>;

/** What a comparison of both sides found. */
const reconciliationResultSchema = z.object({
  /** Items here and there, when they were looked at. */
  here: z.int(),
  there: z.int(),
  alike: z.int(),
  /** Here, and not there. */
  missingThere: z.int(),
  /** There, and not here. */
  missingHere: z.int(),
  different: z.int(),
  /** Not compared: they were being changed or sent. */
  inFlight: z.int(),
  /** There, but as no item that could be one here. */
  invalid: z.int(),
  /** What was done about it: ours sent again, theirs taken, and left as it is. */
  sent: z.int(),
  taken: z.int(),
  left: z.int(),
  /** Why something was left that is otherwise mended. */
  caution: z.string().nullable(),
  /** The first few of each kind; `columns`: those that differ. */
  samples: z.array(
    z.object({
      kind: z.enum(["missing_there", "missing_here", "different", "invalid"]),
      key: z.string(),
      columns: z.array(z.string()),
    }),
  ),
});

/** One comparison of both sides. */
export const reconciliationSchema = z
  .object({
    id: z.int(),
    subscriptionId: z.int(),
    /** Null: a person asked for it. */
    dueAt: timeSchema.nullable(),
    /** Who asked; null for the schedule, and for callers who see one client alone. */
    actor: z.string().nullable(),
    mend: z.boolean(),
    state: reconciliationStateSchema,
    createdAt: timeSchema,
    startedAt: timeSchema.nullable(),
    endedAt: timeSchema.nullable(),
    /** Null while it has not ended. */
    result: reconciliationResultSchema.nullable(),
    error: syncErrorSchema.nullable(),
  })
  .meta({ id: "Reconciliation" });
export type Reconciliation = z.infer<typeof reconciliationSchema>;

export const reconciliationPageSchema = z.object({ reconciliations: z.array(reconciliationSchema), next: nextSchema });
export type ReconciliationPage = z.infer<typeof reconciliationPageSchema>;
