import type { ChangeEvent } from "@inlet/contracts";
import { queryOf } from "../address.ts";
import { readEvents } from "../event-source.ts";
import type { Send } from "../transport.ts";

/** Of which batches and runs a stream tells; absent conditions do not count. */
export interface ChangeConditions {
  client?: string | undefined;
  project?: string | undefined;
  batch?: number | undefined;
  run?: number | undefined;
}

export const changeCalls = (send: Send) => ({
  /**
   * Listens to changes until the signal says so, and comes back by itself when the connection is lost: then `reset` is the
   * first event after `ready`. At `ready` ask for what is to be shown; at `reset` ask for it anew.
   * @throws AppError when the hub refuses (401, 403, 429); a hub that is away is waited for
   */
  changes: (conditions: ChangeConditions, options: { signal: AbortSignal }): AsyncGenerator<ChangeEvent, void> =>
    readEvents(
      (headers) => send.raw(`/v1/events${queryOf(conditions)}`, { ...options, headers, timed: false }),
      options,
    ),
});
