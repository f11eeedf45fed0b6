import { useSyncExternalStore } from "react";

let isWanted = false;
const listeners = new Set<() => void>();

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether anything was told since the page was opened. */
export function useNoticesWanted(): boolean {
  return useSyncExternalStore(listen, () => isWanted);
}

/** Tells in the corner that something was done. What draws it comes with the first notice, not with the first page. */
export function notify(message: string): void {
  isWanted = true;
  for (const listener of listeners) listener();
  void import("@mantine/notifications").then(({ notifications }) => notifications.show({ color: "green", message }));
}
