import { useElementSize } from "@mantine/hooks";
import { memo, useMemo, useRef, useState } from "react";
import { useAtEveryFrame, usePreview } from "../preview/preview-context.ts";
import { useEditor } from "../state/editor-context.ts";
import { sceneTimes } from "../state/scenes.ts";
import { momentOf, stripMsOf } from "./film-time.ts";
import { LayerLanes } from "./layer-lanes.tsx";
import { Ruler } from "./ruler.tsx";
import { type Scale, scaleOf } from "./scale.ts";
import { SceneStrip } from "./scene-strip.tsx";
import classes from "./timeline.module.css";
import { TimelineBar } from "./timeline-bar.tsx";

/** All scenes in their order, as wide as they are long; below them the layers of the one that is selected. */
export const Timeline = memo(function Timeline() {
  const { draft } = useEditor();
  const { film } = usePreview();
  const { ref, width } = useElementSize();
  const times = useMemo(() => sceneTimes(draft.scenes), [draft.scenes]);
  const totalMs = times.at(-1)?.untilMs ?? 0;
  const fitting = scaleOf(totalMs, Math.max(200, width - 2));
  // While an edge is dragged the scale stays: what is under the pointer moves with it.
  const [held, setHeld] = useState<Scale>();
  const scale = held ?? fitting;
  const head = useRef<HTMLDivElement>(null);
  useAtEveryFrame((atMs) => {
    const moment = momentOf(film, draft.scenes, atMs);
    if (head.current === null || moment === undefined) return;
    head.current.style.transform = `translateX(${stripMsOf(draft.scenes, moment) * scale.pxPerMs}px)`;
  });
  return (
    <section className={classes.timeline} aria-label="Timeline">
      <TimelineBar />
      <div className={classes.strip}>
        <div className={classes.gutter} aria-hidden>
          Scenes
        </div>
        <div className={classes.scroll} ref={ref}>
          <div className={classes.inner} style={{ width: Math.max(scale.widthPx, totalMs * scale.pxPerMs) }}>
            <Ruler totalMs={totalMs} scale={scale} />
            <SceneStrip times={times} scale={scale} onHold={(isHeld) => setHeld(isHeld ? scale : undefined)} />
            <div className={classes.head} ref={head} aria-hidden />
          </div>
        </div>
      </div>
      <LayerLanes />
    </section>
  );
});
