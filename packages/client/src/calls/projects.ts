import type { ProfileInput } from "@inlet/contracts";
import { type Paging, part, projectPath, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

export const projectCalls = (send: Send) => ({
  projects: async () => (await send("projectListSchema", "GET", "/v1/projects")).projects,
  profile: (client: string, project: string) =>
    send("profileViewSchema", "GET", `${projectPath(client, project)}/profile`),
  /**
   * @param options.live makes the project live without a rehearsal, for this reason
   * @param options.expectedVersion the version that it replaces; when it is at another by now, nothing is applied and
   *   `precondition_failed` (412) is thrown. 0: the project must be new
   */
  applyProfile: (
    profile: ProfileInput,
    { live, expectedVersion }: { live?: string | undefined; expectedVersion?: number | undefined } = {},
  ) =>
    send(
      "appliedProfileSchema",
      "PUT",
      `${projectPath(profile.client, profile.project)}/profile${queryOf({ live })}`,
      profile,
      expectedVersion === undefined
        ? {}
        : expectedVersion === 0
          ? { ifNoneMatch: "*" }
          : { ifMatch: `"${expectedVersion}"` },
    ),
  /** What applying a profile would say; nothing is applied. It may have any mistakes. */
  async checkProfile(client: string, project: string, profile: unknown) {
    // It changes nothing: no answer of it is worth keeping for the same request sent again.
    const headers = { accept: "application/json", "content-type": "application/json" };
    const request = { method: "POST" as const, headers, body: JSON.stringify({ profile }) };
    return await send.read(
      "profileCheckSchema",
      await send.raw(`${projectPath(client, project)}/profile/check`, request),
    );
  },
  /** Newest first. */
  profileVersions: (client: string, project: string, { cursor, limit }: Paging = {}) =>
    send(
      "profileVersionPageSchema",
      "GET",
      `${projectPath(client, project)}/profile/versions${queryOf({ cursor, limit })}`,
    ),
  profileVersion: (client: string, project: string, version: number) =>
    send("profileVersionViewSchema", "GET", `${projectPath(client, project)}/profile/versions/${part(version)}`),
  rehearsal: (client: string, project: string) =>
    send("rehearsalSchema", "GET", `${projectPath(client, project)}/rehearsal`),
  /** Puts a project into rehearsal, or begins that anew. One that is live needs a reason. */
  beginRehearsal: (client: string, project: string, body: { reason?: string | undefined } = {}) =>
    send("rehearsalSchema", "POST", `${projectPath(client, project)}/rehearsal`, body),
  /** Without a reason once the rehearsal has passed. */
  goLive: (client: string, project: string, body: { reason?: string | undefined } = {}) =>
    send("rehearsalSchema", "POST", `${projectPath(client, project)}/live`, body),
  storeSecret: (client: string, name: string, value: string) =>
    send("storedSecretSchema", "PUT", `/v1/clients/${part(client)}/secrets/${part(name)}`, { value }),
});
