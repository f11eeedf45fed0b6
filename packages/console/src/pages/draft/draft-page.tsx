import type { Draft } from "@inlet/contracts";
import { bytes, count } from "@inlet/contracts/figures";
import { Alert, Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { Ask } from "../../parts/ask.tsx";
import { PageLink } from "../../parts/links.tsx";
import { Page } from "../../parts/page.tsx";
import { DraftContent } from "./draft-content.tsx";
import { useDraft } from "./draft-query.ts";

const route = getRouteApi("/signed-in/upload/$draftId");

/** The structural check of an uploaded file: what was understood, what is wrong, and mending it. */
export function DraftPage() {
  const draft = useDraft(Number(route.useParams().draftId));
  return (
    <Page
      title={draft.fileName}
      crumbs={[
        <PageLink key="upload" to="/upload">
          Upload
        </PageLink>,
        <span key="service">
          {draft.client}/{draft.project}
          {draft.table !== null && `/${draft.table}`}
        </span>,
      ]}
      lead={leadOf(draft)}
      actions={isOpen(draft) && <Discard draft={draft} />}
    >
      {draft.trial && (
        <Alert color="gray" variant="light" title="A trial">
          The file is checked against a profile that is not saved. Nothing of it is imported.{" "}
          <PageLink
            to="/projects/$client/$project/profile"
            params={{ client: draft.client, project: draft.project }}
            search={{ view: "try", draft: draft.id }}
          >
            Back to the profile
          </PageLink>
        </Alert>
      )}
      <DraftContent draft={draft} />
    </Page>
  );
}

const isOpen = ({ state }: Draft) => state !== "submitted" && state !== "discarded";

function leadOf({ sizeBytes, innerName, check, corrects }: Draft): string {
  return [
    bytes(sizeBytes),
    innerName === null ? "" : `holds ${innerName}`,
    check?.dialect?.text ?? "",
    check === null ? "" : count(check.counts.records, "record"),
    corrects === null ? "" : `mends batch ${corrects}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function Discard({ draft }: { draft: Draft }) {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const discard = useMutation({
    mutationFn: () => api.discardDraft(draft.id),
    onSuccess: async () => {
      queryClient.removeQueries({ queryKey: ["drafts"] });
      await navigate({ to: "/upload" });
    },
  });
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        Throw away
      </Button>
      <Ask
        opened={asking}
        onClose={() => setAsking(false)}
        title="Throw this file away?"
        verb="Throw away"
        danger
        onYes={() => discard.mutateAsync()}
      >
        {draft.editCount > 0 ? `What was mended here (${count(draft.editCount, "cell")}) is lost with it. ` : ""}
        Nothing of it has been imported.
      </Ask>
    </>
  );
}
