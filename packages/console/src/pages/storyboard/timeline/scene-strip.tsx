import { conditionWords } from "@inlet/storyboard";
import { IconGitBranch } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { usePreview } from "../preview/preview-context.ts";
import { useDrag } from "../stage/use-drag.ts";
import type { DraftScene } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import {
  LEAST_SCENE_MS,
  withDuration,
  withoutScene,
  withScene,
  withSceneCopied,
  withSceneMoved,
} from "../state/scenes.ts";
import { dropPlace, type Scale, STEP_MS, secondsText, snapped } from "./scale.ts";
import { ScenePicture } from "./scene-picture.tsx";
import classes from "./timeline.module.css";

interface SceneStripProps {
  times: readonly { fromMs: number; untilMs: number }[];
  scale: Scale;
  /** While it is held the scale stays as it is. */
  onHold: (isHeld: boolean) => void;
}

/** The scenes as blocks: to be selected, moved, made longer and shorter. */
export function SceneStrip({ times, scale, onHold }: SceneStripProps) {
  const { draft } = useEditor();
  const list = useRef<HTMLUListElement>(null);
  const [dragged, setDragged] = useState<{ from: number; to: number; movedPx: number }>();
  const focus = (at: number) =>
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLElement>("[data-scene]")[at]?.focus());
  return (
    <ul className={classes.scenes} ref={list} aria-label="Scenes">
      {draft.scenes.map((scene, at) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: two may have one name while it is typed
          key={`${at} ${scene.name}`}
          className={classes.place}
          style={{
            left: times[at]!.fromMs * scale.pxPerMs,
            width: scene.durationMs * scale.pxPerMs,
            zIndex: dragged?.from === at ? 2 : undefined,
            transform: dragged?.from === at ? `translateX(${dragged.movedPx}px)` : undefined,
          }}
        >
          <SceneBlock
            scene={scene}
            at={at}
            times={times}
            scale={scale}
            onHold={onHold}
            onDragged={setDragged}
            isDragged={dragged?.from === at}
            onFocus={focus}
          />
        </li>
      ))}
      {dragged !== undefined && dragged.to !== dragged.from && (
        <li
          className={classes.drop}
          aria-hidden
          style={{
            left: (dragged.to > dragged.from ? times[dragged.to]!.untilMs : times[dragged.to]!.fromMs) * scale.pxPerMs,
          }}
        />
      )}
    </ul>
  );
}

interface SceneBlockProps extends SceneStripProps {
  scene: DraftScene;
  at: number;
  isDragged: boolean;
  onDragged: (dragged: { from: number; to: number; movedPx: number } | undefined) => void;
  onFocus: (at: number) => void;
}

function SceneBlock({ scene, at, times, scale, onHold, onDragged, isDragged, onFocus }: SceneBlockProps) {
  const { draft, selection, select, change, isReadOnly, storyboard } = useEditor();
  const { film, isForced } = usePreview();
  const isSelected = selection.scene === at;
  const plays = film.scenes.some(({ name }) => name === scene.name) && !(isForced && isSelected);
  const to = useRef(at);
  const onMove = useDrag({
    begin: () => {
      to.current = at;
      if (!isSelected || selection.layer !== undefined) select({ scene: at });
      return isReadOnly ? undefined : times;
    },
    move: (were, dx) => {
      to.current = dropPlace(were, at, dx / scale.pxPerMs);
      onDragged({ from: at, to: to.current, movedPx: dx });
    },
    end: (_, moved) => {
      onDragged(undefined);
      if (moved && to.current !== at) {
        change(withSceneMoved(draft, at, to.current), { selection: { scene: to.current } });
        onFocus(to.current);
      }
    },
  });
  const onEdge = useDrag({
    begin: () => {
      if (isReadOnly) return undefined;
      onHold(true);
      if (!isSelected) select({ scene: at });
      return { draft, key: `edge ${Date.now()}` };
    },
    move: ({ draft: before, key }, dx) => {
      const { fromMs } = times[at]!;
      const wantedMs = snapped(before.scenes[at]!.durationMs + dx / scale.pxPerMs, [], scale);
      const durationMs = Math.min(120_000, Math.max(LEAST_SCENE_MS, wantedMs, -fromMs));
      change(withScene(before, at, withDuration(before.scenes[at]!, durationMs)), {
        key,
        held: true,
        selection: { scene: at },
      });
    },
    end: () => onHold(false),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const isCommand = event.ctrlKey || event.metaKey;
    if (by !== undefined && event.shiftKey) {
      if (isReadOnly) return;
      const durationMs = Math.min(120_000, Math.max(LEAST_SCENE_MS, scene.durationMs + by * STEP_MS));
      change(withScene(draft, at, withDuration(scene, durationMs)), { key: `duration ${at}` });
    } else if (by !== undefined && event.altKey) {
      if (isReadOnly) return;
      const moved = withSceneMoved(draft, at, at + by);
      if (moved === draft) return;
      change(moved, { selection: { scene: at + by } });
      onFocus(at + by);
    } else if (by !== undefined) {
      const next = Math.max(0, Math.min(draft.scenes.length - 1, at + by));
      select({ scene: next });
      onFocus(next);
    } else if ((event.key === "Delete" || event.key === "Backspace") && !isReadOnly) {
      const next = Math.max(0, at - 1);
      change(withoutScene(draft, at), { selection: { scene: next } });
      onFocus(next);
    } else if (event.key === "d" && isCommand && !isReadOnly) {
      change(withSceneCopied(draft, at), { selection: { scene: at + 1 } });
      onFocus(at + 1);
    } else return;
    event.preventDefault();
  };
  const rule = storyboard.scenes[at]?.when;
  const group = storyboard.groups.find(({ name }) => name === scene.group);
  const when = [rule, group?.when].flatMap((each) => (each === undefined ? [] : conditionWords(each))).join(", and ");
  return (
    <>
      <button
        type="button"
        data-scene={scene.name}
        className={classes.scene}
        aria-pressed={isSelected}
        data-dragged={isDragged || undefined}
        data-left-out={!plays || undefined}
        tabIndex={isSelected ? 0 : -1}
        title={when === "" ? scene.name : `${scene.name}: plays when ${when}`}
        onPointerDown={onMove}
        onClick={() => !isSelected && select({ scene: at })}
        onKeyDown={onKeyDown}
      >
        <ScenePicture at={at} />
        <span className={classes.sceneWords}>
          <span className={classes.sceneName}>
            {(when !== "" || group !== undefined) && <IconGitBranch size={12} aria-hidden />}
            {scene.name}
          </span>{" "}
          <span className={classes.sceneTime}>{secondsText(scene.durationMs)}</span>
          <span className="only-for-readers">
            , scene {at + 1} of {draft.scenes.length}
            {when !== "" && `, plays when ${when}`}
            {!plays && "; not for this row"}
          </span>
        </span>
      </button>
      {!isReadOnly && <span className={classes.edge} onPointerDown={onEdge} aria-hidden />}
    </>
  );
}
