import type { StoryboardStanding, StoryboardVersion } from "@inlet/contracts";
import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../../api/client.ts";
import { Ask } from "../../../parts/ask.tsx";
import { Mark } from "../../../parts/mark.tsx";
import { notify } from "../../../parts/notify.ts";
import { Failure, Nothing, Waiting } from "../../../parts/states.tsx";
import { When } from "../../../parts/when.tsx";
import type { ProjectPath } from "../../project/project-queries.ts";
import { useLibrary } from "../assets/library.ts";
import { previewFilm } from "../preview/preview-film.ts";
import { NOBODY, sampleRows } from "../preview/preview-row.ts";
import { Still } from "../preview/still.tsx";
import type { Draft } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { standingQuery, versionQuery, versionsQuery } from "../storyboard-queries.ts";
import { ChangeList } from "./change-list.tsx";
import { Meaning } from "./publish-drawer.tsx";
import classes from "./versions-drawer.module.css";

interface VersionsDrawerProps {
  path: ProjectPath;
  standing: StoryboardStanding;
  opened: boolean;
  onClose: () => void;
}

/** All that was published: by whom, when and why; each to be looked at, made live again, or gone on from. */
export function VersionsDrawer({ opened, onClose, ...parts }: VersionsDrawerProps) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="34rem" title="Versions">
      {opened && <Versions {...parts} onClose={onClose} />}
    </Drawer>
  );
}

type Asked = { kind: "live"; version: StoryboardVersion } | { kind: "off" };

function Versions({ path, standing, onClose }: Omit<VersionsDrawerProps, "opened">) {
  const { isReadOnly } = useEditor();
  const queryClient = useQueryClient();
  const versions = useInfiniteQuery(versionsQuery(path));
  const [open, setOpen] = useState<number>();
  const [asked, setAsked] = useState<Asked>();
  const { client, project } = path;
  if (versions.isPending) return <Waiting />;
  if (versions.isError) return <Failure error={versions.error} retry={() => void versions.refetch()} />;
  const rows = versions.data.pages.flatMap((page) => page.versions);
  if (rows.length === 0)
    return <Nothing title="Nothing was published yet">What you publish is kept here for ever.</Nothing>;
  const say = async () => {
    if (asked?.kind === "live") {
      await api.makeStoryboardLive(client, project, { version: asked.version.version });
      notify(`Version ${asked.version.version} is live.`);
    } else {
      await api.takeStoryboardOff(client, project);
      notify("No storyboard is live any more.");
    }
    await queryClient.invalidateQueries(standingQuery(path));
  };
  return (
    <Stack gap="sm">
      <ul className={classes.list}>
        {rows.map((row) => (
          <li key={row.version} className={classes.version}>
            <Group justify="space-between" wrap="nowrap" align="flex-start" gap="sm">
              <div>
                <Group gap="xs">
                  <Text fw={640}>Version {row.version}</Text>
                  {row.live && <Mark tone="good">Live</Mark>}
                </Group>
                {row.note !== null && <Text fz="sm">{row.note}</Text>}
                <Text fz="xs" c="var(--quiet)">
                  {row.createdBy}, <When at={row.createdAt} />
                </Text>
              </div>
              <Group gap={4} wrap="nowrap">
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-expanded={open === row.version}
                  onClick={() => setOpen(open === row.version ? undefined : row.version)}
                >
                  {open === row.version ? "Close" : "Look"}
                </Button>
                {!isReadOnly && (
                  <Button
                    size="compact-sm"
                    variant="default"
                    onClick={() => setAsked(row.live ? { kind: "off" } : { kind: "live", version: row })}
                  >
                    {row.live ? "Take off" : "Make live"}
                  </Button>
                )}
              </Group>
            </Group>
            {open === row.version && <Look path={path} row={row} live={standing.live} onClose={onClose} />}
          </li>
        ))}
      </ul>
      {versions.hasNextPage && (
        <Button variant="subtle" loading={versions.isFetchingNextPage} onClick={() => void versions.fetchNextPage()}>
          Show more
        </Button>
      )}
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={asked.kind === "live" ? `Make version ${asked.version.version} live?` : "Take the storyboard off?"}
          verb={asked.kind === "live" ? "Make it live" : "Take it off"}
          danger={asked.kind === "off"}
          onYes={say}
        >
          {asked.kind === "live" ? (
            <Meaning path={path} standing={standing} live />
          ) : (
            "Links of files that come from now on show the simple page. Nothing is lost: any version can be made live again."
          )}
        </Ask>
      )}
    </Stack>
  );
}

interface LookProps {
  path: ProjectPath;
  row: StoryboardVersion;
  live: StoryboardVersion | null;
  onClose: () => void;
}

/** A version's poster, and what it has that the live one has not. */
function Look({ path, row: { version }, live, onClose }: LookProps) {
  const { change, isReadOnly } = useEditor();
  const { urlOf } = useLibrary();
  const view = useQuery(versionQuery(path, version));
  const changes = useQuery({
    queryKey: ["project", path.client, path.project, "storyboard", "changes", live?.version, version],
    queryFn: () => api.storyboardChanges(path.client, path.project, { from: live!.version, to: version }),
    enabled: live !== null && live.version !== version,
  });
  const failed = view.error ?? changes.error;
  if (failed !== null) return <Failure error={failed} />;
  if (view.data === undefined) return <Waiting lines={3} />;
  const { storyboard, assets, written } = view.data;
  const { film } = previewFilm(storyboard, {
    row: sampleRows(storyboard)[0] ?? NOBODY,
    language: storyboard.language.default,
    assets: Object.fromEntries(assets.map((asset) => [asset.name, asset])),
    scene: undefined,
  });
  return (
    <Stack gap="sm" mt="sm">
      <div className={classes.poster}>
        <Still film={film} assetUrl={urlOf} label={`Poster of version ${version}`} />
      </div>
      {changes.data !== undefined && (
        <div>
          <Text fz="sm" fw={560} mb={4}>
            Against version {live?.version}, which is live
          </Text>
          <ChangeList changes={changes.data} />
        </div>
      )}
      {!isReadOnly && (
        <Group justify="flex-end">
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              change(written as Draft, { selection: { scene: 0 } });
              notify(`The draft is version ${version} now. Undo brings back what it was.`);
              onClose();
            }}
          >
            Go on from this version
          </Button>
        </Group>
      )}
    </Stack>
  );
}
