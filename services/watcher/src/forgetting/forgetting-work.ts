import type { Blobs } from "@inlet/blobs";
import { type ClaimedForgetting, type Database, holdForgetting, transaction } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import type { Logger } from "@inlet/runtime";
import { OrderLost } from "./order-errors.ts";

/** What the work is done with. */
export interface ForgettingParts {
  database: Database;
  publisher: Publisher;
  blobs: Blobs;
  /** The store of drafts. */
  drafts: Blobs;
  logger: Logger;
  conflictsModule: string | undefined;
}

/** What one order is worked on with. */
export interface ForgettingWork extends ForgettingParts {
  order: ClaimedForgetting;
  signal: AbortSignal;
}

/** Writes something of an order that is ours. @throws OrderLost when it is not: nothing was written */
export async function inOrder<T>(
  { database, order: { forgettingId, epoch } }: ForgettingWork,
  write: (tx: Parameters<Parameters<typeof transaction>[1]>[0]) => Promise<T>,
): Promise<T> {
  return await transaction(database, async (tx) => {
    if (!(await holdForgetting(tx, { forgettingId, epoch }))) throw new OrderLost();
    return await write(tx);
  });
}
