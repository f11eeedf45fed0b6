import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";

interface LeaveGuardProps {
  isChanged: boolean;
  onDiscard: () => void;
}

/** Asks who leaves with edits that are not saved. The window keeps them in any case. */
export function LeaveGuard({ isChanged, onDiscard }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isChanged && current.pathname !== next.pathname,
    enableBeforeUnload: isChanged,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <Modal opened onClose={blocker.reset} title="Leave without saving?">
      <Stack gap="md">
        <Text>
          What you changed in this profile is not saved. It is kept in this window, and is here again when you come
          back.
        </Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={blocker.reset}>
            Stay
          </Button>
          <Button
            variant="default"
            color="red"
            onClick={() => {
              onDiscard();
              blocker.proceed();
            }}
          >
            Throw it away
          </Button>
          <Button onClick={blocker.proceed}>Leave, and keep it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
