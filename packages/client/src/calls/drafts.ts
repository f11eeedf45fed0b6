import type {
  DraftBody,
  DraftEditsBody,
  DraftFindingQuery,
  DraftFixesBody,
  DraftMappingBody,
  DraftQuery,
  DraftRowQuery,
  TrialBody,
} from "@inlet/contracts";
import { projectPath, queryOf } from "../address.ts";
import { sendDraftContent } from "../draft-content.ts";
import { storedFileOf } from "../stored-file.ts";
import type { Send } from "../transport.ts";

const path = (id: number) => `/v1/drafts/${id}`;

export const draftCalls = (send: Send) => ({
  /** Announces a file; its content follows: `sendDraftContent`. */
  beginDraft: (client: string, project: string, body: DraftBody) =>
    send("draftSchema", "POST", `${projectPath(client, project)}/drafts`, body),
  /** The same, held against a profile that nobody saved. */
  beginTrial: (body: TrialBody) => send("draftSchema", "POST", "/v1/trials", body),
  /** Sends a draft's content in pieces, from where it stopped before, and goes on by itself after a lost connection. */
  sendDraftContent: sendDraftContent(send),
  drafts: (conditions: DraftQuery = {}) => send("draftListSchema", "GET", `/v1/drafts${queryOf({ ...conditions })}`),
  draft: (id: number) => send("draftSchema", "GET", path(id)),
  draftRows: (id: number, query: DraftRowQuery = {}) =>
    send("draftRowsSchema", "GET", `${path(id)}/rows${queryOf({ ...query })}`),
  draftFindings: (id: number, query: DraftFindingQuery = {}) =>
    send("draftFindingPageSchema", "GET", `${path(id)}/findings${queryOf({ ...query })}`),
  draftMapping: (id: number, body: DraftMappingBody) => send("draftSchema", "PUT", `${path(id)}/mapping`, body),
  draftEdits: (id: number, query: { cursor?: string; limit?: number } = {}) =>
    send("draftEditListSchema", "GET", `${path(id)}/edits${queryOf(query)}`),
  editDraft: (id: number, body: DraftEditsBody) => send("draftChangedSchema", "POST", `${path(id)}/edits`, body),
  /** Takes back the edit of one cell, or all. */
  undoDraftEdits: (id: number, cell?: { record: number; columnIndex: number }) =>
    send("draftChangedSchema", "DELETE", `${path(id)}/edits${queryOf({ ...cell })}`),
  fixDraft: (id: number, body: DraftFixesBody) => send("draftChangedSchema", "POST", `${path(id)}/fixes`, body),
  /** For when something beside the file has changed: a key, a password, rows that it refers to. */
  checkDraft: (id: number) => send("draftSchema", "POST", `${path(id)}/check`),
  /** The error file's bytes, with its name. */
  draftErrors: async (id: number) => storedFileOf(await send.raw(`${path(id)}/errors`, { timed: false }), "errors.csv"),
  /** The file as it would be submitted. */
  draftContent: async (id: number) => storedFileOf(await send.raw(`${path(id)}/content`, { timed: false }), "content"),
  submitDraft: (id: number) => send("draftSubmittedSchema", "POST", `${path(id)}/submit`),
  discardDraft: (id: number) => send.nothing("DELETE", path(id)),
  /** Makes a table for a sample file. */
  async inferTable(fileName: string, sample: Blob) {
    const headers = { accept: "application/json", "content-type": "application/octet-stream" };
    const request = { method: "POST" as const, headers, body: sample, timed: false };
    return await send.read("inferredTableSchema", await send.raw(`/v1/infer${queryOf({ fileName })}`, request));
  },
});
