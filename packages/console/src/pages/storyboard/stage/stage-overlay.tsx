import { type KeyboardEvent, useRef, useState } from "react";
import { LAYER_WORDS } from "../forms/layer-words.ts";
import { useLayerTitle } from "../forms/use-layer-title.ts";
import { useClock, usePreview } from "../preview/preview-context.ts";
import { type DraftBox, type DraftLayer, layersOf } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { layerTimes, withLayer, withLayerCopied, withoutLayer } from "../state/layers.ts";
import { momentOf } from "../timeline/film-time.ts";
import { type Guide, HANDLES, type Handle, linesOf, movedBox, resizedBox, type StageSize, safeArea } from "./box.ts";
import { isMirrored, mirroredBox } from "./mirrored.ts";
import classes from "./stage.module.css";
import { useDrag } from "./use-drag.ts";

/** How near a box comes to a line before it is laid at it, in pixels of the screen. */
const REACH_PX = 6;

const percent = (part: number, whole: number) => `${(100 * part) / whole}%`;

/** Over the paused film: the boxes of the selected scene's layers, to be selected, dragged and resized. */
export function StageOverlay({ showsGuides }: { showsGuides: boolean }) {
  const { draft, selection } = useEditor();
  const { film } = usePreview();
  const root = useRef<HTMLDivElement>(null);
  const [guides, setGuides] = useState<readonly Guide[]>([]);
  const offsetMs = useClock((atMs) => {
    const moment = momentOf(film, draft.scenes, atMs);
    return moment?.scene === selection.scene ? moment.offsetMs : undefined;
  });
  const scene = draft.scenes[selection.scene]!;
  const safe = safeArea(film);
  return (
    <div ref={root} className={classes.overlay}>
      {showsGuides && (
        <>
          <div className={classes.safe} style={placeOf(safe, film)} />
          <div className={classes.middle} data-axis="x" style={{ left: "50%" }} />
          <div className={classes.middle} data-axis="y" style={{ top: "50%" }} />
        </>
      )}
      {offsetMs !== undefined &&
        layersOf(scene).map((layer, at) => {
          const { fromMs, untilMs } = layerTimes(layer, scene.durationMs);
          const isSelected = selection.layer === at;
          const isThere = offsetMs >= fromMs && offsetMs < Math.max(untilMs, fromMs + 1);
          return isThere || isSelected ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer has no name of its own
            <LayerBox key={at} at={at} layer={layer} root={root} onGuides={setGuides} />
          ) : null;
        })}
      {guides.map(({ axis, at }) => (
        <div
          key={`${axis}${at}`}
          className={classes.guide}
          data-axis={axis}
          style={axis === "x" ? { left: percent(at, film.width) } : { top: percent(at, film.height) }}
        />
      ))}
    </div>
  );
}

const placeOf = ({ x, y, width, height }: DraftBox, stage: StageSize) => ({
  left: percent(x, stage.width),
  top: percent(y, stage.height),
  width: percent(width, stage.width),
  height: percent(height, stage.height),
});

