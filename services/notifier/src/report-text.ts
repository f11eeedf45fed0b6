import { wrap } from "./display.ts";
import type { FileCounts, Problem, ReportView, StatusRow } from "./report.ts";

/** A report as plain text: the table first, and every line makes sense read aloud, one after the other. */
export function reportText(view: ReportView): string {
  const sections = [
    [wrap(`${view.title}: ${view.word}`), wrap(view.summary), ...(view.update ? [wrap(view.update)] : [])].join("\n"),
    ...(view.note ? [wrap(view.note)] : []),
    statusTable(view.rows),
    ...(view.url ? [`The run in the console: ${view.url}`] : []),
    ...(view.unpacked.length > 0 ? [view.unpacked.map((line) => wrap(line)).join("\n")] : []),
    ...(view.problems.length > 0 ? [headline("What needs attention"), ...view.problems.map(problemText)] : []),
    ...(view.counts.length > 0
      ? [headline("Counts"), view.counts.map((counts) => countsText(counts, view)).join("\n")]
      : []),
    ...(view.earlier.length > 0 ? [headline("Earlier files"), view.earlier.map((line) => wrap(line)).join("\n")] : []),
    ...(view.omitted.length > 0 ? [view.omitted.join("\n")] : []),
    ["-- ", ...view.footer.map((line) => wrap(line))].join("\n"),
  ];
  return `${sections.join("\n\n")}\n`;
}

const headline = (text: string) => text.toUpperCase();

/** The two columns that the client's people know, then the file's name where the table alone does not say enough. */
function statusTable(rows: readonly StatusRow[]): string {
  const head = { table: "Table Name", word: "Status" };
  const width = Math.max(...[head, ...rows].map(({ table }) => [...table].length));
  const line = (table: string, rest: string) => `${table}${" ".repeat(width - [...table].length)}  ${rest}`;
  return [
    line(head.table, head.word),
    line("-".repeat(width), "-".repeat("SUPERSEDED".length)),
    ...rows.map(({ table, word, fileName }) => line(table, fileName ? `${word}  (${fileName})` : word)),
  ].join("\n");
}

function problemText(problem: Problem): string {
  const file = [problem.fileName, problem.batch && `(${problem.batch})`].filter(Boolean).join(" ");
  const lines = [`${problem.title}: ${problem.word}`];
  if (file) lines.push(wrap(`File: ${file}`, { indent: "  " }));
  if (problem.reason) lines.push(wrap(`Reason: ${problem.reason}`, { indent: "  " }));
  if (problem.nextStep) lines.push(wrap(`What to do: ${problem.nextStep}`, { indent: "  " }));
  if (problem.url) lines.push(`  In the console: ${problem.url}`);
  if (problem.findingTotal) {
    lines.push(`  ${problem.findingTotal}:`);
    for (const { label, count } of problem.findings) lines.push(`    ${count} ${label}`);
  }
  return lines.join("\n");
}

function countsText(
  { fileName, batch, pulled, records, imported, rejected, links }: FileCounts,
  { importedLabel, withLinks }: ReportView,
): string {
  const counts = [`records ${records}`, `${importedLabel.toLowerCase()} ${imported}`, `rejected ${rejected}`];
  if (pulled) counts.unshift(`expected ${pulled.expected}`, `received ${pulled.received}`);
  if (withLinks) counts.push(`links ${links}`);
  return `${wrap(`${fileName} (${batch})`)}\n  ${counts.join(", ")}`;
}
