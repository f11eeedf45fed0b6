import { InvalidInput } from "@inlet/contracts";
import { sqlstateOf } from "@inlet/database";

/** Whether a transaction that failed may stand all the same: an error without an SQLSTATE came from the connection. */
export function isCommitUnclear(error: unknown): boolean {
  // What we refuse ourselves never came to its COMMIT.
  if (error instanceof InvalidInput) return false;
  return sqlstateOf(error) === undefined;
}
