import type {
  BackfillRequest,
  Dismissal,
  PollRequest,
  ReconciliationRequest,
  ReplayRequest,
  SyncDirection,
  SyncLetterState,
} from "@inlet/contracts";
import { type Paging, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

/** Conditions on subscriptions; absent ones do not count. */
interface SubscriptionConditions {
  client?: string | undefined;
  project?: string | undefined;
  ended?: boolean | undefined;
}

/** Conditions on a subscription's letters; absent ones do not count. */
interface LetterConditions {
  state?: SyncLetterState | undefined;
  direction?: SyncDirection | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

export const subscriptionCalls = (send: Send) => ({
  subscriptions: async (conditions: SubscriptionConditions = {}) =>
    (await send("subscriptionListSchema", "GET", `/v1/subscriptions${queryOf({ ...conditions })}`)).subscriptions,
  subscription: (id: number) => send("subscriptionDetailSchema", "GET", `/v1/subscriptions/${id}`),
  pauseSubscription: (id: number) => send("subscriptionViewSchema", "POST", `/v1/subscriptions/${id}/pause`, {}),
  resumeSubscription: (id: number) => send("subscriptionViewSchema", "POST", `/v1/subscriptions/${id}/resume`, {}),
  backfillSubscription: (id: number, how: BackfillRequest = {}) =>
    send("subscriptionViewSchema", "POST", `/v1/subscriptions/${id}/backfill`, how),
  replaySubscription: (id: number, from: ReplayRequest) =>
    send("subscriptionViewSchema", "POST", `/v1/subscriptions/${id}/replay`, from),
  pollSubscription: (id: number, how: PollRequest = {}) =>
    send("subscriptionViewSchema", "POST", `/v1/subscriptions/${id}/poll`, how),
  reconciliations: (id: number, paging: Paging = {}) =>
    send("reconciliationPageSchema", "GET", `/v1/subscriptions/${id}/reconciliations${queryOf({ ...paging })}`),
  /** It, and those before it. */
  reconcile: (id: number, how: ReconciliationRequest = {}) =>
    send("reconciliationPageSchema", "POST", `/v1/subscriptions/${id}/reconciliations`, how),
  syncLetters: (id: number, conditions: LetterConditions = {}) =>
    send("syncLetterPageSchema", "GET", `/v1/subscriptions/${id}/letters${queryOf({ ...conditions })}`),
  /** All that are dead. */
  retryLetters: (id: number) => send("retriedLettersSchema", "POST", `/v1/subscriptions/${id}/letters/retry`, {}),
  retryLetter: (id: number, letter: number) =>
    send("retriedLettersSchema", "POST", `/v1/subscriptions/${id}/letters/${letter}/retry`, {}),
  dismissLetter: (id: number, letter: number, dismissal: Dismissal) =>
    send("retriedLettersSchema", "POST", `/v1/subscriptions/${id}/letters/${letter}/dismiss`, dismissal),
});
