import type { PullDetail, PullSummary } from "@inlet/contracts";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { ProjectPath } from "../project/project-queries.ts";

/** Pages of a system come every few hundred milliseconds: a person sees how it goes with this. */
const LOOK_MS = 1_000;
/** What may begin by itself is looked for less often. */
const IDLE_LOOK_MS = 15_000;

/** Whether more becomes of a pull by itself. */
export const isUnderWay = ({ outcome }: Pick<PullSummary, "outcome">): boolean =>
  outcome === "waiting" || outcome === "pulling" || outcome === "importing";

/** How a project's pulls stand: looked at again and again while one is under way. */
export const pullStateQuery = ({ client, project }: ProjectPath) =>
  queryOptions({
    queryKey: ["project", client, project, "pull-state"],
    queryFn: () => api.pullState(client, project),
    refetchInterval: ({ state: { data } }) =>
      data?.tables.some(({ last }) => last !== null && isUnderWay(last)) ? LOOK_MS : IDLE_LOOK_MS,
  });

/** Which pulls of a project's are shown. */
export interface PullFilters {
  table?: string | undefined;
  state?: PullSummary["state"] | undefined;
}

/** A project's pulls, newest first. */
export const pullsQuery = ({ client, project }: ProjectPath, filters: PullFilters) =>
  infiniteQueryOptions({
    queryKey: ["project", client, project, "pulls", filters],
    queryFn: ({ pageParam }) => api.pulls(client, project, { ...filters, cursor: pageParam, limit: 20 }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ pulls }) => pulls.some(isUnderWay)) ? LOOK_MS : IDLE_LOOK_MS,
  });

/** One pull, looked at again and again while it is under way. */
export const pullQuery = (id: number) =>
  queryOptions({
    queryKey: ["pull", id],
    queryFn: () => api.pull(id),
    staleTime: 500,
    refetchInterval: ({ state: { data } }) => (data !== undefined && isUnderWay(data) ? LOOK_MS : false),
  });

/** The same question, asked once more. */
export const startAgain = ({ client, project, table, full }: PullDetail, reason: string | undefined) =>
  api.startPulls(client, project, { tables: [table], full, reason });
