import type { Blobs } from "@inlet/blobs";
import {
  InvariantBroken,
  type Issue,
  matchErrorFile,
  matchFile,
  type Reason,
  type Table,
  unknownFileName,
} from "@inlet/contracts";
import type { Artifact, Database, PublishedStoryboard } from "@inlet/database";
import { check, ErrorFile, type Hooks, IssueSample, type ReferenceLookUp, type Report } from "@inlet/delimited";
import {
  advance,
  type Decision,
  type FirstStage,
  openStoryboards,
  readWrapping,
  reject,
  type StepWork,
  storeWrapped,
} from "@inlet/pipeline";
import { type CameIn, errorFileName, openSent, type Plain, projectRules, sourceOf } from "@inlet/structural-check";
import { claimsOf } from "./claims.ts";
import { openSubject } from "./correction.ts";
import { openProducts, type ProductKind } from "./products.ts";
import { isPulled, openPulled, tableAsPulled } from "./pulled.ts";
import { asSent, type Subject } from "./subject.ts";
import { unpack } from "./unpack.ts";

interface Deps {
  blobs: Blobs;
  database: Database;
  /** Opens the project's keys and passwords. */
  keyEncryptionKey: Buffer;
  /** Looks up rows of a project's tables. */
  references: (project: { client: string; project: string; rehearsal: boolean }) => ReferenceLookUp;
  /** The platform team's own rules. */
  hooks: Hooks;
  storyboards: ReturnType<typeof openStoryboards>;
}

/** Findings that are kept in PostgreSQL, for the Activity Monitor, some of every code. All of them are in the error file. */
const KEPT_ISSUES = 1_000;

/**
 * The stage `validate`: opens what the file came in, checks every record, and stores what later stages work on: the plain
 * bytes, the canonical file with its index, the numbers of rejected records, and the error file. Of a ZIP of several data
 * files it makes a batch each.
 */
export function validateBatch(given: Omit<Deps, "storyboards">): FirstStage {
  const deps: Deps = { ...given, storyboards: openStoryboards(given.database) };
  return async (work) => {
    if (isPulled(work) && hasTable(work)) {
      const pulled = { ...work, table: tableAsPulled(work) };
      return await checkFile(deps, pulled, await openPulled(deps.blobs, work));
    }
    const sent = await openSent(deps, work);
    if (sent.kind === "files") {
      try {
        return await unpack(deps.blobs, work, sent);
      } finally {
        await sent.close();
      }
    }
    const { plain, cameIn } = sent;
    const told = toldTable(work, plain);
    if (told === undefined) {
      await plain.reader.close();
      return reject(untoldTable(work, plain));
    }
    const decision = await checkFile(deps, told, { plain, cameIn });
    return work.table === null ? { ...decision, tableName: told.table.name } : decision;
  };
}

/** The work with its table. A file whose outer name tells none goes by its own name from here on. */
function toldTable(work: StepWork<Table | null>, { artifact }: Plain): StepWork | undefined {
  if (hasTable(work)) return work;
  const { step, profile } = work;
  const fileName = artifact.name;
  const match = matchErrorFile(profile, fileName) ?? matchFile(profile, fileName);
  const table = profile.tables.find(({ name }) => name === match?.table);
  return table && { ...work, table, step: { ...step, fileName, tableName: table.name } };
}

const hasTable = (work: StepWork<Table | null>): work is StepWork => work.table !== null;

function untoldTable({ step, profile }: StepWork<Table | null>, { artifact }: Plain): Reason {
  const { code, message } = unknownFileName(profile, artifact.name);
  return artifact.name === step.fileName ? { code, message } : { code, message: `In ${step.fileName}: ${message}` };
}

async function checkFile(
  deps: Deps,
  told: StepWork,
  { plain: sent, cameIn }: { plain: Plain; cameIn: CameIn },
): Promise<Decision> {
  const { blobs } = deps;
  const subject = isPulled(told) ? asSent(sent, told) : await openSubject(deps, told, sent);
  if ("verdict" in subject) return subject;
  const { work, plain } = subject;
  const { step, signal } = work;
  const products = openProducts(blobs, step);
  try {
    const storyboard = await storyboardOf(deps, work);
    const issues = new IssueSample(KEPT_ISSUES);
    const errors = new ErrorFile(products.sink("errors"), {
      batchId: step.batchId,
      sha256: plain.artifact.sha256.toString("hex"),
    });
    const found = await check(sourceOf(plain.reader, work.giveWay), {
      ...projectRules(work, {
        ...{ references: deps.references(step), hooks: deps.hooks },
        storyboard: storyboard?.document,
      }),
      mapping: step.mapping ?? undefined,
      hasKeysToldApart: isPulled(told),
      claims: await claimsOf(blobs, step, plain.artifact),
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
    const wanted: ProductKind[] = report.verdict === "pass" ? ["canonical", "index", "rejected", "errors"] : ["errors"];
    const made = await products.finish(wanted, (kind) =>
      kind === "errors" ? errorFileName(step.fileName, plain.artifact.name) : kind,
    );
    const wrapped = await wrapErrors(deps, work, made);
    const checked = { report, issues: issues.list(), cameIn, storyboardVersion: storyboard?.version };
    return decide(subject, checked, [plain.artifact, ...made, ...wrapped]);
  } finally {
    await products.abort();
    await plain.reader.close();
  }
}

/** The storyboard that the batch's links will show: from its first check on the same one, whatever goes live meanwhile. */
async function storyboardOf(
  { storyboards }: Deps,
  { step, profile }: StepWork,
): Promise<PublishedStoryboard | undefined> {
  const version = step.storyboardVersion ?? step.liveStoryboard;
  if (profile.links === undefined || version === null) return undefined;
  return await storyboards(step.projectId, version);
}

/** The error file as it goes to the client, where it does. */
async function wrapErrors(
  { blobs, database, keyEncryptionKey }: Deps,
  { step, profile, signal, giveWay }: StepWork,
  made: readonly Artifact[],
): Promise<Artifact[]> {
  const errors = made.find(({ kind }) => kind === "errors");
  if (errors === undefined || !(profile.delivery?.errors || step.source === "email")) return [];
  const as = await readWrapping(database, keyEncryptionKey, { step, profile });
  if (as === null) return [];
  return [await storeWrapped(blobs, { step, artifact: { ...errors, kind: "errors" }, as, signal, giveWay })];
}

interface Checked {
  report: Report;
  issues: Issue[];
  cameIn: CameIn;
  storyboardVersion: number | undefined;
}

function decide(
  { correction }: Subject,
  { report, issues, cameIn, storyboardVersion }: Checked,
  artifacts: readonly Artifact[],
): Decision {
  const findings = {
    // A correction is checked by what was declared for the file that it corrects; its own rows are fewer.
    counts: { ...report.counts, ...(report.declared === null || correction ? {} : { declared: report.declared }) },
    issues,
    issueTotals: report.issues.byCode,
    artifacts,
    ...(storyboardVersion !== undefined && { storyboardVersion }),
    result: {
      scan: report.scan,
      columns: report.columns,
      firstInvalidUtf8: report.firstInvalidUtf8,
      wrapping: cameIn,
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
