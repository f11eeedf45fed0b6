import type { Issue } from "@inlet/contracts";
import type { IssueCode } from "./issue-codes.ts";

/** An issue without what is null in most cases. */
export type IssueFacts = Pick<Issue, "message"> & Partial<Omit<Issue, "message" | "code">> & { code: IssueCode };

/** Counts every issue exactly, and hands each on to who wants it. */
export class IssueLog {
  readonly totals = new Map<IssueCode, number>();
  errors = 0;
  warnings = 0;
  /** The first error, for the reason that the batch is given. */
  firstError: Issue | undefined;
  /** The first error that concerns no single record. */
  firstFileError: Issue | undefined;
  readonly #onIssue: ((issue: Issue) => void) | undefined;

  constructor(onIssue: ((issue: Issue) => void) | undefined) {
    this.#onIssue = onIssue;
  }

  add(facts: IssueFacts): Issue {
    const issue: Issue = {
      line: facts.line ?? null,
      record: facts.record ?? null,
      offset: facts.offset ?? null,
      column: facts.column ?? null,
      code: facts.code,
      message: facts.message,
      value: facts.value ?? null,
      severity: facts.severity ?? "error",
      fix: facts.fix ?? null,
    };
    this.totals.set(facts.code, (this.totals.get(facts.code) ?? 0) + 1);
    if (issue.severity === "error") {
      this.errors += 1;
      this.firstError ??= issue;
      if (issue.record === null) this.firstFileError ??= issue;
    } else {
      this.warnings += 1;
    }
    this.#onIssue?.(issue);
    return issue;
  }
}
