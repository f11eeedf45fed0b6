import { escapeHtml } from "./display.ts";
import { badge, foreign, LINE, linked, linkOf, MUTED, noteOf, page, row, section, TEXT } from "./page.ts";
import type { Problem, ReportView, StatusRow } from "./report.ts";
import { toneOf } from "./wording.ts";

/** A report as an HTML page of its own; all of a stranger's text is escaped. */
export function reportHtml(view: ReportView): string {
  const rows = [
    ...(view.note ? [row(noteOf(view.note), "16px 32px 0")] : []),
    ...(view.update ? [row(paragraph(view.update, "muted"), "8px 32px 0")] : []),
    row(statusTable(view.rows), "22px 32px 0"),
    ...(view.url ? [row(linkOf("See the run in the console", view.url), "14px 32px 0")] : []),
    ...(view.unpacked.length > 0
      ? [row(view.unpacked.map((line) => paragraph(line, "muted")).join(""), "10px 32px 0")]
      : []),
    ...(view.problems.length > 0 ? [section("What needs attention", view.problems.map(problemBlock).join(""))] : []),
    ...(view.counts.length > 0 ? [section("Counts", countsTable(view))] : []),
    ...(view.earlier.length > 0
      ? [section("Earlier files", view.earlier.map((line) => paragraph(line, "muted")).join(""))]
      : []),
    ...(view.omitted.length > 0
      ? [row(view.omitted.map((line) => paragraph(line, "muted")).join(""), "14px 32px 0")]
      : []),
  ];
  return page({
    title: view.subject,
    word: view.word,
    tone: toneOf(view.word),
    heading: view.title,
    summary: view.summary,
    rows,
    footer: view.footer,
  });
}

/** A line of ours; `muted` for what is beside the point. */
function paragraph(text: string, tone: "text" | "muted"): string {
  const colour = tone === "muted" ? MUTED : TEXT;
  return `<p class="${tone}" style="margin:0 0 4px;font-size:14px;line-height:21px;${colour}">${escapeHtml(text)}</p>`;
}

const TABLE = `width="100%" cellpadding="0" cellspacing="0" border="0" style="border-collapse:collapse"`;

function heading(label: string, style: string): string {
  return `<th scope="col" class="muted line" style="padding:0 0 7px;border-bottom:2px solid ${LINE};font-size:13px;line-height:18px;font-weight:600;white-space:nowrap;${MUTED};${style}">${label}</th>`;
}

function statusTable(rows: readonly StatusRow[]): string {
  const lines = rows.map(({ table, fileName, word }) => {
    const file = fileName
      ? `<br><span class="muted" style="font-size:13px;font-weight:400;${MUTED}">${foreign(fileName)}</span>`
      : "";
    return (
      `<tr><th scope="row" class="text line" style="padding:9px 12px 9px 0;border-bottom:1px solid ${LINE};text-align:left;vertical-align:top;font-size:15px;line-height:22px;font-weight:600;${TEXT}">${foreign(table)}${file}</th>` +
      `<td class="line status" style="padding:9px 0;border-bottom:1px solid ${LINE};text-align:left;vertical-align:top;width:150px">${badge(word, toneOf(word))}</td></tr>`
    );
  });
  return (
    `<table ${TABLE}><thead><tr>${heading("Table Name", "text-align:left")}${heading("Status", "text-align:left")}</tr></thead>` +
    `<tbody>${lines.join("\n")}</tbody></table>`
  );
}

function problemBlock(problem: Problem): string {
  const file = problem.fileName
    ? `<p class="muted" style="margin:2px 0 0;font-size:13px;line-height:19px;${MUTED}">${foreign(problem.fileName)}, ${linked(problem.batch ?? "", problem.url)}</p>`
    : "";
  const reason = problem.reason
    ? `<p class="text" style="margin:8px 0 0;font-size:15px;line-height:22px;${TEXT}">${foreign(problem.reason)}</p>`
    : "";
  const nextStep = problem.nextStep
    ? `<p class="text" style="margin:8px 0 0;font-size:15px;line-height:22px;${TEXT}"><strong>What to do:</strong> ${escapeHtml(problem.nextStep)}</p>`
    : "";
  return (
    `<table role="presentation" ${TABLE}><tr><td class="line" style="padding:0 0 18px;border:0">` +
    `<h3 class="text" style="margin:0;font-size:15px;line-height:24px;font-weight:700;${TEXT}">${foreign(problem.title)} ${badge(problem.word, toneOf(problem.word))}</h3>` +
    `${file}${reason}${nextStep}${findingsOf(problem)}</td></tr></table>`
  );
}

function findingsOf({ findings, findingTotal }: Problem): string {
  if (findingTotal === undefined) return "";
  const items = findings.map(
    ({ label, count }) => `<li style="margin:0"><strong>${count}</strong> ${escapeHtml(label)}</li>`,
  );
  return (
    `<p class="text" style="margin:8px 0 2px;font-size:15px;line-height:22px;${TEXT}">${escapeHtml(findingTotal)}:</p>` +
    `<ul class="text" style="margin:0;padding:0 0 0 22px;font-size:14px;line-height:22px;${TEXT}">${items.join("")}</ul>`
  );
}

/** A narrow screen shows each file's name above its numbers: see the style sheet's `.counts`. */
function countsTable({ counts: files, importedLabel, withLinks, withPulls }: ReportView): string {
  const labels = [
    ...(withPulls ? ["Expected", "Received"] : []),
    "Records",
    importedLabel,
    "Rejected",
    ...(withLinks ? ["Links"] : []),
  ];
  const head =
    heading("File", "text-align:left") +
    labels.map((label) => heading(label, "text-align:right;padding-left:12px;width:76px")).join("");
  const cell = (count: string) =>
    `<td class="text line" style="padding:8px 0 8px 12px;border-bottom:1px solid ${LINE};text-align:right;vertical-align:top;font-size:14px;line-height:20px;white-space:nowrap;font-variant-numeric:tabular-nums;${TEXT}">${count}</td>`;
  const lines = files.map(
    (file) =>
      `<tr><th scope="row" class="text line" style="padding:8px 0;border-bottom:1px solid ${LINE};text-align:left;vertical-align:top;font-size:14px;line-height:20px;font-weight:400;${TEXT}">${foreign(file.fileName)} <span class="muted" style="font-size:13px;white-space:nowrap;${MUTED}">${linked(file.batch, file.url)}</span></th>` +
      `${[...(withPulls ? [file.pulled?.expected ?? "–", file.pulled?.received ?? "–"] : []), file.records, file.imported, file.rejected, ...(withLinks ? [file.links] : [])].map(cell).join("")}</tr>`,
  );
  return `<table class="counts" ${TABLE}><thead><tr>${head}</tr></thead><tbody>${lines.join("\n")}</tbody></table>`;
}
