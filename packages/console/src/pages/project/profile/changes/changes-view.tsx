import { ApiRefusal } from "@inlet/client/browser";
import type { ProfileInput, ProfileView } from "@inlet/contracts";
import { Alert, Button, Group, List, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { api } from "../../../../api/client.ts";
import { projectsQuery } from "../../../../api/projects.ts";
import { notify } from "../../../../parts/notify.ts";
import { Section } from "../../../../parts/section.tsx";
import { Failure } from "../../../../parts/states.tsx";
import { type ProjectPath, profileQuery } from "../../project-queries.ts";
import { textOf } from "../document/profile-text.ts";
import { versionQuery, versionsQuery } from "../profile-queries.ts";
import type { Editing } from "../use-editing.ts";
import { Diff } from "./diff.tsx";

interface ChangesViewProps {
  path: ProjectPath;
  live: ProfileView;
  liveText: string;
  editing: Editing;
  onBack: () => void;
  onSaved: (warnings: readonly string[]) => void;
}

/** What saving would change, what is to be known of it, and saving. */
export function ChangesView({ path, live, liveText, editing, onBack, onSaved }: ChangesViewProps) {
  const queryClient = useQueryClient();
  const { check, isChecked, problems, read, isBehind } = editing;
  // What would be stored: the text as it was typed says the same in other words, and has comments.
  const after = useMemo(
    () => (isChecked && check?.written != null ? textOf(check.written) : editing.text),
    [isChecked, check, editing.text],
  );
  const save = useMutation({
    mutationFn: () => api.applyProfile(read.value as ProfileInput, { expectedVersion: editing.baseVersion }),
    onSuccess: async ({ version, changed, warnings }) => {
      await queryClient.prefetchQuery(versionQuery(path, version));
      editing.discard();
      await Promise.all([
        queryClient.invalidateQueries({ ...profileQuery(path), exact: true }),
        queryClient.invalidateQueries(versionsQuery(path)),
        queryClient.invalidateQueries({ queryKey: ["project", path.client, path.project, "schedule"] }),
        queryClient.invalidateQueries({ queryKey: ["project", path.client, path.project, "rehearsal"] }),
        queryClient.invalidateQueries(projectsQuery),
      ]);
      notify(changed ? `Version ${version} is saved. New files are received under it.` : "It was like this already.");
      onSaved(warnings);
    },
    // Who saved meanwhile, the page says above.
    onError: (error) => isOvertaken(error) && queryClient.invalidateQueries({ ...profileQuery(path), exact: true }),
  });
  const canSave = isChecked && check?.ok === true && check.changed === true && !isBehind;
  return (
    <Section
      title="What changes"
      lead={`Against version ${live.version}, which is live. Files that were received keep the version that they came under.`}
      actions={
        <Button size="xs" variant="default" onClick={onBack}>
          Go on editing
        </Button>
      }
    >
      <Stack gap="md">
        <Diff before={liveText} after={after} label={`Version ${live.version} and your edits`} />
        {isChecked && check?.ok === true && check.changed === false && (
          <Alert color="gray" variant="light">
            The profile says what it said before: there is nothing to save.
          </Alert>
        )}
        {check !== undefined && check.warnings.length > 0 && (
          <Alert color="yellow" variant="light" title="It can be saved; this is still to be done">
            <List size="sm">
              {check.warnings.map((warning) => (
                <List.Item key={warning}>{warning}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        {read.hasComments && (
          <Text fz="sm" c="var(--quiet)">
            Comments are not saved.
          </Text>
        )}
        {save.isError && !isOvertaken(save.error) && <Failure error={save.error} />}
        <Group justify="flex-end">
          <Button loading={save.isPending} disabled={!canSave} onClick={() => save.mutate()}>
            {problems.length > 0 ? "Mend it first" : `Save as the next version`}
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}

/** Another version was saved in the meantime. */
const isOvertaken = (error: unknown) => error instanceof ApiRefusal && error.status === 412;
