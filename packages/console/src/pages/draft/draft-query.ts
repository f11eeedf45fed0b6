import type { Draft } from "@inlet/contracts";
import { queryOptions, useMutation, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** A check of a million rows takes a second or two; one of ten rows is over before anybody looks. */
const LOOK_MS = 300;

/** A draft: what was uploaded, and what its check says. */
export const draftQuery = (id: number) =>
  queryOptions({
    queryKey: ["draft", id],
    queryFn: () => api.draft(id),
    staleTime: 1_000,
    refetchInterval: ({ state: { data } }) => (data !== undefined && isUnderWay(data) ? LOOK_MS : false),
  });

/** It will be different in a moment, without anybody doing anything. */
export function isUnderWay({ state, check, submitted }: Draft): boolean {
  if (state === "submitted") return submitted !== null && submitted.batchId === null;
  return state === "uploading" || state === "checking" || check?.isCurrent === false;
}

export function useDraft(id: number): Draft {
  return useSuspenseQuery(draftQuery(id)).data;
}

/** Changes a draft; what the API answers is shown at once. */
export function useDraftChange<Input>(id: number, change: (input: Input) => Promise<{ draft: Draft }>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: ({ draft }) => queryClient.setQueryData(draftQuery(id).queryKey, draft),
  });
}
