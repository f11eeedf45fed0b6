import type { StartRunBody } from "@inlet/contracts";
import { type Paging, projectPath, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

export interface RunConditions extends Paging {
  client?: string | undefined;
  project?: string | undefined;
  state?: "open" | "reported" | undefined;
}

export const runCalls = (send: Send) => ({
  runs: (conditions: RunConditions = {}) => send("runPageSchema", "GET", `/v1/runs${queryOf(conditions)}`),
  run: (id: number) => send("runDetailSchema", "GET", `/v1/runs/${id}`),
  /** When a project runs, ran, and what waits. */
  schedule: (client: string, project: string) =>
    send("scheduleSchema", "GET", `${projectPath(client, project)}/schedule`),
  /** Starts a run with the files that wait for the project's next trigger. */
  startRun: (client: string, project: string, body: StartRunBody = {}) =>
    send("runDetailSchema", "POST", `${projectPath(client, project)}/runs`, body),
});
