import { ApiRefusal } from "@inlet/client/browser";
import type { StoryboardDraft } from "@inlet/contracts";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { api } from "../../../api/client.ts";
import { useSession } from "../../../api/session.ts";
import type { ProjectPath } from "../../project/project-queries.ts";
import type { Draft } from "../state/draft.ts";
import { keepEdits, keptEditsKey } from "../state/kept-edits.ts";
import { draftQuery, standingQuery } from "../storyboard-queries.ts";
import { DraftSaver, type Saving } from "./draft-saver.ts";

export interface DraftSaving {
  saving: Saving<StoryboardDraft>;
  /** Saves at once; resolves to whether everything is saved. */
  flush: () => Promise<boolean>;
  /** Mine instead of what somebody else has saved. */
  keepMine: () => void;
  /** What somebody else has saved; the page shows it. */
  takeTheirs: () => void;
}

/** Somebody else has saved since. */
const isOvertaken = (error: unknown) =>
  error instanceof ApiRefusal && error.status === 409 && error.code === "storyboard_draft_changed";

/** Saves a draft while it is edited. What has not reached the hub is kept in the window. */
export function useSaving(
  path: ProjectPath,
  draft: Draft,
  { saved, begun, isReadOnly }: { saved: Draft; begun: number; isReadOnly: boolean },
): DraftSaving {
  const { client, project } = path;
  const { user } = useSession();
  const queryClient = useQueryClient();
  const key = keptEditsKey(user.id, client, project);
  const [saving, setSaving] = useState<Saving<StoryboardDraft>>({ state: "saved" });
  const last = useRef(saved);
  // One for as long as the editor is open: it knows which revision was saved last.
  const [saver] = useState(() => {
    const own: DraftSaver<Draft, StoryboardDraft> = new DraftSaver<Draft, StoryboardDraft>({
      revision: begun,
      save: (document, revision) => api.saveStoryboardDraft(client, project, { document, revision }),
      overtakenBy: async (error) => (isOvertaken(error) ? await api.storyboardDraft(client, project) : undefined),
      onChange: setSaving,
      onSaved: (answer) => {
        queryClient.setQueryData(draftQuery({ client, project }).queryKey, answer);
        void queryClient.invalidateQueries({ ...standingQuery({ client, project }), exact: true });
        if (own.isSaved) keepEdits(key, undefined);
      },
    });
    return own;
  });

  useEffect(() => {
    if (isReadOnly || draft === last.current) return;
    last.current = draft;
    keepEdits(key, { revision: saver.revision, draft });
    saver.changed(draft);
  }, [draft, saver, isReadOnly, key]);

  useEffect(() => {
    saver.open();
    // Whoever leaves the page for another one of the console takes nothing along.
    return () => {
      void saver.flush();
      saver.close();
    };
  }, [saver]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (saver.isSaved) return;
      void saver.flush();
      event.preventDefault();
    };
    const hidden = () => document.visibilityState === "hidden" && void saver.flush();
    window.addEventListener("beforeunload", warn);
    document.addEventListener("visibilitychange", hidden);
    return () => {
      window.removeEventListener("beforeunload", warn);
      document.removeEventListener("visibilitychange", hidden);
    };
  }, [saver]);

  return {
    saving,
    flush: () => saver.flush(),
    keepMine: () => {
      if (saving.state === "overtaken") saver.goOnFrom(saving.theirs.revision, draft);
    },
    takeTheirs: () => {
      if (saving.state !== "overtaken") return;
      saver.goOnFrom(saving.theirs.revision, undefined);
      keepEdits(key, undefined);
      queryClient.setQueryData(draftQuery(path).queryKey, saving.theirs);
    },
  };
}
