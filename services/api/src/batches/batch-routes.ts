import {
  batchConditionsSchema,
  batchCountsSchema,
  batchDetailSchema,
  batchPageSchema,
  batchQuerySchema,
  idParamSchema,
  issuePageSchema,
  issueQuerySchema,
} from "@inlet/contracts";
import {
  countBatches,
  countIssues,
  findBatchClient,
  LIST_SETTINGS,
  listBatches,
  listIssues,
  transaction,
} from "@inlet/database";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { decodeCursor, pageOf } from "../requests/cursor.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { batchSummary, total } from "../views.ts";
import { noBatch, showBatch } from "./batch-page.ts";
import { batchFilter } from "./batch-search.ts";

const tags = ["Batches"];
export const batchParamsSchema = z.object({ id: idParamSchema.describe("The batch's number") });

/** Statuses and findings: read only. */
export function batchRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/batches",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List batches",
        description: "Newest first. All conditions hold together.",
        querystring: batchQuerySchema,
        response: { 200: batchPageSchema.describe("One page"), ...errors(422) },
      },
    },
    async (request) => {
      const { cursor, limit, ...conditions } = request.query;
      const filter = await batchFilter(database, callerOf(request).scope, conditions);
      if (filter === undefined) return { batches: [], next: null };
      const asked = { ...filter, beforeId: decodeCursor(cursor) };
      const rows = await transaction(database, (tx) => listBatches(tx, asked, limit + 1), { settings: LIST_SETTINGS });
      const { page, next } = pageOf(rows, limit, (row) => row.id);
      const now = new Date();
      return { batches: page.map((row) => batchSummary(row, now)), next };
    },
  );

  app.get(
    "/v1/batches/counts",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Count batches by status",
        description:
          "How many batches meet the conditions, by status; `status` itself is no condition here. Of the newest 100,000 " +
          "that do, among the newest million there are: beyond that `isExact` is false, and there are at least so many.",
        querystring: batchConditionsSchema,
        response: { 200: batchCountsSchema, ...errors(422) },
      },
    },
    async (request) => {
      const { status: _, ...conditions } = request.query;
      const filter = await batchFilter(database, callerOf(request).scope, conditions);
      if (filter === undefined) return { counts: {}, total: 0, isExact: true };
      const counted = await transaction(database, (tx) => countBatches(tx, filter), { settings: LIST_SETTINGS });
      return { ...counted, total: total(counted.counts) };
    },
  );

  app.get(
    "/v1/batches/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show a batch",
        description: "With its steps, counts, timeline, stored files, deliveries and messages, as of one moment.",
        params: batchParamsSchema,
        response: { 200: batchDetailSchema, ...errors(404) },
      },
    },
    async (request) => {
      return await showBatch(database, callerOf(request), request.params.id);
    },
  );

  app.get(
    "/v1/batches/:id/issues",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List a batch's findings",
        description:
          "In the order of the file. `totals` and `total` are exact for the whole file; the findings listed are the " +
          "first ones, and the `errors` artifact holds all.",
        params: batchParamsSchema,
        querystring: issueQuerySchema,
        response: { 200: issuePageSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { cursor, limit, code = null, column = null, severity = null } = request.query;
      const batch = await findBatchClient(database, { batchId: id, scope: callerOf(request).scope });
      if (batch === undefined) throw noBatch(id);
      const filter = { batchId: id, code, column, severity };
      const after = { afterOrdinal: decodeCursor(cursor) ?? 0, limit: limit + 1 };
      const [rows, counts] = [await listIssues(database, filter, after), await countIssues(database, filter)];
      const { page, next } = pageOf(rows, limit, (row) => row.ordinal);
      return {
        issues: page.map(({ ordinal: _, ...issue }) => issue),
        totals: batch.issueTotals,
        total: total(batch.issueTotals),
        ...counts,
        next,
      };
    },
  );
}
