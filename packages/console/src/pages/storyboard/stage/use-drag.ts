import { type PointerEvent as ReactPointerEvent, useRef } from "react";

interface Drag<Begun> {
  /** What is dragged, as it was; undefined: nothing is dragged from here. */
  begin: (event: ReactPointerEvent) => Begun | undefined;
  /** By how many pixels of the screen since it began. */
  move: (begun: Begun, dx: number, dy: number, event: PointerEvent) => void;
  /** It was let go. `moved`: it was dragged, and not only pressed. */
  end?: (begun: Begun, moved: boolean) => void;
}

/** A press that moves no further is a press. */
const LEAST_PX = 3;

/** Dragging by pointer. Escape ends it where it is. */
export function useDrag<Begun>(drag: Drag<Begun>): (event: ReactPointerEvent) => void {
  const latest = useRef(drag);
  latest.current = drag;
  return (event) => {
    if (event.button !== 0) return;
    const begun = latest.current.begin(event);
    if (begun === undefined) return;
    const { clientX, clientY, pointerId } = event;
    let moved = false;
    const stop = new AbortController();
    const { signal } = stop;
    const end = () => {
      stop.abort();
      latest.current.end?.(begun, moved);
    };
    window.addEventListener(
      "pointermove",
      (next) => {
        if (next.pointerId !== pointerId) return;
        const [dx, dy] = [next.clientX - clientX, next.clientY - clientY];
        if (!moved && Math.hypot(dx, dy) < LEAST_PX) return;
        moved = true;
        latest.current.move(begun, dx, dy, next);
      },
      { signal },
    );
    for (const name of ["pointerup", "pointercancel"] as const) {
      window.addEventListener(name, (next) => next.pointerId === pointerId && end(), { signal });
    }
    window.addEventListener("keydown", ({ key }) => key === "Escape" && end(), { signal });
  };
}
