import {
  cancelPullBodySchema,
  monitoringOf,
  type PullDetail,
  type PullSource,
  type PullStates,
  probeBodySchema,
  projectPathSchema,
  pullDetailSchema,
  pullPageSchema,
  pullPathSchema,
  pullQuerySchema,
  pullStatesSchema,
  startedPullsSchema,
  startPullsBodySchema,
} from "@inlet/contracts";
import {
  findProject,
  findPull,
  findPulls,
  type LiveProject,
  listPulls,
  liveProject,
  newestGoodPulls,
  newestPulls,
  nextPullsDue,
  profileAt,
  systemStanding,
} from "@inlet/database";
import { askedOf, cancelPull, requestProbe, requestPull, systemKeyOf } from "@inlet/pipeline";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { noProject } from "../projects/project-routes.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { pullDetail, pullSummary, scheduleWords, systemOf } from "./pull-view.ts";

const tags = ["Pulls"];

/** Rows that are pulled from clients' own systems. */
export function pullRoutes(app: RouteHost, { database, publisher }: ApiParts): void {
  async function projectIdOf(request: FastifyRequest): Promise<number> {
    const { client, project } = request.params as { client: string; project: string };
    const found = await findProject(database, { client, project, scope: callerOf(request).scope });
    if (found === undefined) throw noProject(client, project);
    return found.projectId;
  }

  /** One pull as this caller sees it. @throws Refusal 404 */
  async function show(request: FastifyRequest, pullId: number): Promise<PullDetail> {
    const { scope, permissions } = callerOf(request);
    const row = await findPull(database, { pullId, scope });
    if (row === undefined) throw noPull(pullId);
    const { source } = await profileAt(database, { projectId: row.projectId, version: row.profileVersion });
    const seesRows = permissions.includes("files");
    return pullDetail(row, source.kind === "pull" ? source : undefined, { ...viewerOf(request), seesRows });
  }

  app.get(
    "/v1/clients/:client/projects/:project/pulls",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a project's pulls",
        description: "Newest first, each with what was expected, what came, and the batch that it became.",
        params: projectPathSchema,
        querystring: pullQuerySchema,
        response: { 200: pullPageSchema.describe("One page"), ...errors(404) },
      },
    },
    async (request) => {
      const projectId = await projectIdOf(request);
      const { cursor, limit, table = null, state = null, purpose } = request.query;
      const filter = { projectId, table, state, purpose, beforeId: decodeCursor(cursor) ?? null };
      const { page, next } = pageOf(await listPulls(database, filter, limit + 1), limit, ({ id }) => id);
      return { pulls: page.map((row) => pullSummary(row, viewerOf(request))), next };
    },
  );

  app.get(
    "/v1/clients/:client/projects/:project/pull-state",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show how a project's pulls stand",
        description:
          "Each pulled table with its newest pull and its cursor, when the next are due, and how the system fares.",
        params: projectPathSchema,
        response: { 200: pullStatesSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const project = (await liveProject(database, await projectIdOf(request)))!;
      return await stateOf(project, request);
    },
  );

  app.post(
    "/v1/clients/:client/projects/:project/pulls",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Pull now",
        description:
          "All of the project's tables or some; their pulls share one run and one e-mail. Of a table one pull at a time is " +
          "under way. In a project that rehearses the pull is rehearsed, too.",
        params: projectPathSchema,
        body: startPullsBodySchema,
        response: { 201: startedPullsSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const projectId = await projectIdOf(request);
      const { client, project } = request.params;
      const { tables, full = false, reason = null } = request.body;
      const started = await requestPull(
        { database, publisher },
        {
          ...{ projectId, tables, full, actor: callerOf(request).name, reason },
          audit: ({ pullIds, runId }) =>
            auditOf(request, "pull.start", {
              path: `${client}/${project}`,
              detail: { pulls: pullIds, run: runId, full, reason },
            }),
        },
      );
      const rows = await findPulls(database, started.pullIds);
      return reply.status(201).send({
        pulls: rows.map((row) => pullSummary(row, viewerOf(request))),
        underWay: started.underWay.map(({ table, pullId }) => ({ table, pull: pullId })),
      });
    },
  );

  app.post(
    "/v1/clients/:client/projects/:project/pulls/probe",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Probe a system",
        description:
          "Sees whether we get in, how many items there are, what an item looks like, and how the first would be as rows. " +
          "Nothing is imported. Ask for the pull of this answer until it is `probed` or `stopped`.",
        params: projectPathSchema,
        body: probeBodySchema,
        response: { 201: pullDetailSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const projectId = await projectIdOf(request);
      const { client, project } = request.params;
      const { pullId } = await requestProbe(
        { database, publisher },
        {
          ...{ projectId, table: request.body.table, actor: callerOf(request).name, reason: null },
          audit: (pull) => auditOf(request, "pull.probe", { path: `${client}/${project}`, detail: { pull } }),
        },
      );
      return reply.status(201).send(await show(request, pullId));
    },
  );

  app.get(
    "/v1/pulls/:pull",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a pull",
        description:
          "With the page that failed, keys that came more than once, and of a probe what it found; its first rows for " +
          "callers who may read files.",
        params: pullPathSchema,
        response: { 200: pullDetailSchema, ...errors(404) },
      },
    },
    async (request) => await show(request, request.params.pull),
  );

  app.post(
    "/v1/pulls/:pull/cancel",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Cancel a pull",
        description: "One that has not ended: what came of it is given up, and nothing of it is imported.",
        params: pullPathSchema,
        body: cancelPullBodySchema,
        response: { 200: pullDetailSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const pullId = request.params.pull;
      const { client, project } = await show(request, pullId);
      const { reason = null } = request.body;
      const audit = auditOf(request, "pull.cancel", { path: `${client}/${project}`, detail: { pull: pullId, reason } });
      await cancelPull({ database, publisher }, { pullId, reason, audit });
      return await show(request, pullId);
    },
  );

  async function stateOf(
    { projectId, clientId, client, project, profile, state }: LiveProject,
    request: FastifyRequest,
  ) {
    const source = pulledSource(profile.source, project);
    const tables = source.pulls.map(({ table }) => table);
    const [newest, good, standing, nextDueAt] = await Promise.all([
      newestPulls(database, { projectId, tables }),
      newestGoodPulls(database, { projectId, tables }),
      systemStanding(database, systemKeyOf(clientId, source.system)),
      nextPullsDue(database, projectId),
    ]);
    const monitoring = monitoringOf(profile);
    const { schedule } = source;
    return {
      ...{ client, project, system: systemOf(source), monitored: monitoring.enabled },
      recipients: [...new Set([...profile.notify.recipients, ...(monitoring.enabled ? monitoring.recipients : [])])],
      schedule: {
        words: scheduleWords(schedule),
        timezone: schedule !== undefined && "at" in schedule ? schedule.timezone : null,
        nextDueAt: iso(nextDueAt),
        paused: schedule !== undefined && state === "rehearsal" ? ("rehearsal" as const) : null,
      },
      circuit: {
        state: standing?.openUntil ? ("open" as const) : ("closed" as const),
        failures: standing?.failures ?? 0,
        until: iso(standing?.openUntil ?? null),
        error: standing?.error ? { code: standing.error.code, message: standing.error.message } : null,
      },
      tables: source.pulls.map((pull) => {
        const { table, resource, incremental } = pull;
        const last = newest.find((row) => row.table === table);
        const lastGood = good.find((row) => row.table === table);
        // What asks something else begins with everything.
        const asksSame = incremental !== undefined && lastGood?.asks === askedOf({ system: source.system, pull });
        return {
          ...{ table, resource, mode: incremental === undefined ? ("full" as const) : ("incremental" as const) },
          cursor: asksSame ? lastGood.cursor : null,
          last: last === undefined ? null : pullSummary(last, viewerOf(request)),
          lastGood: lastGood === undefined ? null : { pull: lastGood.pullId, at: iso(lastGood.at) },
        };
      }),
    } satisfies PullStates;
  }
}

const viewerOf = (request: FastifyRequest) => ({ forClient: callerOf(request).scope !== null, now: new Date() });

const noPull = (pullId: number) =>
  notFound("pull_not_found", `There is no pull ${pullId}. A project's pulls are listed with it.`);

function pulledSource(source: LiveProject["profile"]["source"], project: string): PullSource {
  if (source.kind === "pull") return source;
  throw new Refusal(409, "no_pulls", `Project ${project} pulls nothing: its files come in another way.`);
}
