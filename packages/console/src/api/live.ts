import type { BatchChange, RunChange } from "@inlet/contracts";
import { useEffect, useRef } from "react";
import { api } from "./client.ts";
import { isSignedOut } from "./failure.ts";

/** What a page is told when something changes on the hub. */
export interface ChangeListener {
  onBatches?: (changes: readonly BatchChange[]) => void;
  onRuns?: (changes: readonly RunChange[]) => void;
  /** Changes may have been missed: what is shown is to be asked for again. */
  onReset?: () => void;
}

/** A stream that ended for good (signed out, or the hub is down) is tried again after so long. */
const REOPEN_MS = 5_000;

const listeners = new Set<ChangeListener>();
let source: EventSource | undefined;
let reopening: ReturnType<typeof setTimeout> | undefined;

const resetAll = () => {
  for (const listener of listeners) listener.onReset?.();
};

/**
 * One stream for the whole page, open while somebody listens and the page is looked at: a browser has six connections to a
 * host, and pages in the background would take them all.
 */
function keepOpen(): void {
  const wanted = listeners.size > 0 && document.visibilityState === "visible";
  if (!wanted) {
    close();
    return;
  }
  if (source !== undefined) return;
  const opened = new EventSource("/v1/events");
  source = opened;
  const on = <Data>(event: string, tell: (listener: ChangeListener, data: Data) => void) =>
    opened.addEventListener(event, ({ data }: MessageEvent<string>) => {
      const parsed = JSON.parse(data) as Data;
      for (const listener of listeners) tell(listener, parsed);
    });
  on<BatchChange[]>("batches", (listener, data) => listener.onBatches?.(data));
  on<RunChange[]>("runs", (listener, data) => listener.onRuns?.(data));
  // What changed before a stream begins it does not tell, and of one before it the hub does not know.
  opened.addEventListener("ready", resetAll, { once: true });
  on("reset", (listener) => listener.onReset?.());
  opened.addEventListener("error", () => {
    // The browser tries again by itself, but for an answer that was no stream.
    if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
    close();
    reopening = setTimeout(keepOpen, REOPEN_MS);
    // A stream does not say why it was refused. Who is signed out learns it by asking for what is shown.
    api.session().catch((error: unknown) => {
      if (isSignedOut(error)) resetAll();
    });
  });
}

function close(): void {
  clearTimeout(reopening);
  source?.close();
  source = undefined;
}

document.addEventListener("visibilitychange", keepOpen);

/** Tells a listener of changes until what is returned is called. */
export function listenToChanges(listener: ChangeListener): () => void {
  listeners.add(listener);
  keepOpen();
  return () => {
    listeners.delete(listener);
    keepOpen();
  };
}

/** Tells a component of changes while it is shown. */
export function useChanges(listener: ChangeListener): void {
  const latest = useRef(listener);
  latest.current = listener;
  useEffect(
    () =>
      listenToChanges({
        onBatches: (changes) => latest.current.onBatches?.(changes),
        onRuns: (changes) => latest.current.onRuns?.(changes),
        onReset: () => latest.current.onReset?.(),
      }),
    [],
  );
}
