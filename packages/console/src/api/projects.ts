import { queryOptions } from "@tanstack/react-query";
import { api } from "./client.ts";

/** The projects that whoever is signed in may see. */
export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: () => api.projects(),
  staleTime: 60_000,
});
