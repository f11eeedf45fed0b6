import type { PullState } from "@inlet/contracts";

const STATES: readonly PullState[] = ["due", "running", "received", "unchanged", "stopped", "cancelled"];

/** Which of a project's pulls an address asks for; what it cannot mean is left out. */
export function readPullFilters(search: Record<string, unknown>): { table?: string; state?: PullState } {
  const state = STATES.find((each) => each === search.state);
  return {
    ...(typeof search.table === "string" && search.table !== "" ? { table: search.table } : {}),
    ...(state === undefined ? {} : { state }),
  };
}
