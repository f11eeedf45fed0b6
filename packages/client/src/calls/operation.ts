import type { MessageState } from "@inlet/contracts";
import { type Paging, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

export const operationCalls = (send: Send) => ({
  messages: (conditions: Paging & { state?: MessageState | undefined } = {}) =>
    send("messagePageSchema", "GET", `/v1/messages${queryOf(conditions)}`),
  queues: async () => (await send("queueListSchema", "GET", "/v1/queues")).queues,
});
