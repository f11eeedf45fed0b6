import {
  DRAFT_EDITS_MOST,
  draftChangedSchema,
  draftEditsBodySchema,
  draftFixesBodySchema,
  draftMappingBodySchema,
  draftSchema,
  draftUndoQuerySchema,
  idParamSchema,
} from "@inlet/contracts";
import { type DraftDetailRow, type DraftRow, putDraftEdits, removeDraftEdits } from "@inlet/database";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { RouteHost } from "../route-host.ts";
import type { DraftDesk } from "./draft-desk.ts";
import { notChecked } from "./draft-refusals.ts";
import { whyNotEditable } from "./draft-view.ts";
import { readEdits, readMapping } from "./mend-draft.ts";

const tags = ["Drafts"];
const params = z.object({ id: idParamSchema });

/** Cells that are mended in one draft at most. */
const MOST_EDITS = 1_000_000;

/** What changes a draft and has it checked again. */
export function mendingRoutes(app: RouteHost, { store, view, readable, profileOf, change }: DraftDesk): void {
  app.put(
    "/v1/drafts/:id/mapping",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Say what the file's labels mean",
        description:
          "All choices at once; labels that are not named are recognised as before. Then the file is checked again. With " +
          "`remember` the labels become aliases of the columns when the draft is submitted.",
        params,
        body: draftMappingBodySchema,
        response: { 200: draftSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { remember } = request.body;
      const draft = await readable(request, id);
      const columns = await readMapping(store, draft, { body: request.body, profile: await profileOf(draft) });
      await change(request, id, async () => ({ draftId: id, mapping: { columns, remember } }));
      return await view(id);
    },
  );

  app.post(
    "/v1/drafts/:id/edits",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Mend cells",
        description: `At most ${DRAFT_EDITS_MOST} at once. Then the file is checked again; the uploaded one is kept until it is submitted.`,
        params,
        body: draftEditsBodySchema,
        response: { 200: draftChangedSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const draft = await readable(request, id);
      assertEditable(draft);
      const judged = await readEdits(store, draft, request.body.edits);
      let changed = 0;
      await change(request, id, async (tx, locked) => {
        assertEditable(locked);
        assertNoFixes(locked);
        // What looks the same as before is left out; unless the cells were changed since: then it takes that back.
        const isLast = draft.checkedVersion === locked.version;
        const edits = judged.filter(({ isSame }) => !(isLast && isSame));
        changed = edits.length;
        if (changed === 0) return undefined;
        assertRoom(locked, changed);
        await putDraftEdits(tx, { draftId: id, by: callerOf(request).name, edits });
        return { draftId: id };
      });
      return { changed, draft: await view(id) };
    },
  );

  app.delete(
    "/v1/drafts/:id/edits",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Take edits back",
        description: "All of them, or that of one cell. Then the file is checked again.",
        params,
        querystring: draftUndoQuerySchema,
        response: { 200: draftChangedSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { record, columnIndex } = request.query;
      const cell = record === undefined || columnIndex === undefined ? null : { record, columnIndex };
      let changed = 0;
      await change(request, id, async (tx, locked) => {
        assertNoFixes(locked);
        changed = await removeDraftEdits(tx, { draftId: id, cell });
        return changed === 0 ? undefined : { draftId: id };
      });
      return { changed, draft: await view(id) };
    },
  );

  app.post(
    "/v1/drafts/:id/fixes",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Apply suggested replacements",
        description: "To all findings of a kind that have one. Then the file is checked again.",
        params,
        body: draftFixesBodySchema,
        response: { 200: draftChangedSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const { code, column = null } = request.body;
      let changed = 0;
      await change(request, id, async (_tx, draft) => {
        // What is suggested is of the last check: it has to be of this very content.
        if (draft.state !== "checked" || draft.checked === null) throw notChecked(draft);
        assertEditable(draft);
        changed = fixableOf(draft.checked.findings, { code, column });
        if (changed === 0) {
          throw new Refusal(409, "fixes_none", `No finding ${code}${column ? ` of ${column}` : ""} has a fix.`);
        }
        assertRoom(draft, changed);
        return { draftId: id, pendingFix: { code, column, by: callerOf(request).name } };
      });
      return { changed, draft: await view(id) };
    },
  );

  app.post(
    "/v1/drafts/:id/check",
    {
      config: { access: "send" },
      schema: {
        tags,
        summary: "Check a draft again",
        description:
          "For when something beside the file has changed: a key or a password was stored, rows that it refers to were imported.",
        params,
        response: { 202: draftSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      await change(request, id, async (_tx, { state }) => (state === "checking" ? undefined : { draftId: id }));
      reply.status(202);
      return await view(id);
    },
  );
}

function assertEditable(draft: DraftRow): void {
  const why = whyNotEditable(draft);
  if (why !== null) throw new Refusal(409, "draft_not_editable", why);
}

/** The replacements that were asked for become edits when the check begins, and would go over what is mended before that. */
function assertNoFixes(draft: DraftRow): void {
  if (draft.pendingFix !== null && draft.state === "checking") throw notChecked(draft);
}

function assertRoom({ editCount }: DraftRow, more: number): void {
  if (editCount + more <= MOST_EDITS) return;
  throw new Refusal(
    409,
    "edits_too_many",
    `At most ${MOST_EDITS} cells of a file are mended here. Download the error file, mend the file itself, and upload it again.`,
  );
}

/** How many findings of a kind have a fix that can be applied. */
function fixableOf(
  { byCode, byColumn }: NonNullable<DraftDetailRow["checked"]>["findings"],
  { code, column }: { code: string; column: string | null },
): number {
  const ofCode = byCode.filter((total) => total.code === code).reduce((sum, { fixable }) => sum + fixable, 0);
  if (column === null) return ofCode;
  const ofColumn = byColumn.filter((total) => total.column === column).reduce((sum, { fixable }) => sum + fixable, 0);
  return Math.min(ofCode, ofColumn);
}
