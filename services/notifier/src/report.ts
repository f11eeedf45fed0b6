import type { ReportedBatch, ReportMessage } from "@inlet/contracts";
import { type ConsolePages, consolePages } from "./console-pages.ts";
import { display, displayCount, displayList, displayNumber, displayTime } from "./display.ts";
import {
  compareUrgency,
  failedSentence,
  findingLabel,
  importedLabel,
  importedSentence,
  linksEnding,
  mostUrgent,
  nextStep,
  outcomeOf,
  REHEARSAL_NOTE,
  reasonOf,
  type StatusWord,
  statusWord,
} from "./wording.ts";

/** A mail of more is cut by mail programs (Gmail: at 102 KB); the rest is counted, and what needs attention comes first. */
const MOST_ROWS = 40;
const MOST_PROBLEMS = 15;
const MOST_FINDINGS = 12;

/** One line of the table that the client waits for. */
export interface StatusRow {
  table: string;
  /** Where one table name stands for several files, or for none that is known. */
  fileName: string | undefined;
  word: StatusWord;
}

/** A file, or a table without one, of which somebody has to know more than the word. */
export interface Problem {
  title: string;
  word: StatusWord;
  fileName: string | undefined;
  /** Its number, and what became of its rows. */
  batch: string | undefined;
  reason: string | undefined;
  nextStep: string | undefined;
  findings: { label: string; count: string }[];
  /** For example `7 findings`. */
  findingTotal: string | undefined;
  /** Its page in the console. */
  url: string | undefined;
}

/** What was counted in one file; `–` where it did not come to that. */
export interface FileCounts {
  fileName: string;
  batch: string;
  /** Its page in the console. */
  url: string | undefined;
  /** Of a file that was pulled: how many items the system said it has, and how many different ones came. */
  pulled: { expected: string; received: string } | undefined;
  records: string;
  imported: string;
  rejected: string;
  links: string;
}

/** A report in words, ready for any form of it. Every text is safe to show, and none is escaped yet. */
export interface ReportView {
  word: StatusWord;
  subject: string;
  /** The project and what the run is called. */
  title: string;
  /** What happened, in one sentence. */
  summary: string;
  /** For a rehearsal: that it is one. */
  note: string | undefined;
  /** For a repeated report: what it is. */
  update: string | undefined;
  rows: StatusRow[];
  /** The run's page in the console. */
  url: string | undefined;
  /** ZIPs of several files, which are told by their files: a sentence each. */
  unpacked: string[];
  problems: Problem[];
  counts: FileCounts[];
  /** What the counts call the rows that reached a table, or would have. */
  importedLabel: string;
  withLinks: boolean;
  withPulls: boolean;
  /** Files that a later one under the same name has made good. */
  earlier: string[];
  /** What did not find room, as sentences. */
  omitted: string[];
  footer: string[];
}

/**
 * Puts a run's facts into words. Pure: the same report gives the same view.
 * @param consoleUrl where people reach the console; without it nothing links to it
 */
export function reportView(report: ReportMessage, consoleUrl?: string): ReportView {
  const pages = consolePages(consoleUrl);
  const rehearsal = report.rehearsal ?? false;
  const zips = report.batches.filter(({ status }) => status === "unpacked");
  const { standing, replaced } = standings(report.batches.filter(({ status }) => status !== "unpacked"));
  const rows = statusRows(standing, report.missing);
  const problems = problemsOf(standing, report.missing, { rehearsal, pages });
  const word = mostUrgent(rows.map((row) => row.word));
  const title = `${display(report.title, 100)}, ${display(report.run, 120)}`;
  const counted = standing.map(({ batch }) => batch);
  return {
    word,
    subject: subjectOf(report, word, rows),
    title,
    summary: summaryOf(word, rows, standing, rehearsal),
    note: rehearsal ? REHEARSAL_NOTE : undefined,
    update:
      report.revision > 1 ? `Updated report ${report.revision}: it takes the place of the ones before it.` : undefined,
    rows: rows.slice(0, MOST_ROWS),
    url: report.runId === undefined ? undefined : pages.run(report.runId),
    unpacked: zips.slice(0, MOST_PROBLEMS).map((zip) => unpackedLine(zip, report.batches)),
    problems: problems.slice(0, MOST_PROBLEMS),
    counts: counted.slice(0, MOST_ROWS).map((batch) => fileCounts(batch, pages)),
    importedLabel: importedLabel(rehearsal),
    withLinks: counted.some((batch) => batch.links !== null),
    withPulls: counted.some(({ pull }) => pull !== undefined),
    earlier: replaced.slice(0, MOST_PROBLEMS).map(({ batch, by }) => earlierLine(batch, by)),
    omitted: omissions(rows.length - MOST_ROWS, problems.length - MOST_PROBLEMS, replaced.length - MOST_PROBLEMS),
    footer: footerOf(report),
  };
}

