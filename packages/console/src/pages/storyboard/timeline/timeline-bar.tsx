import { ActionIcon, Group, Menu, Popover, Text, Tooltip } from "@mantine/core";
import {
  IconCopy,
  IconKeyboard,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerSkipBackFilled,
  IconPlus,
  IconTrash,
} from "@tabler/icons-react";
import { useClock, useIsPlaying, usePreview } from "../preview/preview-context.ts";
import { nameColumnOf, newScene, SCENE_KINDS, SCENE_WORDS, type SceneKind } from "../start/new-parts.ts";
import { useEditor } from "../state/editor-context.ts";
import { withoutScene, withSceneAdded, withSceneCopied } from "../state/scenes.ts";
import { clockText } from "./scale.ts";
import classes from "./timeline.module.css";

const MOST_SCENES = 60;
const FRAME_MS = 100;

/** Playing, and what can be done with scenes. */
export function TimelineBar() {
  const { draft, selection, storyboard, columns, change, isReadOnly } = useEditor();
  const { film, toggle, seek } = usePreview();
  const isPlaying = useIsPlaying();
  const { scene } = selection;
  const isFull = draft.scenes.length >= MOST_SCENES;
  const add = (kind: SceneKind) =>
    change(withSceneAdded(draft, scene + 1, newScene(kind, storyboard.stage, nameColumnOf(columns))), {
      selection: { scene: scene + 1 },
    });
  return (
    <div className={classes.bar}>
      <Group gap={6} wrap="nowrap">
        <ActionIcon variant="subtle" color="gray" aria-label="To the begin" onClick={() => seek(0)}>
          <IconPlayerSkipBackFilled size={15} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="filled" size="md" radius="xl" aria-label={isPlaying ? "Pause" : "Play"} onClick={toggle}>
          {isPlaying ? <IconPlayerPauseFilled size={15} aria-hidden /> : <IconPlayerPlayFilled size={15} aria-hidden />}
        </ActionIcon>
        <Text fz="sm" className="figures" ml={4} style={{ whiteSpace: "nowrap" }}>
          <Now />{" "}
          <Text span fz="sm" c="var(--quiet)">
            / {clockText(film.durationMs)}
          </Text>
        </Text>
      </Group>
      <Group gap={4} wrap="nowrap">
        <Menu position="top-end" withinPortal width={230}>
          <Menu.Target>
            <button type="button" className={classes.add} disabled={isReadOnly || isFull}>
              <IconPlus size={14} aria-hidden /> Add a scene
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {SCENE_KINDS.map((kind) => (
              <Menu.Item key={kind} onClick={() => add(kind)}>
                {SCENE_WORDS[kind].label}
                <Text fz="xs" c="var(--quiet)">
                  {SCENE_WORDS[kind].description}
                </Text>
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <Tooltip label="Duplicate the scene">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Duplicate the scene"
            disabled={isReadOnly || isFull}
            onClick={() => change(withSceneCopied(draft, scene), { selection: { scene: scene + 1 } })}
          >
            <IconCopy size={16} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Delete the scene">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Delete the scene"
            disabled={isReadOnly || draft.scenes.length === 1}
            onClick={() => change(withoutScene(draft, scene), { selection: { scene: Math.max(0, scene - 1) } })}
          >
            <IconTrash size={16} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <Keys />
      </Group>
    </div>
  );
}

/** Where the film is, to a tenth of a second. */
function Now() {
  const atMs = useClock((ms) => Math.floor(ms / FRAME_MS) * FRAME_MS);
  return <>{clockText(atMs)}</>;
}

const KEYS: readonly (readonly [string, string])[] = [
  ["Space", "play, pause"],
  ["Ctrl Z, Ctrl Shift Z", "undo, redo"],
  ["Ctrl S", "save now"],
  ["← →", "the scene before, the next; on a layer: earlier, later"],
  ["Shift ← →", "shorter, longer"],
  ["Alt ← →", "move the scene; Alt ↑ ↓: the layer"],
  ["Ctrl D", "duplicate"],
  ["Delete", "delete"],
  ["On the stage: arrows", "move a layer, with Ctrl by ten; with Shift: its size"],
];

function Keys() {
  return (
    <Popover position="top-end" withinPortal width={360}>
      <Popover.Target>
        <Tooltip label="Keys">
          <ActionIcon variant="subtle" color="gray" aria-label="Keys">
            <IconKeyboard size={17} stroke={1.7} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown>
        <dl className={classes.keys}>
          {KEYS.map(([keys, does]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{does}</dd>
            </div>
          ))}
        </dl>
      </Popover.Dropdown>
    </Popover>
  );
}
