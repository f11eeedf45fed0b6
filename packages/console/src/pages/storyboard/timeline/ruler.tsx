import { type KeyboardEvent, useRef } from "react";
import { useClock, usePreview } from "../preview/preview-context.ts";
import { useDrag } from "../stage/use-drag.ts";
import { useEditor } from "../state/editor-context.ts";
import { filmMsOf, momentAt, momentOf, stripMsOf } from "./film-time.ts";
import { clockText, type Scale, STEP_MS, ticksOf } from "./scale.ts";
import classes from "./timeline.module.css";

/** The time, to be gone to: by pointer, by arrows, to either end. */
export function Ruler({ totalMs, scale }: { totalMs: number; scale: Scale }) {
  const { draft, selection, select } = useEditor();
  const { film, seek, pause } = usePreview();
  const rule = useRef<HTMLDivElement>(null);
  const atMs = useClock((ms) => {
    const moment = momentOf(film, draft.scenes, Math.floor(ms / STEP_MS) * STEP_MS);
    return moment === undefined ? 0 : stripMsOf(draft.scenes, moment);
  });
  const go = (stripMs: number) => {
    const moment = momentAt(draft.scenes, Math.max(0, Math.min(stripMs, totalMs)));
    const filmMs = filmMsOf(film, draft.scenes, moment);
    if (moment.scene !== selection.scene) select({ scene: moment.scene });
    if (filmMs !== undefined) seek(filmMs);
  };
  const msAt = (clientX: number) => (clientX - rule.current!.getBoundingClientRect().left) / scale.pxPerMs;
  const onPointerDown = useDrag({
    begin: (event) => {
      pause();
      go(msAt(event.clientX));
      return event.clientX;
    },
    move: (fromX, dx) => go(msAt(fromX + dx)),
  });
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowRight: STEP_MS, ArrowLeft: -STEP_MS, PageUp: 1_000, PageDown: -1_000 }[event.key];
    const to = event.key === "Home" ? 0 : event.key === "End" ? totalMs : by === undefined ? undefined : atMs + by;
    if (to === undefined) return;
    event.preventDefault();
    pause();
    go(to);
  };
  return (
    <div
      ref={rule}
      className={classes.ruler}
      role="slider"
      tabIndex={0}
      aria-label="Moment that is shown"
      aria-valuemin={0}
      aria-valuemax={totalMs}
      aria-valuenow={Math.round(atMs)}
      aria-valuetext={clockText(atMs)}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    >
      {ticksOf(totalMs, scale).map((ms) => (
        <span key={ms} className={classes.tick} style={{ left: ms * scale.pxPerMs }} aria-hidden>
          {ms % 1_000 === 0 ? clockText(ms, 0) : ""}
        </span>
      ))}
    </div>
  );
}
