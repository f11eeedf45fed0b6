import { usageFailure } from "../failure.ts";
import { type GlobalOptions, openSession } from "../session.ts";

interface RevokeOptions extends GlobalOptions {
  record?: number;
  all?: boolean;
}

/** Takes links back. */
export async function revoke(batchId: number, { record, all, ...options }: RevokeOptions): Promise<void> {
  if ((record === undefined) === (all === undefined)) throw usageFailure("Say which links: --record NUMBER, or --all.");
  const { api, out, result } = await openSession(options);
  const revocation = await api.revoke(batchId, record === undefined ? { all: true } : { record });
  const what =
    record === undefined ? `All links of batch ${batchId}` : `The link of record ${record} of batch ${batchId}`;
  const verb = record === undefined ? "are" : "is";
  out.line(revocation.changed ? `${what} ${verb} taken back.` : `${what} ${verb} taken back already.`);
  result(revocation);
}
