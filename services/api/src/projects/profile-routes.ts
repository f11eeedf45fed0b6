import {
  type ProfileCheck,
  type ProfileVersion,
  pageQuerySchema,
  problemsOf,
  profileCheckBodySchema,
  profileCheckSchema,
  profileSchema,
  profileVersionPageSchema,
  profileVersionPathSchema,
  profileVersionViewSchema,
  projectPathSchema,
  writtenProfile,
} from "@inlet/contracts";
import {
  findProfileVersion,
  findProject,
  isLiveProfile,
  type ProfileVersionRow,
  profileVersions,
  transaction,
} from "@inlet/database";
import { loadConflicts } from "@inlet/sync/catalogs";
import { callerOf } from "../access.ts";
import { conflictProblems } from "../catalogs/conflict-problems.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { mistakesOf, obstaclesOf, projectAmongOthers, warningsOf } from "./judge-profile.ts";
import { noProject } from "./project-routes.ts";

const tags = ["Projects"];

/** What a project's profile said before, and what applying another would say. */
export function profileRoutes(app: RouteHost, { database, env }: ApiParts): void {
  app.get(
    "/v1/clients/:client/projects/:project/profile/versions",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List the versions of a project's profile",
        description: "Newest first, with who applied each and when.",
        params: projectPathSchema,
        querystring: pageQuerySchema,
        response: { 200: profileVersionPageSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { client, project } = request.params;
      const { cursor, limit } = request.query;
      const before = decodeCursor(cursor);
      const found = await findProject(database, { client, project, scope: callerOf(request).scope });
      if (found === undefined) throw noProject(client, project);
      const rows = await profileVersions(database, { projectId: found.projectId, before, limit: limit + 1 });
      const { page, next } = pageOf(rows, limit, ({ version }) => version);
      return { versions: page.map((row) => versionView(row, found.version)), next };
    },
  );

  app.get(
    "/v1/clients/:client/projects/:project/profile/versions/:version",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show one version of a project's profile",
        description: "As it was applied, and with the defaults left out, as a person would write it.",
        params: profileVersionPathSchema,
        response: { 200: profileVersionViewSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { client, project, version } = request.params;
      const found = await findProject(database, { client, project, scope: callerOf(request).scope });
      if (found === undefined) throw noProject(client, project);
      const row = await findProfileVersion(database, { projectId: found.projectId, version });
      if (row === undefined) {
        throw notFound(
          "profile_version_not_found",
          `The profile of ${client}/${project} has no version ${version}. The live one is ${found.version}.`,
        );
      }
      return { ...versionView(row, found.version), profile: row.profile, written: writtenProfile(row.profile) };
    },
  );

  app.post(
    "/v1/clients/:client/projects/:project/profile/check",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Check a profile",
        description:
          "Says what applying it would say, and applies nothing: its mistakes, what it warns of, where it does not fit " +
          "the tables that hold rows, and whether it differs from the live one. Mistakes are no error of this request.",
        params: projectPathSchema,
        body: profileCheckBodySchema,
        response: { 200: profileCheckSchema, ...errors() },
      },
    },
    async (request): Promise<ProfileCheck> => {
      const path = request.params;
      const parsed = profileSchema.safeParse(request.body.profile);
      const functions = await loadConflicts(env.INLET_CONFLICTS_MODULE);
      const mistakes = parsed.success
        ? [...mistakesOf(parsed.data, path), ...conflictProblems(parsed.data, functions)]
        : problemsOf(parsed.error.issues);
      return await transaction(database, async (tx) => {
        const { live, siblings } = await projectAmongOthers(tx, path);
        const version = live?.profileVersion ?? null;
        if (!parsed.success || mistakes.length > 0) {
          return { ok: false, errors: mistakes, tableChanges: [], warnings: [], changed: null, version, written: null };
        }
        const { data: profile } = parsed;
        const { clashes, changes } = await obstaclesOf(tx, profile, siblings);
        const isSame = live !== undefined && (await isLiveProfile(tx, { projectId: live.projectId, profile }));
        return {
          ok: clashes.length === 0 && changes.length === 0,
          errors: clashes,
          tableChanges: changes,
          warnings: await warningsOf(tx, profile, live?.projectId),
          changed: !isSame,
          version,
          written: writtenProfile(profile),
        };
      });
    },
  );
}

const versionView = ({ version, appliedBy, appliedAt }: ProfileVersionRow, live: number): ProfileVersion => ({
  ...{ version, appliedBy, appliedAt: iso(appliedAt) },
  live: version === live,
});
