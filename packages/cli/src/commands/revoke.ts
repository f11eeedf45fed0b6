import { usageFailure } from "../failure.ts";
import { type GlobalOptions, openSession } from "../session.ts";

interface RevokeOptions extends GlobalOptions {
  record?: number;
  all?: boolean;
  link?: string;
}

/** Takes links back: one of a batch's or all of them, or one by its address. */
export async function revoke(
  batchId: number | undefined,
  { record, all, link, ...options }: RevokeOptions,
): Promise<void> {
  const said = [record, all, link].filter((each) => each !== undefined).length;
  if (said !== 1 || (link === undefined) === (batchId === undefined)) {
    throw usageFailure("Say which links: --record NUMBER, or --all, of a batch; or --link ADDRESS alone.");
  }
  const { api, out, result } = await openSession(options);
  const revocation =
    link === undefined
      ? await api.revoke(batchId!, record === undefined ? { all: true } : { record })
      : await api.revokeLink({ link });
  const what =
    revocation.record === null
      ? `All links of batch ${revocation.batchId}`
      : `The link of record ${revocation.record} of batch ${revocation.batchId}`;
  const verb = revocation.record === null ? "are" : "is";
  out.line(revocation.changed ? `${what} ${verb} taken back.` : `${what} ${verb} taken back already.`);
  result(revocation);
}
