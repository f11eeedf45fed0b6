import { queryOptions, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { useChanges } from "../../api/live.ts";
import { useThrottled } from "../../api/throttle.ts";

/** A batch under way is looked at no more often than so, however fast it goes. */
const LOOK_MS = 400;

/** Everything that is known of a batch. */
export const batchQuery = (id: number) =>
  queryOptions({ queryKey: ["batch", id], queryFn: () => api.batch(id), staleTime: 2_000 });

/** A batch, kept up to date while it is shown. */
export function useBatch(id: number) {
  const queryClient = useQueryClient();
  const { data } = useSuspenseQuery(batchQuery(id));
  const look = useThrottled(() => void queryClient.invalidateQueries(batchQuery(id)), LOOK_MS);
  useChanges({
    onBatches: (changes) => {
      if (changes.some((change) => change.id === id)) look();
    },
    onReset: look,
  });
  return data;
}
