import { projectPathSchema, runDetailSchema, scheduleSchema, startRunBodySchema } from "@inlet/contracts";
import {
  findProject,
  findRuns,
  findSchedule,
  heldFiles,
  listTriggers,
  liveProject,
  runUnderWay,
  type TriggerRow,
} from "@inlet/database";
import { localTime, nextDues, runNow, worstOf } from "@inlet/pipeline";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { noProject } from "../projects/project-routes.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { showRun } from "./run-routes.ts";
import { openRunReader, type ReadRun, tablesOf, waitsFor } from "./run-view.ts";

const tags = ["Runs"];
const NEXT_SHOWN = 5;
const TRIGGERS_SHOWN = 20;
const HELD_SHOWN = 200;
/** More batches of a run say nothing new of how its tables stand. */
const BATCHES_READ = 1_000;
/** A trigger that is due is started within a second or two. */
const BEHIND_MS = 60_000;

/** When projects run, and starting them now. */
export function scheduleRoutes(app: RouteHost, { database, publisher, logger }: ApiParts): void {
  const readRuns = openRunReader(database);

  async function projectIdOf(request: FastifyRequest): Promise<number> {
    const { client, project } = request.params as { client: string; project: string };
    const found = await findProject(database, { client, project, scope: callerOf(request).scope });
    if (found === undefined) throw noProject(client, project);
    return found.projectId;
  }

  app.get(
    "/v1/clients/:client/projects/:project/schedule",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a project's schedule",
        description:
          "The next due times in the project's zone, the newest triggers with what became of their runs, and the files " +
          "that wait for a trigger or for other tables.",
        params: projectPathSchema,
        response: { 200: scheduleSchema, ...errors(404) },
      },
    },
    async (request) => {
      const projectId = await projectIdOf(request);
      const forClient = callerOf(request).scope !== null;
      const { profile, client, project, state } = (await liveProject(database, projectId))!;
      const { run } = profile;
      const schedule = await findSchedule(database, projectId);
      const triggers = await listTriggers(database, { projectId, limit: TRIGGERS_SHOWN });
      const held = await heldFiles(database, { projectId, limit: HELD_SHOWN });
      const runIds = [...triggers.flatMap(({ runId }) => runId ?? []), ...held.map(({ runId }) => runId)];
      const rows = await findRuns(database, [...new Set(runIds)]);
      const read = new Map((await readRuns(rows, BATCHES_READ)).map((each) => [each.row.id, each]));
      const waits = new Map([...read.values()].flatMap((each) => [...waitsFor(each)]));
      const now = new Date();
      const timing = run.group === "schedule" ? run : null;
      const paused = timing !== null && state === "rehearsal" ? ("rehearsal" as const) : null;
      const next = timing === null || paused !== null ? [] : nextDues(timing, now, NEXT_SHOWN);
      return {
        ...{ client, project, at: timing?.at ?? null, timezone: timing?.timezone ?? null, paused },
        behind: now.getTime() - (schedule?.nextDueAt?.getTime() ?? Number.POSITIVE_INFINITY) > BEHIND_MS,
        next: next.map((at) => ({ at: iso(at), local: localTime(at, timing!.timezone) })),
        triggers: triggers.map((row) => triggerView(row, read, forClient)),
        held: held.map((file) => ({
          batchId: file.batchId,
          runId: file.runId,
          table: file.tableName,
          fileName: file.fileName,
          sizeBytes: file.sizeBytes,
          receivedAt: iso(file.receivedAt),
          waitsFor: waits.get(file.batchId) ?? null,
        })),
        underWay: (await runUnderWay(database, projectId))?.id ?? null,
      };
    },
  );

  app.post(
    "/v1/clients/:client/projects/:project/runs",
    {
      config: { access: "operate" },
      schema: {
        tags,
        summary: "Start a run now",
        description:
          "With the files that wait for the project's next trigger; it waits for none that have not come. Refused while a " +
          "run of the project is under way, so that a request that is sent again starts no second one.",
        params: projectPathSchema,
        body: startRunBodySchema,
        response: { 201: runDetailSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const projectId = await projectIdOf(request);
      const { client, project } = request.params;
      const reason = request.body.reason ?? null;
      const caller = callerOf(request);
      const { runId } = await runNow(
        { database, publisher, logger },
        {
          ...{ projectId, actor: caller.name, reason },
          audit: (started) =>
            auditOf(request, "run.start", { path: `${client}/${project}`, detail: { run: started, reason } }),
        },
      );
      return reply.status(201).send(await showRun(database, readRuns, caller, runId));
    },
  );
}

function triggerView(row: TriggerRow, read: ReadonlyMap<number, ReadRun>, forClient: boolean) {
  const found = row.runId === null ? undefined : read.get(row.runId);
  return {
    dueAt: iso(row.dueAt),
    local: localTime(row.dueAt, row.timezone),
    by: row.by,
    actor: forClient ? null : row.actor,
    reason: forClient && row.by === "person" ? null : row.reason,
    outcome: row.runId === null ? ("skipped" as const) : ("started" as const),
    startedAt: iso(row.startedAt),
    run: found
      ? { id: found.row.id, key: found.row.key, state: found.row.state, status: worstOf(tablesOf(found)) }
      : null,
  };
}
