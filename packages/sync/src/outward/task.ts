import type { OutwardChange, SyncLink } from "@inlet/database";
import type { FieldMapping } from "../fields/field-mapping.ts";
import type { OutgoingChange } from "../subscriber.ts";
import type { Place } from "./progress.ts";

/** How far a subscription is: the number of a change, or while everything is copied, a key. */
export type Mark = number | string;

/** One change that is to be pushed, or found to be there already. */
export interface Task {
  readonly key: string;
  readonly change: Omit<OutwardChange, "seq"> & { seq: number | null };
  /** Where it stands in the order that is read; null: it is of a key that was parked, whose place is settled already. */
  readonly place: Place<Mark> | null;
  /** It is sent whatever the other side is known to have. */
  readonly isForced: boolean;
  /** What sets a deliberate repetition apart from the first time. */
  readonly repetition: string | null;
  /** The letter that it settles, as it was when it was taken up. */
  readonly letter: { id: number; revision: number } | null;
  /** What the other side has after it; see `linkHash`. Reckoned when it is first asked for. */
  hash?: string;
  /** Of a parked key with more changes than are read at once: where the next ones begin. */
  readonly restFromSeq: number | null;
}

/** Whether the other side needs not be told of a change. */
export function isKnownThere(
  { change, isForced }: Pick<Task, "change" | "isForced">,
  {
    link,
    hash,
    isNewest,
    ownOrigin,
  }: { link: Pick<SyncLink, "hash"> | null; hash: string; isNewest: boolean; ownOrigin: string },
): boolean {
  if (isForced) return false;
  const isOwn = change.origin === ownOrigin;
  // What is removed there is gone there; its link went with it.
  if (change.operation === "remove") return isOwn;
  if (isOwn && (link === null || link.hash === null)) return true;
  if (link !== null && link.hash === hash) return true;
  // It came from there. What it says there by now is another thing, unless nothing came after it: then our side kept something
  // else than it told, or a push of ours has met it on the way, and both sides would stay apart.
  return isOwn && !isNewest;
}

/** A task in the outside system's words. */
export function outgoing(
  { key, change, repetition }: Pick<Task, "key" | "change" | "repetition">,
  {
    id,
    fields,
    catalogId,
    subscription,
  }: { id: string | null; fields: FieldMapping; catalogId: number; subscription: string },
): OutgoingChange {
  const { changeId, seq, version, values, changedAt, operation } = change;
  return {
    key,
    id,
    fields: fields.toOutside(values),
    version,
    seq: seq ?? 0,
    changedAt: changedAt.toISOString(),
    idempotencyKey: [catalogId, changeId, subscription, ...(repetition === null ? [] : [repetition])].join("."),
    isRemoved: operation === "remove",
  };
}
