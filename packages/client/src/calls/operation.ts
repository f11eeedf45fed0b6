import type { MessageState, RetryMessages, StepKind } from "@inlet/contracts";
import { type Paging, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

/** Which failed steps are asked for. */
export interface FailedStepConditions extends Paging {
  queue?: StepKind | undefined;
  code?: string | undefined;
  client?: string | undefined;
  project?: string | undefined;
}

export const operationCalls = (send: Send) => ({
  messages: (conditions: Paging & { state?: MessageState | undefined } = {}) =>
    send("messagePageSchema", "GET", `/v1/messages${queryOf(conditions)}`),
  /** Sends a dead letter again. */
  retryMessage: (id: number) => send("retriedMessageSchema", "POST", `/v1/messages/${id}/retry`),
  /** Sends many of them again, 1,000 at most: see `left`. */
  retryMessages: (body: RetryMessages) => send("retriedMessagesSchema", "POST", "/v1/messages/retry", body),
  queues: async () => (await send("queueListSchema", "GET", "/v1/queues")).queues,
  /** How the whole hub stands. */
  operations: () => send("operationsSchema", "GET", "/v1/operations"),
  failedSteps: (conditions: FailedStepConditions = {}) =>
    send("failedStepPageSchema", "GET", `/v1/operations/failed-steps${queryOf(conditions)}`),
  /** What is handed over with a login: where clients connect to, and the fingerprints of the host keys. */
  connection: () => send("connectionSchema", "GET", "/v1/connection"),
});
