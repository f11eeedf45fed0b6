import type { Storyboard, StoryboardDraft } from "@inlet/contracts";
import { changesBetween } from "@inlet/storyboard";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { When } from "../../../parts/when.tsx";
import { ChangeList } from "../publish/change-list.tsx";
import { useEditor } from "../state/editor-context.ts";
import { readDraft } from "../state/read-draft.ts";

interface OvertakenAlertProps {
  theirs: StoryboardDraft;
  onKeepMine: () => void;
  onTakeTheirs: () => void;
}

/** Somebody else has saved meanwhile: what theirs has that mine has not, and whose is to stay. */
export function OvertakenAlert({ theirs, onKeepMine, onTakeTheirs }: OvertakenAlertProps) {
  const { storyboard } = useEditor();
  const other = readDraft(theirs.document).storyboard;
  return (
    <Modal
      opened
      onClose={() => {}}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size="lg"
      title="Somebody else saved this storyboard"
    >
      <Stack gap="md">
        <Text>
          {theirs.updatedBy ?? "Somebody"} saved it
          {theirs.updatedAt !== null && (
            <>
              {" "}
              <When at={theirs.updatedAt} />
            </>
          )}{" "}
          while you were editing. Only one of the two can stay.
        </Text>
        {other !== undefined && <Differences mine={storyboard} theirs={other} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onTakeTheirs}>
            Take theirs, and drop mine
          </Button>
          <Button onClick={onKeepMine}>Keep mine instead</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Differences({ mine, theirs }: { mine: Storyboard; theirs: Storyboard }) {
  const changes = changesBetween(mine, theirs);
  return (
    <div>
      <Text fz="sm" fw={560} mb={4}>
        In theirs, against yours:
      </Text>
      <ChangeList changes={{ changes, assets: [] }} />
    </div>
  );
}
