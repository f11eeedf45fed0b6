import { count, type DraftCheck, figure, type InvalidRows, type Reason } from "@inlet/contracts";

/** What a check came to, as far as the policy is concerned. */
interface Found {
  verdict: "pass" | "fail";
  reason: Reason | null;
  counts: { records: number; valid: number; rejected: number };
}

/** What the project does with invalid rows, and what it would do with these. */
export function policyView(invalid: InvalidRows, found: Found, rehearsal: boolean): DraftCheck["policy"] {
  return {
    policy: invalid.policy,
    text: policyText(invalid),
    outcome: `${outcomeText(found)}${rehearsal && found.verdict === "pass" ? " The project rehearses: nothing reaches its tables yet." : ""}`,
  };
}

function policyText(invalid: InvalidRows): string {
  if (invalid.policy === "reject") return "A file with an invalid row is not taken.";
  const { maxRows, maxPercent } = invalid;
  const limits = [
    ...(maxRows === undefined ? [] : [`${figure(maxRows)} ${maxRows === 1 ? "row is" : "rows are"} invalid`]),
    ...(maxPercent === undefined ? [] : [`${maxPercent} % of the rows are invalid`]),
  ];
  const within = limits.length === 0 ? "" : `, while at most ${limits.join(" and at most ")}`;
  return invalid.policy === "skip"
    ? `Invalid rows are left out, and the others are imported${within}.`
    : `Rows with the same ${invalid.by} are imported together or left out together, as soon as one of them is invalid${within}.`;
}

function outcomeText({ verdict, reason, counts: { records, valid, rejected } }: Found): string {
  if (verdict === "pass") {
    return rejected === 0
      ? `${records === 1 ? "The row" : `All ${count(records, "row")}`} will be imported.`
      : `${count(valid, "row")} will be imported, and ${figure(rejected)} left out.`;
  }
  if (reason?.code === "rows_invalid" || reason?.code === "too_many_rows_invalid") {
    return `${count(rejected, "row")} of ${figure(records)} ${rejected === 1 ? "is" : "are"} invalid. Mend ${rejected === 1 ? "it" : "them"} here, or in the file, before it is submitted.`;
  }
  return reason?.message ?? "The file cannot be submitted as it is.";
}
