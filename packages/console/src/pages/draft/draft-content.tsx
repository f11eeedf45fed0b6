import type { Draft } from "@inlet/contracts";
import { Alert } from "@mantine/core";
import { ButtonLink } from "../../parts/links.tsx";
import { Nothing } from "../../parts/states.tsx";
import { CheckBar } from "./check-bar.tsx";
import { Review } from "./review.tsx";
import { Submitted } from "./submitted.tsx";
import { UploadProgress } from "./upload-progress.tsx";

/** A draft from its first byte to what became of it. */
export function DraftContent({ draft }: { draft: Draft }) {
  switch (draft.state) {
    case "uploading":
      return <UploadProgress draft={draft} />;
    case "submitted":
      return <Submitted draft={draft} />;
    case "discarded":
      return (
        <Nothing title="This file was thrown away" action={<ButtonLink to="/upload">Upload a file</ButtonLink>}>
          Nothing of it was imported.
        </Nothing>
      );
    case "unreadable":
      return (
        <Alert color="red" variant="light" title="This file cannot be read" role="alert">
          {draft.reason?.message}
        </Alert>
      );
    default:
      return (
        <>
          <CheckBar draft={draft} />
          {draft.check !== null && <Review draft={draft} check={draft.check} />}
        </>
      );
  }
}
