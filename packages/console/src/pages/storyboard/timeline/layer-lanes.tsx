import { Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { type KeyboardEvent, useRef } from "react";
import { LayerMark } from "../forms/layer-mark.tsx";
import { LAYER_WORDS } from "../forms/layer-words.ts";
import { useLayerTitle } from "../forms/use-layer-title.ts";
import { useAtEveryFrame, usePreview } from "../preview/preview-context.ts";
import { useDrag } from "../stage/use-drag.ts";
import { type DraftLayer, layersOf } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import {
  layerTimes,
  shifted,
  trimmed,
  withLayer,
  withLayerCopied,
  withLayerMoved,
  withoutLayer,
} from "../state/layers.ts";
import { AddLayer } from "./add-layer.tsx";
import { momentOf } from "./film-time.ts";
import { STEP_MS, secondsText, snapped } from "./scale.ts";
import classes from "./timeline.module.css";

/** The selected scene's layers, each with its time in the scene; the uppermost first. */
export function LayerLanes() {
  const { draft, selection } = useEditor();
  const { film } = usePreview();
  const { ref, width } = useElementSize();
  const lanes = useRef<HTMLUListElement>(null);
  const head = useRef<HTMLDivElement>(null);
  const scene = draft.scenes[selection.scene]!;
  const layers = layersOf(scene);
  const pxPerMs = Math.max(1, width) / scene.durationMs;
  useAtEveryFrame((atMs) => {
    const moment = momentOf(film, draft.scenes, atMs);
    if (head.current === null) return;
    const isHere = moment?.scene === selection.scene;
    head.current.style.visibility = isHere ? "visible" : "hidden";
    if (isHere) head.current.style.transform = `translateX(${moment.offsetMs * pxPerMs}px)`;
  });
  const focus = (at: number) =>
    requestAnimationFrame(() => lanes.current?.querySelector<HTMLElement>(`[data-layer="${at}"]`)?.focus());
  return (
    <div className={classes.lanes}>
      <div className={classes.lanesHead}>
        <Text fz="xs" c="var(--quiet)" truncate>
          Layers of {scene.name}
        </Text>
        <AddLayer />
      </div>
      <div className={classes.lanesBody}>
        <div className={classes.lanesMeasure} ref={ref}>
          <div className={classes.head} ref={head} aria-hidden />
        </div>
        {layers.length === 0 ? (
          <Text fz="sm" c="var(--quiet)" className={classes.none ?? ""}>
            Nothing lies on this scene yet.
          </Text>
        ) : (
          <ul className={classes.laneList} ref={lanes} aria-label={`Layers of ${scene.name}, the uppermost first`}>
            {layers
              .map((layer, at) => ({ layer, at }))
              .toReversed()
              .map(({ layer, at }) => (
                <Lane key={at} layer={layer} at={at} pxPerMs={pxPerMs} onFocus={focus} />
              ))}
          </ul>
        )}
      </div>
    </div>
  );
}

interface LaneProps {
  layer: DraftLayer;
  at: number;
  pxPerMs: number;
  onFocus: (at: number) => void;
}

function Lane({ layer, at, pxPerMs, onFocus }: LaneProps) {
  const { draft, selection, select, change, isReadOnly } = useEditor();
  const { scene: sceneAt } = selection;
  const scene = draft.scenes[sceneAt]!;
  const { durationMs } = scene;
  const { fromMs, untilMs } = layerTimes(layer, durationMs);
  const isSelected = selection.layer === at;
  const title = useLayerTitle()(layer);
  const put = (next: DraftLayer, key: string) =>
    change(withLayer(draft, sceneAt, at, next), {
      key,
      held: key.startsWith("drag "),
      selection: { scene: sceneAt, layer: at },
    });
  const marks = layersOf(scene).flatMap((each, other) => {
    const times = layerTimes(each, durationMs);
    return other === at ? [] : [times.fromMs, times.untilMs];
  });
  const begin = () => {
    if (!isSelected) select({ scene: sceneAt, layer: at });
    return isReadOnly ? undefined : { layer, key: `drag ${Date.now()}` };
  };
  const onShift = useDrag({
    begin,
    move: ({ layer: before, key }, dx) => {
      const was = layerTimes(before, durationMs);
      const wanted = snapped(was.fromMs + dx / pxPerMs, [0, ...marks], { pxPerMs });
      put(shifted(before, wanted - was.fromMs, durationMs), key);
    },
  });
  const onTrim = (end: "from" | "until") => ({
    begin,
    move: ({ layer: before, key }: { layer: DraftLayer; key: string }, dx: number) => {
      const was = layerTimes(before, durationMs);
      const wanted = snapped((end === "from" ? was.fromMs : was.untilMs) + dx / pxPerMs, [0, durationMs, ...marks], {
        pxPerMs,
      });
      put(trimmed(before, end, wanted, durationMs), key);
    },
  });
  const onFrom = useDrag(onTrim("from"));
  const onUntil = useDrag(onTrim("until"));
  const onKeyDown = (event: KeyboardEvent) => {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    // The uppermost stands first.
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const count = layersOf(scene).length;
    if (along !== undefined && !isReadOnly) {
      const next = event.shiftKey
        ? trimmed(layer, "until", untilMs + along * STEP_MS, durationMs)
        : shifted(layer, along * STEP_MS, durationMs);
      put(next, `time ${sceneAt} ${at}`);
    } else if (up !== undefined) {
      const next = Math.max(0, Math.min(count - 1, at + up));
      if (event.altKey && !isReadOnly)
        change(withLayerMoved(draft, sceneAt, at, next), { selection: { scene: sceneAt, layer: next } });
      else select({ scene: sceneAt, layer: next });
      onFocus(next);
    } else if ((event.key === "Delete" || event.key === "Backspace") && !isReadOnly) {
      const next = Math.min(at, count - 2);
      change(withoutLayer(draft, sceneAt, at), {
        selection: next < 0 ? { scene: sceneAt } : { scene: sceneAt, layer: next },
      });
      onFocus(next);
    } else if (event.key === "d" && (event.ctrlKey || event.metaKey) && !isReadOnly) {
      change(withLayerCopied(draft, sceneAt, at), { selection: { scene: sceneAt, layer: at + 1 } });
      onFocus(at + 1);
    } else return;
    event.preventDefault();
  };
  const enterMs = layer.enter?.kind === "none" ? 0 : Math.min(layer.enter?.durationMs ?? 500, untilMs - fromMs);
  const leaves = layer.leave?.kind !== undefined && layer.leave.kind !== "none";
  const leaveMs = leaves ? Math.min(layer.leave?.durationMs ?? 500, untilMs - fromMs) : 0;
  return (
    <li className={classes.lane} data-selected={isSelected || undefined}>
      <span className={classes.laneName} aria-hidden>
        <LayerMark layer={layer} />
        <span>{title}</span>
      </span>
      <div className={classes.track}>
        <button
          type="button"
          data-layer={at}
          className={classes.time}
          aria-pressed={isSelected}
          tabIndex={isSelected || (selection.layer === undefined && at === layersOf(scene).length - 1) ? 0 : -1}
          aria-label={`${LAYER_WORDS[layer.kind]}: ${title}, from ${secondsText(fromMs)} to ${secondsText(untilMs)}`}
          style={{ left: fromMs * pxPerMs, width: Math.max(6, (untilMs - fromMs) * pxPerMs) }}
          onPointerDown={onShift}
          onClick={() => !isSelected && select({ scene: sceneAt, layer: at })}
          onKeyDown={onKeyDown}
        >
          <span className={classes.coming} style={{ width: enterMs * pxPerMs }} />
          <span className={classes.going} style={{ width: leaveMs * pxPerMs }} />
          {!isReadOnly && (
            <>
              <span
                className={classes.end}
                data-end="from"
                onPointerDown={(event) => {
                  event.stopPropagation();
                  onFrom(event);
                }}
              />
              <span
                className={classes.end}
                data-end="until"
                onPointerDown={(event) => {
                  event.stopPropagation();
                  onUntil(event);
                }}
              />
            </>
          )}
        </button>
      </div>
    </li>
  );
}
