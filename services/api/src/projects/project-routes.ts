import {
  appliedProfileSchema,
  applyQuerySchema,
  type ProjectSummary,
  preconditionHeadersSchema,
  profileSchema,
  profileViewSchema,
  projectListSchema,
  projectPathSchema,
} from "@inlet/contracts";
import {
  applyProfile,
  findProject,
  type LiveProject,
  liveProjects,
  lockClientProfiles,
  lockProjectState,
  makeProjectLive,
  recordAudit,
  transaction,
} from "@inlet/database";
import { loadConflicts } from "@inlet/sync/catalogs";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { conflictProblems } from "../catalogs/conflict-problems.ts";
import { errors } from "../openapi/openapi.ts";
import { assertExpected, versionTag } from "../requests/entity-tags.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { mistakesOf, obstaclesOf, projectAmongOthers, warningsOf } from "./judge-profile.ts";

const tags = ["Projects"];

export const noProject = (client: string, project: string) =>
  notFound(
    "project_not_found",
    `There is no project ${client}/${project}. GET /v1/projects lists those that you may see.`,
  );

/** What is expected, and how it is dealt with. */
export function projectRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.get(
    "/v1/projects",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List projects",
        description: "All that the key may see, with what their live profiles say.",
        response: { 200: projectListSchema, ...errors() },
      },
    },
    async (request) => {
      const { scope } = callerOf(request);
      const projects = await liveProjects(database);
      return { projects: projects.filter(({ clientId }) => scope === null || clientId === scope).map(projectSummary) };
    },
  );

  app.get(
    "/v1/clients/:client/projects/:project/profile",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a project's live profile",
        description: "`ETag` names its version, for `If-Match` when it is applied again.",
        params: projectPathSchema,
        response: { 200: profileViewSchema, ...errors(404) },
      },
    },
    async (request, reply) => {
      const { client, project } = request.params;
      const found = await findProject(database, { client, project, scope: callerOf(request).scope });
      if (found === undefined) throw noProject(client, project);
      const { version, appliedBy, appliedAt, profile } = found;
      reply.header("etag", versionTag(version));
      return { version, appliedBy, appliedAt: iso(appliedAt), profile };
    },
  );

  app.put(
    "/v1/clients/:client/projects/:project/profile",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Apply a profile",
        description:
          "Makes the client and the project where they are new. A profile that differs from the live one becomes its " +
          "next version; batches that were received keep theirs. A new project begins with its rehearsal: its files reach " +
          "no table until it is live. With `If-Match` only the version that you have read is replaced, so that two people " +
          "do not overwrite each other; with `If-None-Match: *` only a project that is new is made.",
        params: projectPathSchema,
        querystring: applyQuerySchema,
        body: profileSchema,
        headers: preconditionHeadersSchema,
        response: { 200: appliedProfileSchema, ...errors(404, 409, 412) },
      },
    },
    async (request, reply) => {
      const { client, project } = request.params;
      const profile = request.body;
      const conflicts = conflictProblems(profile, await loadConflicts(env.INLET_CONFLICTS_MODULE));
      const problems = [...mistakesOf(profile, request.params), ...conflicts];
      if (problems.length > 0)
        throw new Refusal(400, "profile_invalid", "The profile has mistakes; see errors.", problems);
      const answer = await transaction(database, async (tx) => {
        await lockClientProfiles(tx, client);
        const { live, siblings } = await projectAmongOthers(tx, request.params);
        assertExpected(
          request,
          live && versionTag(live.profileVersion),
          live === undefined
            ? `There is no project ${client}/${project} whose profile could be replaced. Leave If-Match out to make it.`
            : `The profile is at version ${live.profileVersion} now: somebody changed it after you read it. Read it again, bring your changes in, and apply that.`,
        );
        const { clashes, changes } = await obstaclesOf(tx, profile, siblings);
        if (clashes.length > 0) {
          throw new Refusal(
            409,
            "folders_clash",
            "The profile's folders clash with another project's; see errors.",
            clashes,
          );
        }
        if (changes.length > 0) {
          throw new Refusal(
            409,
            "table_changed",
            "The profile does not fit the tables that hold rows already; see errors. Nothing was applied.",
            changes,
          );
        }
        const { live: reason } = request.query;
        const firstState = reason === undefined ? "rehearsal" : "live";
        const isNew = live === undefined;
        const applied = await applyProfile(tx, { profile, appliedBy: callerOf(request).name, firstState });
        const { version, changed } = applied;
        const isForced = reason !== undefined && (isNew || applied.state === "rehearsal");
        if (isForced) {
          await lockProjectState(tx, applied.projectId);
          await makeProjectLive(tx, applied.projectId);
        }
        if (changed) {
          await recordAudit(
            tx,
            auditOf(request, "profile.apply", { path: `${client}/${project}`, detail: { version } }),
          );
        }
        if (isForced) {
          const detail = { passed: false, reason };
          await recordAudit(tx, auditOf(request, "project.live", { path: `${client}/${project}`, detail }));
        }
        const warnings = await warningsOf(tx, profile, applied.projectId);
        return { client, project, version, changed, state: isForced ? ("live" as const) : applied.state, warnings };
      });
      reply.header("etag", versionTag(answer.version));
      return answer;
    },
  );
}

function projectSummary({ client, project, profileVersion, profile, state }: LiveProject): ProjectSummary {
  return {
    client,
    project,
    title: profile.title ?? null,
    profileVersion,
    state,
    source: profile.source.kind,
    uploads: profile.folders?.uploads ?? null,
    downloads: profile.folders?.downloads ?? null,
    tables: profile.tables.map(({ name, description, files, mode }) => ({
      name,
      description: description ?? null,
      files,
      mode,
    })),
    links: profile.links !== undefined,
  };
}
