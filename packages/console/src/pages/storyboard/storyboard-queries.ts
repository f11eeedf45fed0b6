import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { ProjectPath } from "../project/project-queries.ts";

/** How a project's storyboard stands, and which columns it may name. */
export const standingQuery = ({ client, project }: ProjectPath) =>
  queryOptions({
    queryKey: ["project", client, project, "storyboard"],
    queryFn: () => api.storyboard(client, project),
  });

/** What is being edited. */
export const draftQuery = ({ client, project }: ProjectPath) =>
  queryOptions({
    queryKey: ["project", client, project, "storyboard", "draft"],
    queryFn: () => api.storyboardDraft(client, project),
    // The editor has its own; somebody else's is told of when it saves.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Newest first. */
export const versionsQuery = ({ client, project }: ProjectPath) =>
  infiniteQueryOptions({
    queryKey: ["project", client, project, "storyboard", "versions"],
    queryFn: ({ pageParam }) => api.storyboardVersions(client, project, { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });

/** One version. It never changes. */
export const versionQuery = ({ client, project }: ProjectPath, version: number) =>
  queryOptions({
    queryKey: ["project", client, project, "storyboard", "version", version],
    queryFn: () => api.storyboardVersion(client, project, version),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The files that a project's storyboards can show. */
export const assetsQuery = ({ client, project }: ProjectPath) =>
  queryOptions({
    queryKey: ["project", client, project, "assets"],
    queryFn: () => api.assets(client, project),
  });

/** The storyboards that ship with Inlet. */
export const readyQuery = queryOptions({
  queryKey: ["ready-storyboards"],
  queryFn: () => api.readyStoryboards(),
  staleTime: Number.POSITIVE_INFINITY,
});

/** Rows of a batch, to step through. They are recipients' own, so that they are asked for once, and when somebody wants them. */
export const sampleRowsQuery = ({ client, project }: ProjectPath, batch: number | undefined) =>
  queryOptions({
    queryKey: ["project", client, project, "sample-rows", batch ?? "newest"],
    queryFn: () => api.sampleRows(client, project, { batch }),
    staleTime: 5 * 60_000,
  });