interface Standing {
  batch: ReportedBatch;
  word: StatusWord;
}

interface Replaced {
  batch: ReportedBatch;
  by: ReportedBatch;
}

/** Whether a batch left the table as it was, so that a later file under its name makes good for it. */
const leftNoTrace = ({ status, imported }: ReportedBatch) =>
  !imported && ["rejected", "failed", "duplicate", "cancelled"].includes(status);

/** Whether a batch counts as an answer to an earlier one: a duplicate says nothing new. */
const isAnswer = ({ status }: ReportedBatch) => !["duplicate", "superseded", "cancelled"].includes(status);

/** Parts the batches that say how things stand from those that a later one under the same name has made good. */
function standings(batches: readonly ReportedBatch[]): { standing: Standing[]; replaced: Replaced[] } {
  const standing: Standing[] = [];
  const replaced: Replaced[] = [];
  batches.forEach((batch, index) => {
    const by = batches
      .slice(index + 1)
      .find((later) => later.table === batch.table && later.fileName === batch.fileName && isAnswer(later));
    if (by && leftNoTrace(batch)) replaced.push({ batch, by });
    else standing.push({ batch, word: statusWord(batch.status) });
  });
  standing.sort(
    (a, b) =>
      compareUrgency(a.word, b.word) ||
      compareText(a.batch.table ?? "", b.batch.table ?? "") ||
      a.batch.batchId - b.batch.batchId,
  );
  return { standing, replaced };
}

/** `table_2` before `table_10`, in one language: the same on every machine. */
const { compare: compareText } = new Intl.Collator("en", { numeric: true });

const NO_TABLE = "(no table)";

function statusRows(standing: readonly Standing[], missing: readonly string[]): StatusRow[] {
  const filesOf = new Map<string | null, number>();
  for (const { batch } of standing) filesOf.set(batch.table, (filesOf.get(batch.table) ?? 0) + 1);
  const rows: StatusRow[] = standing.map(({ batch, word }) => ({
    table: batch.table === null ? NO_TABLE : display(batch.table, 63),
    fileName: batch.table === null || filesOf.get(batch.table) !== 1 ? display(batch.fileName, 120) : undefined,
    word,
  }));
  for (const table of missing) rows.push({ table: display(table, 63), fileName: undefined, word: "MISSING" });
  return rows.sort((a, b) => compareUrgency(a.word, b.word));
}

interface Manner {
  rehearsal: boolean;
  pages: ConsolePages;
}

function problemsOf(standing: readonly Standing[], missing: readonly string[], manner: Manner): Problem[] {
  const problems = standing
    .filter(({ word }) => word !== "SUCCESS")
    .map(({ batch, word }) => problemOf(batch, word, manner));
  for (const table of missing) {
    problems.push({
      title: display(table, 63),
      word: "MISSING",
      fileName: undefined,
      batch: undefined,
      reason: "No file came for this table.",
      nextStep: "Send it. When it has come, this report is made again.",
      findings: [],
      findingTotal: undefined,
      url: undefined,
    });
  }
  return problems.sort((a, b) => compareUrgency(a.word, b.word));
}

function problemOf(batch: ReportedBatch, word: StatusWord, { rehearsal, pages }: Manner): Problem {
  const findings = Object.entries(batch.issueTotals)
    .filter(([, count]) => count > 0)
    .sort(([codeA, a], [codeB, b]) => b - a || compareText(codeA, codeB));
  const total = findings.reduce((sum, [, count]) => sum + count, 0);
  const shown = findings.slice(0, MOST_FINDINGS);
  const lines = shown.map(([code, count]) => ({
    label: display(findingLabel(code), 80),
    count: displayNumber(count),
  }));
  const rest = findings.slice(MOST_FINDINGS).reduce((sum, [, count]) => sum + count, 0);
  if (rest > 0) lines.push({ label: "of other kinds", count: displayNumber(rest) });
  return {
    title: batch.table === null ? NO_TABLE : display(batch.table, 63),
    word,
    fileName: display(batch.fileName),
    batch: `batch ${batch.batchId}, ${outcomeOf(batch, rehearsal)}`,
    reason: shownReason(batch),
    nextStep: nextStep(batch),
    findings: lines,
    findingTotal: total > 0 ? displayCount(total, "finding") : undefined,
    url: pages.batch(batch.batchId),
  };
}

function shownReason(batch: ReportedBatch): string | undefined {
  const reason = reasonOf(batch);
  return reason === undefined ? undefined : display(reason, 1000);
}

function fileCounts(batch: ReportedBatch, pages: ConsolePages): FileCounts {
  const shown = (count: number | null) => (count === null ? "–" : displayNumber(count));
  return {
    fileName: display(batch.fileName),
    batch: `batch ${batch.batchId}`,
    url: pages.batch(batch.batchId),
    pulled: batch.pull && { expected: shown(batch.pull.expected), received: shown(batch.pull.received) },
    records: shown(batch.records),
    imported: shown(batch.imported),
    rejected: shown(batch.rejected),
    links: shown(batch.links),
  };
}

