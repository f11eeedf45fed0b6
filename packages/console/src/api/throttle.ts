import { useCallback, useEffect, useRef } from "react";

/** Calls at once, and then at most once in `intervalMs`, also for the last call. */
export function useThrottled(call: () => void, intervalMs: number): () => void {
  const latest = useRef(call);
  latest.current = call;
  const lastMs = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current !== undefined) return;
    const waitMs = Math.max(0, lastMs.current + intervalMs - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      lastMs.current = Date.now();
      latest.current();
    }, waitMs);
  }, [intervalMs]);
}
