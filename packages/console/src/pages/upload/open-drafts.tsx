import type { DraftState, DraftSummary } from "@inlet/contracts";
import { bytes } from "@inlet/contracts/figures";
import { ActionIcon, Group, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { PageLink } from "../../parts/links.tsx";
import { Section } from "../../parts/section.tsx";
import { When } from "../../parts/when.tsx";
import classes from "./open-drafts.module.css";

const draftsQuery = queryOptions({ queryKey: ["drafts"], queryFn: () => api.drafts({ limit: 20 }), staleTime: 5_000 });

const OPEN: readonly DraftState[] = ["uploading", "checking", "checked", "unreadable"];

/** Files that were given and not submitted yet: to go on with, or to throw away. */
export function OpenDrafts() {
  const queryClient = useQueryClient();
  const list = useQuery(draftsQuery);
  const discard = useMutation({
    mutationFn: (id: number) => api.discardDraft(id),
    onSettled: () => queryClient.invalidateQueries(draftsQuery),
  });
  const open = (list.data?.drafts ?? []).filter(({ state, trial }) => OPEN.includes(state) && !trial);
  if (open.length === 0) return null;
  return (
    <Section title="Not submitted yet" lead="They are kept for a day after they were last touched.">
      <ul className={classes.drafts}>
        {open.map((draft) => (
          <li key={draft.id} className={classes.draft}>
            <div>
              <PageLink to="/upload/$draftId" params={{ draftId: String(draft.id) }} fw={560}>
                {draft.fileName}
              </PageLink>
              <Text fz="sm" c="var(--quiet)">
                {draft.table ?? `${draft.client}/${draft.project}`} · {bytes(draft.sizeBytes)} · {stateText(draft)} ·{" "}
                <When at={draft.updatedAt} />
              </Text>
            </div>
            <Group gap={4}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`Throw ${draft.fileName} away`}
                onClick={() => discard.mutate(draft.id)}
              >
                <IconTrash size={16} aria-hidden />
              </ActionIcon>
            </Group>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function stateText({ state, verdict, receivedBytes, sizeBytes }: DraftSummary): string {
  if (state === "uploading") return `${Math.floor((receivedBytes / sizeBytes) * 100)} % uploaded`;
  if (state === "checking") return "being checked";
  if (state === "unreadable") return "cannot be read";
  return verdict === "pass" ? "ready to submit" : "needs mending";
}
