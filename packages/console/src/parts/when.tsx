import { useSyncExternalStore } from "react";
import { agoOf, exactTimeOf, shortTimeOf } from "./time-text.ts";
import { useTip } from "./tip.tsx";

/** One clock for all times of a page: the minute passes for all of them at once. */
const TICK_MS = 15_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  // After a time in which nobody looked, the clock is set anew.
  if (listeners.size === 0) now = Date.now();
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time now, to a quarter of a minute. */
export function useNow(): number {
  return useSyncExternalStore(listen, () => now);
}

/** A point in time in the viewer's zone; the exact one, in UTC too, on hover and focus. `ago` counts from now. */
export function When({ at, as = "ago" }: { at: string; as?: "ago" | "time" }) {
  // The tick has it rendered again; what it says is of this moment, so that nothing that just happened is yet to come.
  useNow();
  const current = Date.now();
  const date = new Date(at);
  const { props, tip } = useTip<HTMLTimeElement>(() => exactTimeOf(date));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the exact time is in the tip, also for the keyboard */}
      <time dateTime={at} tabIndex={0} {...props}>
        {as === "ago" ? agoOf(date, current) : shortTimeOf(date, current)}
      </time>
      {tip}
    </>
  );
}
