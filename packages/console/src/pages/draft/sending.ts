import { useSyncExternalStore } from "react";
import { api } from "../../api/client.ts";

/** How far a file is on its way. It goes on while other pages are looked at. */
export interface Sending {
  sentBytes: number;
  /** `waiting`: the connection broke; it is tried again by itself. `failed`: it is not, see `error`. */
  state: "sending" | "waiting" | "failed" | "done";
  error: unknown;
}

const sendings = new Map<number, Sending>();
const listeners = new Set<() => void>();

/** How far this page is with sending a draft's file; undefined: it does not send it. */
export function useSending(draftId: number): Sending | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => sendings.get(draftId),
  );
}

/** Sends a draft's file, from where it stopped before. */
export function beginSending(draftId: number, file: File): void {
  const tell = (part: Partial<Sending>) => {
    const before = sendings.get(draftId) ?? { sentBytes: 0, state: "sending", error: undefined };
    sendings.set(draftId, { ...before, ...part });
    for (const listener of listeners) listener();
  };
  const running = sendings.get(draftId)?.state;
  if (running === "sending" || running === "waiting") return;
  tell({ state: "sending", error: undefined });
  api
    .sendDraftContent(draftId, file, {
      onProgress: (sentBytes) => tell({ sentBytes }),
      onWaiting: (waitMs) => tell({ state: waitMs === null ? "sending" : "waiting" }),
    })
    .then(
      () => tell({ state: "done" }),
      (error: unknown) => tell({ state: "failed", error }),
    );
}

// A page that is closed in the middle of it can go on later, but not by itself.
window.addEventListener("beforeunload", (event) => {
  const isSending = [...sendings.values()].some(({ state }) => state === "sending" || state === "waiting");
  if (isSending) event.preventDefault();
});
