import type { ForgetBody, LinkRevocationBody } from "@inlet/contracts";
import { type Paging, projectPath, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

const path = (client: string, project: string, forgettingId?: number) =>
  `${projectPath(client, project)}/forgettings${forgettingId === undefined ? "" : `/${forgettingId}`}`;

export const forgettingCalls = (send: Send) => ({
  /** Takes back one link, known by its address. */
  revokeLink: (body: LinkRevocationBody) => send("revocationSchema", "POST", "/v1/revocations", body),
  /** Newest first. */
  forgettings: (client: string, project: string, paging: Paging = {}) =>
    send("forgettingPageSchema", "GET", `${path(client, project)}${queryOf(paging)}`),
  forgetting: (client: string, project: string, forgettingId: number) =>
    send("forgettingSchema", "GET", path(client, project, forgettingId)),
  /** Forgets a recipient. It is done in the background: ask `forgetting` how far it is. */
  forget: (client: string, project: string, body: ForgetBody) =>
    send("forgettingSchema", "POST", path(client, project), body),
  /** Does what a preview has shown. */
  confirmForgetting: (client: string, project: string, forgettingId: number) =>
    send("forgettingSchema", "POST", `${path(client, project, forgettingId)}/confirmation`),
  retryForgetting: (client: string, project: string, forgettingId: number) =>
    send("forgettingSchema", "POST", `${path(client, project, forgettingId)}/retry`),
  /** Drops a preview. */
  dropForgetting: (client: string, project: string, forgettingId: number) =>
    send("forgettingSchema", "DELETE", path(client, project, forgettingId)),
});
