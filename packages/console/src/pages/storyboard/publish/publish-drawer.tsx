import type { StoryboardStanding } from "@inlet/contracts";
import { Alert, Button, Drawer, Group, List, Stack, Switch, Text, Textarea, Title } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../../api/client.ts";
import { PageLink } from "../../../parts/links.tsx";
import { notify } from "../../../parts/notify.ts";
import { Failure, Waiting } from "../../../parts/states.tsx";
import type { ProjectPath } from "../../project/project-queries.ts";
import type { Path } from "../forms/field.ts";
import { useEditor } from "../state/editor-context.ts";
import { standingQuery } from "../storyboard-queries.ts";
import { ChangeList } from "./change-list.tsx";
import { ProblemItems } from "./problem-items.tsx";

interface PublishDrawerProps {
  path: ProjectPath;
  standing: StoryboardStanding;
  opened: boolean;
  onClose: () => void;
  onProblem: (path: Path) => void;
  /** Saves what is not saved. */
  flush: () => Promise<boolean>;
}

/** What publishing would change, what keeps it from being, what it means for links; and publishing. */
export function PublishDrawer({ opened, onClose, ...parts }: PublishDrawerProps) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="32rem" title="Publish the storyboard">
      {opened && <Publish {...parts} onClose={onClose} />}
    </Drawer>
  );
}

function Publish({ path, standing, onClose, onProblem, flush }: Omit<PublishDrawerProps, "opened">) {
  const { problems } = useEditor();
  const queryClient = useQueryClient();
  const [note, setNote] = useState("");
  const [live, setLive] = useState(true);
  const { client, project } = path;
  const changes = useQuery({
    queryKey: ["project", client, project, "storyboard", "changes", "draft"],
    queryFn: async () => {
      if (!(await flush())) throw new Error("The draft is not saved yet. Try it again when it is.");
      return await api.storyboardChanges(client, project);
    },
    gcTime: 0,
    staleTime: 0,
    retry: false,
    enabled: problems.every(({ severity }) => severity === "warning"),
  });
  const errors = problems.filter(({ severity }) => severity === "error");
  const warnings = problems.filter(({ severity }) => severity === "warning");
  const publish = useMutation({
    mutationFn: async () => {
      if (!(await flush())) throw new Error("The draft is not saved yet. Try it again when it is.");
      const { revision } = await api.storyboardDraft(client, project);
      return await api.publishStoryboard(client, project, {
        revision,
        live,
        ...(note.trim() !== "" && { note: note.trim() }),
      });
    },
    onSuccess: async ({ version, live: isLive }) => {
      await queryClient.invalidateQueries(standingQuery(path));
      notify(isLive ? `Version ${version} is live.` : `Version ${version} is published. Make it live when you like.`);
      onClose();
    },
  });
  const isSame = changes.data !== undefined && changes.data.changes.length === 0 && changes.data.assets.length === 0;
  const isLiveAlready = isSame && standing.live !== null;
  return (
    <Stack gap="lg">
      {errors.length > 0 && (
        <Alert
          color="red"
          variant="light"
          title={
            errors.length === 1 ? "One thing must be mended first" : `${errors.length} things must be mended first`
          }
        >
          <ProblemItems problems={errors} onProblem={onProblem} />
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert color="yellow" variant="light" title="It can be published; look at this before">
          <ProblemItems problems={warnings} onProblem={onProblem} />
        </Alert>
      )}
      {errors.length === 0 && (
        <section>
          <Title order={3} mb="xs">
            {standing.live === null ? "What is new" : `What changes against version ${standing.live.version}`}
          </Title>
          {changes.isPending && <Waiting lines={4} />}
          {changes.isError && <Failure error={changes.error} retry={() => void changes.refetch()} />}
          {changes.data !== undefined &&
            (standing.live === null ? (
              <Text fz="sm">No version is live yet: this will be the first one.</Text>
            ) : (
              <ChangeList changes={changes.data} />
            ))}
        </section>
      )}
      <section>
        <Title order={3} mb="xs">
          What it means for links
        </Title>
        <Meaning path={path} standing={standing} live={live} />
      </section>
      <Textarea
        label="Note"
        description="What is new, for those who look at the versions. May be empty."
        autosize
        minRows={2}
        maxLength={500}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Switch
        label="Make it live at once"
        description="Otherwise it waits among the versions."
        checked={live}
        onChange={(event) => setLive(event.currentTarget.checked)}
      />
      {publish.isError && <Failure error={publish.error} />}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Go on editing
        </Button>
        <Button
          loading={publish.isPending}
          disabled={errors.length > 0 || changes.data === undefined || isLiveAlready}
          onClick={() => publish.mutate()}
        >
          {isLiveAlready ? "It is live as it is" : live ? "Publish, and make it live" : "Publish"}
        </Button>
      </Group>
    </Stack>
  );
}

/** Which links show the new version. */
export function Meaning({ path, standing, live }: { path: ProjectPath; standing: StoryboardStanding; live: boolean }) {
  const setting = (
    <PageLink to="/projects/$client/$project/profile" params={path} hash="links">
      Profile
    </PageLink>
  );
  if (!standing.links) {
    return (
      <Text fz="sm">
        This project makes no personal links yet, and only those show a storyboard. Switch them on in its {setting}.
      </Text>
    );
  }
  if (!live) return <Text fz="sm">None shows it until you make it live.</Text>;
  return (
    <List size="sm" spacing={4}>
      <List.Item>Links of files that come from now on show it.</List.Item>
      {standing.shows === "keep" ? (
        <List.Item>
          Links that were made before keep the version that they were made with. To let them follow the live one, change
          it in the {setting}.
        </List.Item>
      ) : (
        <List.Item>
          Links that were made before follow: they show it at once, too, but for those of files that came while no
          storyboard was live. To let each keep its own, change it in the {setting}.
        </List.Item>
      )}
    </List>
  );
}
