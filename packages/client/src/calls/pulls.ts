import type { CancelPullBody, ProbeBody, PullPurpose, PullState, StartPullsBody } from "@inlet/contracts";
import { type Paging, projectPath, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

export interface PullConditions extends Paging {
  table?: string | undefined;
  state?: PullState | undefined;
  /** Left out: those that import. */
  purpose?: PullPurpose | undefined;
}

export const pullCalls = (send: Send) => ({
  /** A project's pulls, newest first. */
  pulls: (client: string, project: string, conditions: PullConditions = {}) =>
    send("pullPageSchema", "GET", `${projectPath(client, project)}/pulls${queryOf(conditions)}`),
  /** How each pulled table of a project stands, when the next pulls are due, and how the system fares. */
  pullState: (client: string, project: string) =>
    send("pullStatesSchema", "GET", `${projectPath(client, project)}/pull-state`),
  pull: (id: number) => send("pullDetailSchema", "GET", `/v1/pulls/${id}`),
  startPulls: (client: string, project: string, body: StartPullsBody = {}) =>
    send("startedPullsSchema", "POST", `${projectPath(client, project)}/pulls`, body),
  /** Its result is there once the pull of the answer is `probed` or `stopped`: ask for that. */
  probe: (client: string, project: string, body: ProbeBody = {}) =>
    send("pullDetailSchema", "POST", `${projectPath(client, project)}/pulls/probe`, body),
  cancelPull: (id: number, body: CancelPullBody = {}) =>
    send("pullDetailSchema", "POST", `/v1/pulls/${id}/cancel`, body),
});
