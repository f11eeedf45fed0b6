import type { Blobs } from "@inlet/blobs";
import type { Draft, Profile } from "@inlet/contracts";
import {
  type DraftCheckFiles,
  type DraftDetailRow,
  type DraftRow,
  findDraft,
  findDraftFiles,
  liveProject,
  lockDraft,
  requestDraftCheck,
  type Tx,
  transaction,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { callerOf } from "../access.ts";
import type { ApiParts } from "../route-host.ts";
import { noDraft, notChecked } from "./draft-refusals.ts";
import { openDraftStore } from "./draft-store.ts";
import { draftView } from "./draft-view.ts";

/** A draft whose last check can be read. */
export type ReadableDraft = DraftRow & { checkFiles: DraftCheckFiles };

/** What a change asks of the next check; undefined: nothing was changed. */
type Wanted = Parameters<typeof requestDraftCheck>[1] | undefined;

/** Finds and changes drafts for requests, each within its caller's scope. */
export interface DraftDesk {
  store: Blobs;
  /** A draft as it is answered. */
  view(draftId: number): Promise<Draft>;
  /** @throws Refusal `draft_not_found` */
  seen(request: FastifyRequest, draftId: number): Promise<DraftRow>;
  /** Also while it is checked again. @throws Refusal while there is nothing to be read */
  readable(request: FastifyRequest, draftId: number): Promise<ReadableDraft>;
  /** What it is held against. */
  profileOf(draft: DraftRow): Promise<Profile>;
  /** Changes a draft under its lock, and has it checked again where `work` says so. */
  change(
    request: FastifyRequest,
    draftId: number,
    work: (tx: Tx, draft: DraftDetailRow) => Promise<Wanted>,
  ): Promise<void>;
}

/** Opens the desk of all routes on drafts. */
export function openDesk({ env, database, drafts }: ApiParts): DraftDesk {
  const seen = async (request: FastifyRequest, id: number): Promise<DraftRow> => {
    const found = await findDraftFiles(database, { draftId: id, scope: callerOf(request).scope });
    if (found === undefined) throw noDraft(id);
    return found;
  };
  return {
    store: openDraftStore(env.INLET_DATA),
    view: async (id) => draftView((await findDraft(database, { draftId: id, scope: null }))!),
    seen,
    async readable(request, id) {
      const draft = await seen(request, id);
      const { checkFiles, state } = draft;
      if (checkFiles === null || state === "submitted" || state === "discarded") throw notChecked(draft);
      return { ...draft, checkFiles };
    },
    async profileOf(draft) {
      const profile = draft.trialProfile ?? (await liveProject(database, draft.projectId!))?.profile;
      if (profile === undefined) throw noDraft(draft.id);
      return profile;
    },
    async change(request, id, work) {
      const isRequested = await transaction(database, async (tx) => {
        const draft = await lockDraft(tx, { draftId: id, scope: callerOf(request).scope });
        if (draft === undefined) throw noDraft(id);
        if (draft.state === "submitted" || draft.state === "discarded" || draft.state === "uploading") {
          throw notChecked(draft);
        }
        const wanted = await work(tx, draft);
        if (wanted !== undefined) await requestDraftCheck(tx, wanted);
        return wanted !== undefined;
      });
      if (!isRequested) return;
      drafts.stop(id);
      drafts.kick();
    },
  };
}
