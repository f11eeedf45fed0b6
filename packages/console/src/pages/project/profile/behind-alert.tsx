import type { ProfileView } from "@inlet/contracts";
import { Alert, Button, Group, Text } from "@mantine/core";
import { ButtonLink } from "../../../parts/links.tsx";
import { When } from "../../../parts/when.tsx";
import type { ProjectPath } from "../project-queries.ts";
import type { Editing } from "./use-editing.ts";

interface BehindAlertProps {
  path: ProjectPath;
  live: Pick<ProfileView, "version" | "appliedBy" | "appliedAt">;
  editing: Editing;
  /** Shows what the edits change against the version that is live now. */
  onCompare: () => void;
}

/** Somebody saved another version while this one was edited. */
export function BehindAlert({ path, live, editing, onCompare }: BehindAlertProps) {
  if (!editing.isBehind) return null;
  return (
    <Alert color="yellow" variant="light" title={`Version ${live.version} was saved meanwhile`} role="alert">
      <Text fz="sm">
        By {live.appliedBy}, <When at={live.appliedAt} />. Your edits began with version {editing.baseVersion}: saved as
        they are, they would take back what the other version changed. Look at it, and bring into your edits what is to
        stay.
      </Text>
      <Group gap="xs" mt="sm">
        <ButtonLink
          size="xs"
          variant="default"
          to="/projects/$client/$project/profile"
          params={path}
          search={{ view: "history", from: editing.baseVersion, to: live.version }}
        >
          What it changed
        </ButtonLink>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            editing.rebase();
            onCompare();
          }}
        >
          Compare my edits with version {live.version}
        </Button>
      </Group>
    </Alert>
  );
}
