import type { PageEvent } from "@inlet/contracts";

/** Tells the page's server of something, also while the page is being left. What does not arrive is not told again. */
export function sendEvent(url: string, event: PageEvent): void {
  const body = new Blob([JSON.stringify(event)], { type: "application/json" });
  if (navigator.sendBeacon?.(url, body)) return;
  void fetch(url, { method: "POST", body, keepalive: true }).catch(() => {});
}
