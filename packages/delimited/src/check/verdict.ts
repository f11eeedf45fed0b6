import type { InvalidRows, Issue, Reason } from "@inlet/contracts";
import type { IssueLog } from "../issues/issue-log.ts";

/** Whether a file may be imported, and if not, why. */
export interface Outcome {
  verdict: "pass" | "fail";
  reason: Reason | null;
}

/**
 * Decides by the table's policy. An error that concerns no single record (the header, an empty file, a limit) always fails
 * the file.
 */
export function judgeOutcome(
  policy: InvalidRows,
  { records, valid, rejected }: { records: number; valid: number; rejected: number },
  log: IssueLog,
): Outcome {
  const { firstFileError: fileError, firstError } = log;
  if (fileError !== undefined) return fail(fileError.code, fileError.message);
  if (rejected === 0) return { verdict: "pass", reason: null };
  const count = `${rejected} of ${records} records ${rejected === 1 ? "has" : "have"} errors`;
  const first = firstError === undefined ? "" : ` The first: ${describe(firstError)}`;
  const resend = "Mend them and send the file again.";
  if (policy.policy === "reject") return fail("rows_invalid", `${count}. ${resend}${first}`);
  if (valid === 0) return fail("rows_invalid", `None of the ${records} records is valid. ${resend}${first}`);
  const { maxRows, maxPercent } = policy;
  if (maxRows !== undefined && rejected > maxRows) {
    return fail("too_many_rows_invalid", `${count}; at most ${maxRows} may be left out. ${resend}${first}`);
  }
  if (maxPercent !== undefined && rejected * 100 > maxPercent * records) {
    return fail("too_many_rows_invalid", `${count}; at most ${maxPercent} % may be left out. ${resend}${first}`);
  }
  return { verdict: "pass", reason: null };
}

function fail(code: string, message: string): Outcome {
  return { verdict: "fail", reason: { code, message } };
}

function describe({ line, message }: Issue): string {
  return line === null ? message : `line ${line}: ${message}`;
}
