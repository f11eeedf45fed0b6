import { Readable } from "node:stream";
import {
  batchResultsQuerySchema,
  batchResultsSchema,
  projectPathSchema,
  projectResultsQuerySchema,
  projectResultsSchema,
  recipientResultsPageSchema,
  recipientResultsQuerySchema,
} from "@inlet/contracts";
import {
  batchFunnels,
  buttonsOf,
  findBatchClient,
  findProject,
  funnelOf,
  happeningsOf,
  linkEventRows,
  linkTallies,
  recordAudit,
  resultSpan,
  type SeriesRow,
  seriesOf,
  type TallyRow,
} from "@inlet/database";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { noBatch } from "../batches/batch-page.ts";
import { batchParamsSchema } from "../batches/batch-routes.ts";
import { errors } from "../openapi/openapi.ts";
import { noProject } from "../projects/project-routes.ts";
import { contentDisposition } from "../requests/content-disposition.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import { openTurns } from "../requests/turns.ts";
import { wantsCsv } from "../requests/wants-csv.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { batchLinks } from "./batch-links.ts";
import { EVENTS_CSV, RECIPIENTS_CSV } from "./result-csv.ts";
import { newestSeriesTime, seriesTime } from "./series-time.ts";

const tags = ["Results"];
const CSV_PAGE = 1_000;
/** Of a project; the newest. */
const BATCHES_SHOWN = 100;
/** Results of a million links are some hundred milliseconds of PostgreSQL's. */
const AT_ONCE = 3;
const MOST_WAITING = 30;

