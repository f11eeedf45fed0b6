import { type Paging, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

export interface RunConditions extends Paging {
  client?: string | undefined;
  project?: string | undefined;
  state?: "open" | "reported" | undefined;
}

export const runCalls = (send: Send) => ({
  runs: (conditions: RunConditions = {}) => send("runPageSchema", "GET", `/v1/runs${queryOf(conditions)}`),
  run: (id: number) => send("runDetailSchema", "GET", `/v1/runs/${id}`),
});
