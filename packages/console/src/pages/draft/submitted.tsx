import type { Draft } from "@inlet/contracts";
import { Group } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { ButtonLink } from "../../parts/links.tsx";
import { useLostFocus } from "../../parts/lost-focus.ts";
import { Nothing } from "../../parts/states.tsx";

/** The file is on its way; the Activity Monitor tells the rest. */
export function Submitted({ draft }: { draft: Draft }) {
  const batchId = draft.submitted?.batchId;
  useLostFocus();
  return (
    <Nothing
      icon={<IconCheck size={24} color="var(--good)" />}
      title={`${draft.fileName} is submitted`}
      action={
        <Group justify="center" mt="sm">
          {batchId !== undefined && batchId !== null && (
            <ButtonLink to="/batches/$batchId" params={{ batchId: String(batchId) }}>
              Follow it
            </ButtonLink>
          )}
          <ButtonLink to="/activity" variant="default">
            Activity
          </ButtonLink>
          <ButtonLink to="/upload" variant="default">
            Upload another file
          </ButtonLink>
        </Group>
      }
    >
      Now it is imported, all of it or nothing. What becomes of it stands in the Activity Monitor.
    </Nothing>
  );
}
