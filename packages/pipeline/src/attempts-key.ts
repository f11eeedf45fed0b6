import type { Blobs } from "@inlet/blobs";
import type { ClaimedStep } from "@inlet/database";

/**
 * The key of a blob that each attempt at a step writes for itself, because no two of them write the same bytes. What earlier
 * attempts have left under theirs is removed: none of them can be committed any more.
 */
export async function attemptsKey(
  blobs: Pick<Blobs, "remove">,
  { client, batchId, epoch }: Pick<ClaimedStep, "client" | "batchId" | "epoch">,
  name: string,
): Promise<string> {
  const keyOf = (attempt: number) => `${client}/${batchId}/${name}-${attempt}`;
  for (let earlier = 1; earlier < epoch; earlier += 1) await blobs.remove(keyOf(earlier));
  return keyOf(epoch);
}