interface LayerBoxProps {
  at: number;
  layer: DraftLayer;
  root: React.RefObject<HTMLDivElement | null>;
  onGuides: (guides: readonly Guide[]) => void;
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

function LayerBox({ at, layer, root, onGuides }: LayerBoxProps) {
  const { draft, selection, change, select } = useEditor();
  const { film } = usePreview();
  const { scene } = selection;
  // Boxes are dragged where they are seen, and kept as they are written.
  const seen = (box: DraftBox) => (isMirrored(draft.scenes[scene]!, film) ? mirroredBox(box, film.width) : box);
  const box = seen(layer.box);
  const isSelected = selection.layer === at;
  const [measured, setMeasured] = useState<string>();
  const scale = () => film.width / (root.current?.clientWidth || film.width);
  const put = (next: DraftBox, key: string) =>
    change(withLayer(draft, scene, at, { ...layer, box: seen(next) }), {
      key,
      held: key.startsWith("drag "),
      selection: { scene, layer: at },
    });
  const begin = () => {
    if (!isSelected) select({ scene, layer: at });
    const others = layersOf(draft.scenes[scene]!).flatMap((each, other) => (other === at ? [] : seen(each.box)));
    return { box, lines: linesOf(film, others), perPx: scale(), key: `drag ${Date.now()}` };
  };
  const end = () => {
    onGuides([]);
    setMeasured(undefined);
  };
  const onMove = useDrag({
    begin,
    move: ({ box: begun, lines, perPx, key }, dx, dy, event) => {
      const near = { lines, reach: event.altKey ? 0 : REACH_PX * perPx };
      const moved = movedBox(begun, dx * perPx, dy * perPx, near);
      onGuides(moved.guides);
      setMeasured(`${seen(moved.box).x}, ${moved.box.y}`);
      put(moved.box, key);
    },
    end,
  });
  const title = `${LAYER_WORDS[layer.kind]}: ${useLayerTitle()(layer)}`;
  const onKeyDown = (event: KeyboardEvent) => {
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      event.preventDefault();
      const [dx, dy] = arrow.map((each) => each * (event.ctrlKey || event.metaKey ? 10 : 1)) as [number, number];
      put(
        event.shiftKey
          ? { ...box, width: Math.max(1, box.width + dx), height: Math.max(1, box.height + dy) }
          : { ...box, x: box.x + dx, y: box.y + dy },
        `nudge ${scene} ${at}`,
      );
    } else if (event.key === "Delete" || event.key === "Backspace") {
      event.preventDefault();
      change(withoutLayer(draft, scene, at), { selection: { scene } });
    } else if (event.key === "d" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      change(withLayerCopied(draft, scene, at), { selection: { scene, layer: at + 1 } });
    } else if (event.key === "Escape") select({ scene });
    else if (event.key === "Enter" || event.key === "F2") focusFirstField();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button may hold no handles
    <div
      role="button"
      tabIndex={0}
      aria-label={title}
      aria-pressed={isSelected}
      className={classes.box}
      data-selected={isSelected || undefined}
      style={{ ...placeOf(box, film), zIndex: isSelected ? 1 : undefined }}
      onPointerDown={onMove}
      onFocus={() => !isSelected && select({ scene, layer: at })}
      onDoubleClick={focusFirstField}
      onKeyDown={onKeyDown}
    >
      {isSelected &&
        HANDLES.map((handle) => (
          <HandleDot
            key={handle}
            handle={handle}
            begin={begin}
            onBox={(sized, key, guides) => {
              onGuides(guides);
              setMeasured(`${sized.width} × ${sized.height}`);
              put(sized, key);
            }}
            keepsShape={layer.kind === "image"}
            end={end}
          />
        ))}
      {measured !== undefined && <span className={classes.measure}>{measured}</span>}
    </div>
  );
}

/** What the layer says is written in the form. */
function focusFirstField(): void {
  document.querySelector<HTMLElement>("[data-panel] textarea, [data-panel] input")?.focus();
}

interface Begun {
  box: DraftBox;
  lines: { x: number[]; y: number[] };
  perPx: number;
  key: string;
}

interface HandleDotProps {
  handle: Handle;
  begin: () => Begun;
  onBox: (box: DraftBox, key: string, guides: readonly Guide[]) => void;
  keepsShape: boolean;
  end: () => void;
}

const CURSORS: Readonly<Record<Handle, string>> = {
  nw: "nwse-resize",
  se: "nwse-resize",
  ne: "nesw-resize",
  sw: "nesw-resize",
  n: "ns-resize",
  s: "ns-resize",
  e: "ew-resize",
  w: "ew-resize",
};

/** A side or a corner to drag. By keyboard the same is done with Shift and the arrows. */
function HandleDot({ handle, begin, onBox, keepsShape, end }: HandleDotProps) {
  const onDown = useDrag<Begun>({
    begin,
    move: ({ box, lines, perPx, key }, dx, dy, event) => {
      const near = { lines, reach: event.altKey ? 0 : REACH_PX * perPx };
      const sized = resizedBox(box, handle, dx * perPx, dy * perPx, near, keepsShape !== event.shiftKey);
      onBox(sized.box, key, sized.guides);
    },
    end,
  });
  return (
    <span
      className={classes.handle}
      style={{
        left: handle.includes("w") ? 0 : handle.includes("e") ? "100%" : "50%",
        top: handle.includes("n") ? 0 : handle.includes("s") ? "100%" : "50%",
        cursor: CURSORS[handle],
      }}
      onPointerDown={(event) => {
        event.stopPropagation();
        onDown(event);
      }}
    />
  );
}