function earlierLine(batch: ReportedBatch, by: ReportedBatch): string {
  return `${display(batch.fileName, 120)} (batch ${batch.batchId}) ended as ${statusWord(batch.status)}; batch ${by.batchId} took its place.`;
}

function unpackedLine(zip: ReportedBatch, batches: readonly ReportedBatch[]): string {
  const count = batches.filter(({ partOf }) => partOf === zip.batchId).length;
  const files = count === 1 ? "1 file, which is" : `${displayNumber(count)} files, which are`;
  return `${display(zip.fileName, 120)} (batch ${zip.batchId}) was a ZIP of ${files} listed here.`;
}

function subjectOf(report: ReportMessage, word: StatusWord, rows: readonly StatusRow[]): string {
  const about = `${display(report.title, 60)}, ${display(report.run, 60)}`;
  const update = report.revision > 1 ? ` – updated report ${report.revision}` : "";
  return `${word}: ${about}${detailOf(word, rows)}${update}`;
}

/** What the lines of a report are: a table each, unless some table has several files or none is known. */
const thingOf = (rows: readonly StatusRow[]) => (rows.some((row) => row.fileName !== undefined) ? "file" : "table");

/** What a subject adds where a run has several lines: which tables the word is about. */
function detailOf(word: StatusWord, rows: readonly StatusRow[]): string {
  if (rows.length < 2) return "";
  const concerned = [...new Set(rows.filter((row) => row.word === word).map((row) => display(row.table, 30)))];
  const successes = rows.filter((row) => row.word === "SUCCESS").length;
  if (successes === rows.length) return ` (${displayCount(rows.length, thingOf(rows))})`;
  return ` (${displayList(concerned, 2)}; ${successes} of ${rows.length} SUCCESS)`;
}

function summaryOf(
  word: StatusWord,
  rows: readonly StatusRow[],
  standing: readonly Standing[],
  rehearsal: boolean,
): string {
  const sum = (pick: (batch: ReportedBatch) => number | null) =>
    standing.reduce((total, { batch }) => total + (pick(batch) ?? 0), 0);
  const imported = sum((batch) => batch.imported);
  const rejected = sum((batch) => batch.rejected);
  if (rows.length === 0) return "No file came.";
  if (word === "SUCCESS") {
    const what =
      rows.length === 1
        ? `The file came through: ${importedSentence(imported, rehearsal)}`
        : `All ${displayNumber(rows.length)} files came through: ${importedSentence(imported, rehearsal)}`;
    return `${what}${linksEnding(standing.map(({ batch }) => batch))}`;
  }
  if (rows.length === 1) return summaryOfOne(word, imported, rejected, rehearsal);
  const words = new Map<StatusWord, number>();
  for (const row of rows) words.set(row.word, (words.get(row.word) ?? 0) + 1);
  const tally = [...words].map(([each, count]) => `${displayNumber(count)} ${each}`);
  return `Of ${displayCount(rows.length, thingOf(rows))}, ${displayList(tally, 9)}. ${importedSentence(imported, rehearsal)}.`;
}

function summaryOfOne(word: StatusWord, imported: number, rejected: number, rehearsal: boolean): string {
  switch (word) {
    case "PARTIAL":
      return `${importedSentence(imported, rehearsal)}, ${displayCount(rejected, "row was", "rows were")} left out.`;
    case "FAILED":
      return failedSentence(imported, rehearsal);
    case "MISSING":
      return "The file did not come.";
    case "IN PROGRESS":
      return "The file is being worked on.";
    case "DUPLICATE":
      return "This file was here before, so it was not imported again.";
    case "SUPERSEDED":
      return "A newer file was imported before this one, so this one was left out.";
    case "CANCELLED":
      return "The work on this file was cancelled.";
    case "UNPACKED":
      return "The files in this ZIP were taken one by one.";
    case "SUCCESS":
      return "The file came through.";
  }
}

function omissions(rows: number, problems: number, earlier: number): string[] {
  const lines: string[] = [];
  if (rows > 0) lines.push(`${displayCount(rows, "more line is", "more lines are")} not shown here.`);
  if (problems > 0) lines.push(`${displayCount(problems, "more reason is", "more reasons are")} not shown here.`);
  if (earlier > 0)
    lines.push(`${displayCount(earlier, "more earlier file is", "more earlier files are")} not shown here.`);
  return lines;
}

function footerOf(report: ReportMessage): string[] {
  return [
    `Client ${display(report.client, 30)}, project ${display(report.project, 30)}. Report ${report.revision}, ${displayTime(report.at)}.`,
    "This message was sent automatically by Inlet.",
  ];
}
