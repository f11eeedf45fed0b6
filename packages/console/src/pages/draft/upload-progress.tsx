import type { Draft } from "@inlet/contracts";
import { bytes } from "@inlet/contracts/figures";
import { Alert, Button, FileButton, Progress, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Failure } from "../../parts/states.tsx";
import { beginSending, useSending } from "./sending.ts";

/** How far the file is on its way; where this page is not the one that sends it, it can go on. */
export function UploadProgress({ draft }: { draft: Draft }) {
  const sending = useSending(draft.id);
  const sentBytes = Math.max(sending?.sentBytes ?? 0, draft.receivedBytes);
  const percent = (sentBytes / draft.sizeBytes) * 100;
  return (
    <Stack gap="md" maw={640} py="xl">
      <Progress.Root size="xl" radius="xl">
        <Progress.Section value={percent} animated={sending?.state === "sending"} aria-label="Uploaded" />
      </Progress.Root>
      <Text role="status">
        {bytes(sentBytes)} of {bytes(draft.sizeBytes)} uploaded
        {sending?.state === "waiting" && ". The connection broke; it goes on by itself"}
      </Text>
      {sending === undefined && <GoOn draft={draft} />}
      {sending?.state === "failed" && (
        <>
          <Failure error={sending.error} />
          <GoOn draft={draft} />
        </>
      )}
    </Stack>
  );
}

function GoOn({ draft }: { draft: Draft }) {
  const [wrong, setWrong] = useState<string>();
  const take = (file: File | null) => {
    if (file === null) return;
    const lastModified = new Date(file.lastModified).toISOString();
    const isSame =
      file.size === draft.sizeBytes && (draft.lastModified === null || draft.lastModified === lastModified);
    if (!isSame) {
      return setWrong(
        `${file.name} is not the file that was begun with: its size or its date differs. Choose that one.`,
      );
    }
    setWrong(undefined);
    beginSending(draft.id, file);
  };
  return (
    <Stack gap="sm">
      <Text>
        The upload was begun elsewhere, or before this page was loaded again. Choose {draft.fileName} once more, and it
        goes on where it stopped.
      </Text>
      {wrong !== undefined && (
        <Alert color="red" variant="light" role="alert">
          {wrong}
        </Alert>
      )}
      <FileButton onChange={take}>
        {(props) => (
          <Button {...props} w="fit-content">
            Go on with the upload
          </Button>
        )}
      </FileButton>
    </Stack>
  );
}
