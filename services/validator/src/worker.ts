import type { Blobs } from "@inlet/blobs";
import { InvariantBroken, type Issue } from "@inlet/contracts";
import type { Database } from "@inlet/database";
import { check, ErrorFile, type Hooks, IssueSample, type ReferenceLookUp, type Report } from "@inlet/delimited";
import { advance, type Decision, reject, type Stage } from "@inlet/pipeline";
import { LINK_LABELS } from "@inlet/purl";
import { claimsOf } from "./claims.ts";
import { openSubject } from "./correction.ts";
import { errorFileName } from "./error-file-name.ts";
import { openProducts, type ProductKind } from "./products.ts";
import { type Subject, sourceOf } from "./subject.ts";

interface Deps {
  blobs: Blobs;
  database: Database;
  /** Looks up rows of a project's tables. */
  references: (project: { client: string; project: string }) => ReferenceLookUp;
  /** The platform team's own rules. */
  hooks: Hooks;
}

/** Findings that are kept in PostgreSQL, for the Activity Monitor, some of every code. All of them are in the error file. */
const KEPT_ISSUES = 1_000;

/**
 * The stage `validate`: unwraps the file, checks every record, and stores what later stages work on: the plain bytes, the
 * canonical file with its index, the numbers of rejected records, and the error file.
 */
export function validateBatch({ blobs, database, references, hooks }: Deps): Stage {
  return async (claimed) => {
    const subject = await openSubject({ blobs, database }, claimed);
    if ("verdict" in subject) return subject;
    const { work, plain } = subject;
    const { step, signal } = work;
    const products = openProducts(blobs, step);
    try {
      const issues = new IssueSample(KEPT_ISSUES);
      const errors = new ErrorFile(products.sink("errors"), {
        batchId: step.batchId,
        sha256: plain.artifact.sha256.toString("hex"),
      });
      const found = await check(sourceOf(plain.reader), {
        table: work.table,
        reservedHeaders: work.profile.links ? LINK_LABELS : [],
        claims: await claimsOf(blobs, step, plain.artifact),
        references: references(step),
        hooks,
        signal,
        sinks: {
          ...subject.through({
            canonical: products.sink("canonical"),
            index: products.sink("index"),
            rejected: products.sink("rejected"),
          }),
          failed: errors,
        },
        onIssue: (issue) => {
          issues.add(issue);
          if (issue.record === null && issue.severity === "error") errors.addFileIssue(issue);
        },
      });
      await errors.end();
      const report = await subject.judge(found);
      const wanted: ProductKind[] =
        report.verdict === "pass" ? ["canonical", "index", "rejected", "errors"] : ["errors"];
      const made = await products.finish(wanted, (kind) =>
        kind === "errors" ? errorFileName(step.fileName, plain.artifact.name) : kind,
      );
      return decide(subject, report, issues.list(), [plain.artifact, ...made]);
    } finally {
      await products.abort();
      await plain.reader.close();
    }
  };
}

function decide({ correction }: Subject, report: Report, issues: Issue[], artifacts: Decision["artifacts"]): Decision {
  const findings = {
    counts: report.counts,
    issues,
    issueTotals: report.issues.byCode,
    artifacts: artifacts ?? [],
    result: {
      scan: report.scan,
      columns: report.columns,
      firstInvalidUtf8: report.firstInvalidUtf8,
      ...(correction && { correction }),
    },
  };
  if (report.verdict === "fail") {
    const reason = report.reason ?? { code: "check_failed", message: "The file failed its check." };
    return reject(reason, findings);
  }
  const { records, valid, rejected } = report.counts;
  if (records !== valid + rejected) {
    throw new InvariantBroken({
      code: "counts_differ",
      message: `The counts do not agree: ${records} records were read, but ${valid} valid and ${rejected} rejected.`,
    });
  }
  return advance(findings);
}
