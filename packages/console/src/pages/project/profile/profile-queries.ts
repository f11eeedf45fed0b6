import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "../../../api/client.ts";
import type { ProjectPath } from "../project-queries.ts";

/** One version of a project's profile. It never changes. */
export const versionQuery = ({ client, project }: ProjectPath, version: number) =>
  queryOptions({
    queryKey: ["project", client, project, "profile", "version", version],
    queryFn: () => api.profileVersion(client, project, version),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The versions of a project's profile, newest first. */
export const versionsQuery = ({ client, project }: ProjectPath) =>
  infiniteQueryOptions({
    queryKey: ["project", client, project, "versions"],
    queryFn: ({ pageParam }) => api.profileVersions(client, project, { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });

/** Each text that was typed is asked for once, and soon forgotten. */
const KEPT_MS = 60_000;

/** What applying a profile would say. `text` is what `profile` was read from. */
export const checkQuery = ({ client, project }: ProjectPath, text: string, profile: unknown) =>
  queryOptions({
    queryKey: ["project", client, project, "check", text],
    queryFn: () => api.checkProfile(client, project, profile),
    gcTime: KEPT_MS,
    placeholderData: keepPreviousData,
  });
