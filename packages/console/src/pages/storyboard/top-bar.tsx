import type { StoryboardDraft, StoryboardStanding } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { ActionIcon, Breadcrumbs, Button, Group, Popover, Text, Title, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp, IconHistory } from "@tabler/icons-react";
import { memo, useState } from "react";
import { wordsOf } from "../../api/failure.ts";
import { PageLink } from "../../parts/links.tsx";
import { Mark } from "../../parts/mark.tsx";
import type { ProjectPath } from "../project/project-queries.ts";
import type { DrawerName } from "./editor-frame.tsx";
import type { Path } from "./forms/field.ts";
import { alikeProblems } from "./publish/alike-problems.ts";
import { ProblemItems } from "./publish/problem-items.tsx";
import type { Saving } from "./saving/draft-saver.ts";
import { useEditor } from "./state/editor-context.ts";
import classes from "./top-bar.module.css";

interface TopBarProps {
  path: ProjectPath;
  projectTitle: string;
  standing: StoryboardStanding;
  saving: Saving<StoryboardDraft>;
  onProblem: (path: Path) => void;
  onDrawer: (drawer: DrawerName) => void;
}

/** Where one is, how what is edited fares, and what leads further. */
export const TopBar = memo(function TopBar(props: TopBarProps) {
  const { path, projectTitle, standing, saving, onProblem, onDrawer } = props;
  const { draft, isReadOnly, canUndo, canRedo, undo, redo } = useEditor();
  return (
    <header className={classes.bar}>
      <div className={classes.where}>
        <Breadcrumbs fz="sm" separatorMargin={6} className={classes.crumbs ?? ""}>
          <PageLink to="/projects">Projects</PageLink>
          <PageLink to="/projects/$client/$project" params={path}>
            {projectTitle}
          </PageLink>
          <span>Storyboard</span>
        </Breadcrumbs>
        <Group gap="sm" wrap="nowrap">
          <Title order={1} tabIndex={-1} className={classes.title}>
            {draft.title}
          </Title>
          <Live standing={standing} />
        </Group>
      </div>
      <Group gap="xs" wrap="nowrap" className={classes.acts}>
        {isReadOnly ? (
          <Text fz="sm" c="var(--quiet)">
            Only to look at
          </Text>
        ) : (
          <>
            <div role="status" className={classes.saving}>
              <Standing saving={saving} />
            </div>
            <Group gap={2} wrap="nowrap">
              <Tooltip label="Undo (Ctrl Z)">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label="Undo"
                  disabled={!canUndo}
                  onClick={undo}
                >
                  <IconArrowBackUp size={18} stroke={1.7} aria-hidden />
                </ActionIcon>
              </Tooltip>
              <Tooltip label="Redo (Ctrl Shift Z)">
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label="Redo"
                  disabled={!canRedo}
                  onClick={redo}
                >
                  <IconArrowForwardUp size={18} stroke={1.7} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </Group>
          </>
        )}
        <Problems onProblem={onProblem} />
        <Tooltip label="Versions">
          <ActionIcon variant="default" size="lg" aria-label="Versions" onClick={() => onDrawer("versions")}>
            <IconHistory size={17} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Tooltip>
        {!isReadOnly && <Button onClick={() => onDrawer("publish")}>Publish</Button>}
      </Group>
    </header>
  );
});

function Live({ standing: { live, draft } }: { standing: StoryboardStanding }) {
  if (live === null) return <Mark tone="still">Not live yet</Mark>;
  if (draft?.differs) return <Mark tone="good">Version {live.version} live, draft differs</Mark>;
  return <Mark tone="good">Version {live.version} live</Mark>;
}

function Standing({ saving }: { saving: Saving<StoryboardDraft> }) {
  switch (saving.state) {
    case "saved":
      return <Mark tone="good">Saved</Mark>;
    case "waiting":
    case "saving":
      return <Mark tone="busy">Saving</Mark>;
    case "failed":
      return (
        <Tooltip label={wordsOf(saving.error).detail}>
          <span>
            <Mark tone="bad">Not saved yet, trying again</Mark>
          </span>
        </Tooltip>
      );
    case "overtaken":
      return <Mark tone="warning">Saved by somebody else</Mark>;
  }
}

/** What is wrong, as a list that leads to each field. */
function Problems({ onProblem }: { onProblem: (path: Path) => void }) {
  const { problems } = useEditor();
  const [opened, setOpened] = useState(false);
  const alike = alikeProblems(problems);
  const errors = alike.filter(({ severity }) => severity === "error").length;
  const warnings = alike.length - errors;
  if (problems.length === 0) return null;
  const words = [
    ...(errors > 0 ? [count(errors, "mistake")] : []),
    ...(warnings > 0 ? [`${warnings} to look at`] : []),
  ].join(", ");
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={420} withinPortal>
      <Popover.Target>
        <Button
          variant="light"
          color={errors > 0 ? "red" : "yellow"}
          px="sm"
          leftSection={<IconAlertTriangle size={16} aria-hidden />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {words}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.problems ?? ""}>
        <ProblemItems
          problems={problems}
          onProblem={(path) => {
            setOpened(false);
            onProblem(path);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
