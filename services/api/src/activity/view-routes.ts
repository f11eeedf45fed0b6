import {
  idParamSchema,
  newSavedViewSchema,
  type SavedView,
  savedViewChangeSchema,
  savedViewListSchema,
  savedViewSchema,
} from "@inlet/contracts";
import {
  type Database,
  deleteSavedView,
  findSavedView,
  insertSavedView,
  listSavedViews,
  type SavedViewRow,
  SQLSTATE,
  sqlstateOf,
  updateSavedView,
} from "@inlet/database";
import { z } from "zod";
import { type Caller, callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";

const tags = ["Saved views"];
const byId = z.object({ id: idParamSchema });
/** More than anybody has use for; a program that saves one each time is stopped here. */
const MOST_VIEWS = 100;

/** Filters of the Activity Monitor, kept under a name. */
export function viewRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/views",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "List saved views",
        description: "The caller's own, and those that are shared by somebody who sees the same clients. By name.",
        response: { 200: savedViewListSchema, ...errors() },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const rows = await listSavedViews(database, sightOf(caller));
      return { views: rows.map((row) => savedView(row, caller)) };
    },
  );

  app.post(
    "/v1/views",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Save a view",
        description: "The filters are those of `GET /v1/batches`, as they stand in its query. Operators may share.",
        body: newSavedViewSchema,
        response: { 201: savedViewSchema, ...errors(409) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      assertMayShare(caller, request.body.shared);
      const view = { ...sightOf(caller), ownerName: caller.name, ...request.body, most: MOST_VIEWS };
      const row = await insertSavedView(database, view);
      if (row === undefined) throw await refusedName(database, caller, request.body.name);
      return reply.status(201).send(savedView(row, caller));
    },
  );

  app.patch(
    "/v1/views/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Change a saved view",
        description: "One's own.",
        params: byId,
        body: savedViewChangeSchema,
        response: { 200: savedViewSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const { name = null, filters = null, shared = null } = request.body;
      assertMayShare(caller, shared ?? false);
      const { owner } = sightOf(caller);
      const row = await updateSavedView(database, { id, owner, name, filters, shared }).catch(
        async (error: unknown) => {
          if (sqlstateOf(error) !== SQLSTATE.uniqueViolation) throw error;
          throw nameTaken(name ?? "");
        },
      );
      if (row === undefined) throw noView(id);
      return savedView(row, caller);
    },
  );

  app.delete(
    "/v1/views/:id",
    {
      config: { access: "read" },
      schema: {
        tags,
        summary: "Delete a saved view",
        description: "One's own; operators also one that somebody shares with them.",
        params: byId,
        response: { 200: savedViewSchema, ...errors(404) },
      },
    },
    async (request) => {
      const caller = callerOf(request);
      const { id } = request.params;
      const row = await findSavedView(database, { id, ...sightOf(caller) });
      const mayDelete = row && (row.owner === sightOf(caller).owner || caller.permissions.includes("operate"));
      if (!mayDelete) throw noView(id);
      await deleteSavedView(database, id);
      return savedView(row, caller);
    },
  );
}

const sightOf = ({ kind, id, scope }: Caller) => ({ owner: `${kind}:${id}`, scope });

const noView = (id: number) =>
  notFound(
    "view_not_found",
    `There is no saved view ${id} that you may change. GET /v1/views lists those that you see.`,
  );

const nameTaken = (name: string) =>
  new Refusal(409, "view_name_taken", `You have a view “${name}” already. Change that one, or take another name.`);

async function refusedName(database: Database, caller: Caller, name: string): Promise<Refusal> {
  const { owner } = sightOf(caller);
  const own = (await listSavedViews(database, sightOf(caller))).filter((view) => view.owner === owner);
  if (own.some((view) => view.name === name)) return nameTaken(name);
  return new Refusal(409, "too_many_views", `You have ${MOST_VIEWS} saved views. Delete one that you do not need.`);
}

function assertMayShare(caller: Caller, shared: boolean): void {
  if (!shared || caller.permissions.includes("operate")) return;
  throw new Refusal(403, "not_allowed", "Only operators may share a view. Save it for yourself.");
}

function savedView({ owner, ownerName, createdAt, updatedAt, ...row }: SavedViewRow, caller: Caller): SavedView {
  return {
    ...row,
    own: owner === sightOf(caller).owner,
    owner: ownerName,
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  };
}