/** What came of links. */
export function resultRoutes(app: RouteHost, { database, env }: ApiParts): void {
  const inTurn = openTurns({ atOnce: AT_ONCE, mostWaiting: MOST_WAITING });

  async function assertVisible(request: FastifyRequest, batchId: number): Promise<void> {
    const found = await findBatchClient(database, { batchId, scope: callerOf(request).scope });
    if (found === undefined) throw noBatch(batchId);
  }

  app.get(
    "/v1/clients/:client/projects/:project/results",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show what came of a project's links",
        description:
          "How many were sent, seen, played, completed and clicked in a time, as a series, and by batch. What was only " +
          "rehearsed does not count.",
        params: projectPathSchema,
        querystring: projectResultsQuerySchema,
        response: { 200: projectResultsSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { client, project } = request.params;
      const found = await findProject(database, { client, project, scope: callerOf(request).scope });
      if (found === undefined) throw noProject(client, project);
      const { unit, timezone } = request.query;
      const time = seriesTime(request.query, new Date());
      const { projectId } = found;
      const scope = { projectId };
      return await inTurn(async () => ({
        from: iso(time.from),
        to: iso(time.to),
        people: await funnelOf(database, scope, time),
        happened: await happeningsOf(database, scope, time),
        buttons: await buttonsOf(database, scope, time),
        batches: (await batchFunnels(database, { projectId, time, limit: BATCHES_SHOWN })).map(
          ({ batchId, fileName, sentAt, ...people }) => ({ batchId, fileName, sentAt: sentAt && iso(sentAt), people }),
        ),
        ...{ unit, timezone, series: (await seriesOf(database, scope, { ...time, unit, timezone })).map(point) },
      }));
    },
  );

  app.get(
    "/v1/batches/:id/results",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show what came of a batch's links",
        description: "From when they were sent to the last thing that happened, as far as a series goes.",
        params: batchParamsSchema,
        querystring: batchResultsQuerySchema,
        response: { 200: batchResultsSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { id: batchId } = request.params;
      await assertVisible(request, batchId);
      const { unit, timezone } = request.query;
      const scope = { batchId };
      return await inTurn(async () => {
        const { sentAt, firstAt, lastAt, withheld } = await resultSpan(database, batchId);
        const known = [sentAt, firstAt, lastAt].filter((at) => at !== null).map((at) => at.getTime());
        // The last moment is part of the time.
        const span = { from: new Date(Math.min(...known)), to: new Date(Math.max(...known) + 1) };
        const series =
          known.length === 0
            ? []
            : await seriesOf(database, scope, { ...newestSeriesTime({ unit, ...span }), unit, timezone });
        return {
          batchId,
          people: await funnelOf(database, scope),
          withheld,
          happened: await happeningsOf(database, scope),
          buttons: await buttonsOf(database, scope),
          lastAt: lastAt && iso(lastAt),
          ...{ unit, timezone, series: series.map(point) },
        };
      });
    },
  );

  app.get(
    "/v1/batches/:id/results/recipients",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "List what each of a batch's recipients did",
        description:
          "Those who did something, in the order of the file. As CSV (`Accept: text/csv`, or `format=csv`): all of them, " +
          "with each one's `landingPage` as the result file has it, by which the two are joined.",
        params: batchParamsSchema,
        querystring: recipientResultsQuerySchema,
        produces: ["application/json", "text/csv"],
        response: { 200: recipientResultsPageSchema.describe("One page, or the CSV file"), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { id: batchId } = request.params;
      await assertVisible(request, batchId);
      const { cursor, limit } = request.query;
      reply.header("vary", "accept");
      if (wantsCsv(request)) {
        await audited(request, batchId, "recipients");
        return sendCsv(reply, `results-of-batch-${batchId}.csv`, recipientsCsv(batchId)) as never;
      }
      const rows = await linkTallies(database, { batchId, afterRecord: decodeCursor(cursor) ?? 0, limit: limit + 1 });
      const { page, next } = pageOf(rows, limit, ({ record }) => record);
      return { recipients: page.map(recipient), next };
    },
  );

  app.get(
    "/v1/batches/:id/results/events",
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Download all events of a batch's links",
        description: "As CSV: one line for each event, by record.",
        params: batchParamsSchema,
        produces: ["text/csv"],
        response: { 200: z.any().describe("The CSV file"), ...errors(404) },
      },
    },
    async (request, reply) => {
      const { id: batchId } = request.params;
      await assertVisible(request, batchId);
      await audited(request, batchId, "events");
      return sendCsv(reply, `events-of-batch-${batchId}.csv`, eventsCsv(batchId));
    },
  );

  const audited = (request: FastifyRequest, batchId: number, what: string) =>
    recordAudit(database, auditOf(request, "results.download", { path: `batch/${batchId}`, detail: { what } }));

  async function addressOf(batchId: number): Promise<(record: number) => string> {
    const options = { keyEncryptionKey: env.INLET_KEY, landingUrl: env.LANDING_URL };
    return (await batchLinks(database, batchId, options)) ?? (() => "");
  }

  /** Page by page: no connection is held while the reader takes its time. */
  async function* recipientsCsv(batchId: number): AsyncGenerator<string> {
    yield RECIPIENTS_CSV.header;
    const address = await addressOf(batchId);
    for (let afterRecord = 0; ; ) {
      const rows = await linkTallies(database, { batchId, afterRecord, limit: CSV_PAGE });
      if (rows.length === 0) return;
      yield rows.map((row) => RECIPIENTS_CSV.line({ ...row, landingPage: address(row.record) })).join("");
      afterRecord = rows.at(-1)!.record;
    }
  }

  async function* eventsCsv(batchId: number): AsyncGenerator<string> {
    yield EVENTS_CSV.header;
    const address = await addressOf(batchId);
    for (let after = { record: 0, key: "" }; ; ) {
      const rows = await linkEventRows(database, { batchId, after, limit: CSV_PAGE });
      if (rows.length === 0) return;
      yield rows.map((row) => EVENTS_CSV.line({ ...row, landingPage: address(row.record) })).join("");
      after = rows.at(-1)!;
    }
  }
}

function sendCsv(reply: FastifyReply, name: string, lines: AsyncGenerator<string>): FastifyReply {
  return reply
    .header("content-type", "text/csv; charset=utf-8; header=present")
    .header("content-disposition", contentDisposition(name))
    .serializer((payload) => payload as never)
    .send(Readable.from(lines, { objectMode: false }));
}

const point = ({ from, ...counts }: SeriesRow) => ({ from: iso(from), ...counts });

const recipient = ({ seenAt, playedAt, completedAt, clickedAt, lastAt, ...counts }: TallyRow) => ({
  ...counts,
  seenAt: seenAt && iso(seenAt),
  playedAt: playedAt && iso(playedAt),
  completedAt: completedAt && iso(completedAt),
  clickedAt: clickedAt && iso(clickedAt),
  lastAt: iso(lastAt),
});
