import { beginRehearsalBodySchema, goLiveBodySchema, projectPathSchema, rehearsalSchema } from "@inlet/contracts";
import {
  beginRehearsal,
  type Executor,
  findProject,
  lockProjectState,
  makeProjectLive,
  type ProjectStanding,
  projectStanding,
  recordAudit,
  transaction,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { noProject } from "../projects/project-routes.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { checklist, isPassed } from "./checklist.ts";
import { observe } from "./observe.ts";

const tags = ["Projects"];

type Found = NonNullable<Awaited<ReturnType<typeof findProject>>>;

/** The way of a project from its rehearsal to its life, and back. */
export function rehearsalRoutes(app: RouteHost, { database }: ApiParts): void {
  async function projectOf(executor: Executor, request: FastifyRequest): Promise<Found> {
    const { client, project } = request.params as { client: string; project: string };
    const found = await findProject(executor, { client, project, scope: callerOf(request).scope });
    if (found === undefined) throw noProject(client, project);
    return found;
  }

  app.get(
    "/v1/clients/:client/projects/:project/rehearsal",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a project's rehearsal",
        description:
          "The checklist of what was seen of the newest file of each table since the rehearsal began: who sent it, how it " +
          "was written, what became of it, and whether the client has its result.",
        params: projectPathSchema,
        response: { 200: rehearsalSchema, ...errors(404) },
      },
    },
    async (request) => {
      const found = await projectOf(database, request);
      return await rehearsalView(database, found, await projectStanding(database, found.projectId));
    },
  );

  app.post(
    "/v1/clients/:client/projects/:project/rehearsal",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Begin a rehearsal",
        description:
          "From now on the project's files go through every stage, and nothing of them reaches its tables. What came " +
          "before does not count for the checklist. A project that is live needs a reason, which goes into the audit.",
        params: projectPathSchema,
        body: beginRehearsalBodySchema,
        response: { 200: rehearsalSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { reason } = request.body;
      const { found, standing } = await transaction(database, async (tx) => {
        const found = await projectOf(tx, request);
        const { state } = await lockProjectState(tx, found.projectId);
        if (state === "live" && reason === undefined) {
          throw new Refusal(
            409,
            "reason_missing",
            `${nameOf(request)} is live: in rehearsal its files will not reach its tables any more. Give a reason to put it into rehearsal all the same.`,
          );
        }
        await beginRehearsal(tx, found.projectId);
        const detail = { from: state, reason };
        await recordAudit(tx, auditOf(request, "project.rehearse", { path: nameOf(request), detail }));
        return { found, standing: await projectStanding(tx, found.projectId) };
      });
      return await rehearsalView(database, found, standing);
    },
  );

  app.post(
    "/v1/clients/:client/projects/:project/live",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Go live",
        description:
          "Once the rehearsal has passed; or, with a reason, in any case. From now on the project's files are real. Those " +
          "that came before stay a rehearsal: have them sent again.",
        params: projectPathSchema,
        body: goLiveBodySchema,
        response: { 200: rehearsalSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { reason } = request.body;
      const { found, standing } = await transaction(database, async (tx) => {
        const found = await projectOf(tx, request);
        const before = await lockProjectState(tx, found.projectId);
        if (before.state === "live") return { found, standing: before };
        const lines = checklist(await observe(tx, observedProject(found, before)));
        const open = lines.filter(({ state }) => state === "red" || state === "waiting");
        if (open.length > 0 && reason === undefined) {
          const names = [...new Set(open.map(({ title }) => title))].join(", ");
          throw new Refusal(
            409,
            "rehearsal_not_passed",
            `The rehearsal of ${nameOf(request)} has not passed yet: ${names}. Give a reason to go live all the same.`,
          );
        }
        await makeProjectLive(tx, found.projectId);
        const detail = { passed: open.length === 0, open: open.map(({ id, table }) => ({ id, table })), reason };
        await recordAudit(tx, auditOf(request, "project.live", { path: nameOf(request), detail }));
        return { found, standing: await projectStanding(tx, found.projectId) };
      });
      return await rehearsalView(database, found, standing);
    },
  );
}

const nameOf = (request: FastifyRequest) => {
  const { client, project } = request.params as { client: string; project: string };
  return `${client}/${project}`;
};

const observedProject = ({ projectId, clientId, profile, version }: Found, standing: ProjectStanding) => ({
  ...{ projectId, clientId, profile, standing },
  profileVersion: version,
});

async function rehearsalView(executor: Executor, found: Found, standing: ProjectStanding) {
  const { client, project } = found.profile;
  // A project that never rehearsed has nothing to be seen.
  const observed = standing.rehearsalAt && (await observe(executor, observedProject(found, standing)));
  const lines = observed ? checklist(observed) : [];
  return {
    ...{ client, project, state: standing.state, lines },
    since: iso(standing.rehearsalAt),
    liveAt: iso(standing.liveAt),
    passed: isPassed(lines),
    batches: (observed?.batches ?? []).map(({ batchId, tableName, fileName }) => ({
      ...{ id: batchId, table: tableName, fileName },
    })),
  };
}
