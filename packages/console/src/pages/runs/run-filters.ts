/** Which runs are shown, as the page's address says it. */
export interface RunFilters {
  client?: string;
  project?: string;
  state?: "open" | "reported";
}

/** The filters in an address. What is not one is left out. */
export function readRunFilters({ client, project, state }: Record<string, unknown>): RunFilters {
  return {
    ...(typeof client === "string" && client !== "" && { client }),
    ...(typeof project === "string" && project !== "" && { project }),
    ...((state === "open" || state === "reported") && { state }),
  };
}
