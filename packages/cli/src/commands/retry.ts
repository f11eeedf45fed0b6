import { EXIT } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { followAndShow } from "./status.ts";

interface RetryOptions extends GlobalOptions {
  force?: boolean;
  reason?: string;
  follow?: boolean;
}

/** Sets a batch under way again. Returns the exit code: with --follow it says how the batch ended. */
export async function retry(batchId: number, options: RetryOptions): Promise<number> {
  const { force = false, reason } = options;
  if (force && reason === undefined) throw usageFailure("--force needs --reason: it is kept with the batch.");
  const session = await openSession(options);
  const batch = await session.api.retry(batchId, { force, reason });
  session.out.line(
    batch.status === "rejected"
      ? `Batch ${batchId} stays rejected; the delivery of its error file is tried again.`
      : `Batch ${batchId} is under way again.`,
  );
  if (options.follow) return await followAndShow(session, batchId);
  session.result({ batch });
  return EXIT.ok;
}

/** Stops a batch. */
export async function cancel(batchId: number, options: GlobalOptions & { reason?: string }): Promise<void> {
  const { api, out, result } = await openSession(options);
  const batch = await api.cancel(batchId, { reason: options.reason });
  out.line(`Batch ${batchId} is cancelled; nothing of it was imported.`);
  result({ batch });
}
