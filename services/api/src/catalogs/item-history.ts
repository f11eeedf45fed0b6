import { type CatalogChange, type CatalogLoss, type Executor, readItemChanges, readItemLosses } from "@inlet/database";
import { Refusal } from "../requests/errors.ts";

/** Up to where a history has been read: below these ids it goes on. */
interface Place {
  change: number | null;
  loss: number | null;
}

type Entry = { change?: CatalogChange; loss?: CatalogLoss };

/** One page of an item's changes and losses together, newest first. */
export async function readHistory(
  executor: Executor,
  { catalogId, key, cursor, limit }: { catalogId: number; key: string; cursor: string | undefined; limit: number },
): Promise<{ entries: Entry[]; next: string | null }> {
  const place = placeOf(cursor);
  const asked = { catalogId, key, limit: limit + 1 };
  const changes = await readItemChanges(executor, { ...asked, before: place.change });
  const losses = await readItemLosses(executor, { ...asked, before: place.loss });
  const all = inOrder(changes, losses);
  const entries = all.slice(0, limit);
  if (all.length <= limit) return { entries, next: null };
  const next: Place = {
    change: entries.findLast(({ change }) => change)?.change?.id ?? place.change,
    loss: entries.findLast(({ loss }) => loss)?.loss?.id ?? place.loss,
  };
  return { entries, next: Buffer.from(`h1:${next.change ?? ""}:${next.loss ?? ""}`).toString("base64url") };
}

/**
 * Both together by the item's versions, each in its own order, because a cursor tells of ids. Times are no order: a transaction that
 * was long under way, such as an import, has an early one. What lost stands above the version that it lost to.
 */
function inOrder(changes: readonly CatalogChange[], losses: readonly CatalogLoss[]): Entry[] {
  const entries: Entry[] = [];
  let next = 0;
  for (const change of changes) {
    for (; next < losses.length && losses[next]!.version >= change.version; next += 1)
      entries.push({ loss: losses[next]! });
    entries.push({ change });
  }
  return [...entries, ...losses.slice(next).map((loss) => ({ loss }))];
}

function placeOf(cursor: string | undefined): Place {
  if (cursor === undefined) return { change: null, loss: null };
  const [found, change, loss] =
    /^h1:(\d{0,15}):(\d{0,15})$/.exec(Buffer.from(cursor, "base64url").toString("latin1")) ?? [];
  if (found === undefined)
    throw new Refusal(400, "cursor_invalid", "This is no cursor. Take the `next` of the page before, or leave it out.");
  return { change: change ? Number(change) : null, loss: loss ? Number(loss) : null };
}
