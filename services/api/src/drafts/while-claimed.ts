import { Unavailable } from "@inlet/contracts";
import { type Database, type DraftClaim, holdDraftCheck, type Tx, transaction } from "@inlet/database";

/**
 * Changes a draft's edits from within its check, as long as that is the one which counts: a check that was overtaken must not
 * go over what somebody has mended since.
 * @throws Unavailable `draft_check_overtaken`
 */
export async function whileClaimed<T>(database: Database, claim: DraftClaim, work: (tx: Tx) => Promise<T>): Promise<T> {
  return await transaction(database, async (tx) => {
    if (await holdDraftCheck(tx, claim)) return await work(tx);
    const message = `The check of draft ${claim.draftId} was overtaken by another one.`;
    throw new Unavailable({ code: "draft_check_overtaken", message });
  });
}
