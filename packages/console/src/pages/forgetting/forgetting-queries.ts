import { infiniteQueryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import type { ProjectPath } from "../project/project-queries.ts";
import { isMoving } from "./forgetting-words.ts";

/** An order that is being done is looked at so often. */
const LOOK_MS = 1_000;

/** A project's orders to forget a recipient, newest first. */
export const forgettingsQuery = ({ client, project }: ProjectPath) =>
  infiniteQueryOptions({
    queryKey: ["project", client, project, "forgettings"],
    queryFn: ({ pageParam }) => api.forgettings(client, project, { cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ forgettings }) => forgettings.some(isMoving)) ? LOOK_MS : false,
  });
