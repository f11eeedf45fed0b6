import type { BatchDetail, BatchSummary, IssuePage } from "@inlet/contracts";
import { bytes, clock, count, duration, figure } from "./figures.ts";
import { statusStyle } from "./statuses.ts";
import { type Column, inLines, renderTable } from "./table.ts";
import { cut, printable, type Style, type Terminal, widthOf } from "./terminal.ts";

/** Batches as a table, the newest first; under it what the mark of a rehearsal means, where there is one. */
export function batchTable(batches: readonly BatchSummary[], terminal: Terminal, now: Date): string[] {
  const columns: Column<BatchSummary>[] = [
    { title: "BATCH", text: ({ id }) => String(id), align: "right", paint: (_, cell) => terminal.paint("bold", cell) },
    { title: "RECEIVED", text: ({ receivedAt }) => clock(receivedAt, now) },
    { title: "PROJECT", text: ({ client, project }) => `${client}/${project}` },
    { title: "FILE", text: ({ fileName }) => fileName, flexible: true, keep: "end" },
    { title: "STATUS", text: statusText, paint: ({ status }, cell) => terminal.paint(statusStyle(status), cell) },
    { title: "RECORDS", text: ({ counts }) => figure(counts.records), align: "right", spare: true },
    {
      title: "IMPORTED",
      text: ({ counts, rehearsal }) => marked(figure(counts.imported), rehearsal),
      align: "right",
    },
    { title: "ISSUES", text: ({ issueCount }) => (issueCount === 0 ? "" : figure(issueCount)), align: "right" },
    {
      title: "TOOK",
      text: ({ durationMs, endedAt }) => (endedAt === null ? "" : duration(durationMs)),
      align: "right",
      spare: true,
    },
  ];
  const legend = batches.some(({ rehearsal }) => rehearsal)
    ? [terminal.paint("yellow", `${REHEARSED} a rehearsal: in no table`)]
    : [];
  return [...renderTable(batches, columns, terminal), ...legend];
}

/** One letter: a whole word would take its place from the file's name. */
const REHEARSED = "*";
const marked = (text: string, rehearsal: boolean) => (rehearsal && text !== "" ? `${text}${REHEARSED}` : text);

/** The status; of a batch that is under way, the stage. */
function statusText({ status, stage, rehearsal }: BatchSummary): string {
  const now = stage === null ? status : stage.state === "running" ? stage.kind : `${stage.kind} ${stage.state}`;
  return marked(now, rehearsal);
}

/** How a batch ended: `Completed in 310 ms: 200 records, 200 imported, 200 links`. `before` stands before it. */
export function endLines(batch: BatchSummary, terminal: Terminal, before = ""): string[] {
  const { paint, columns } = terminal;
  const words: Partial<Record<BatchSummary["status"], string>> = { partial: "Completed in part" };
  const status = words[batch.status] ?? batch.status.charAt(0).toUpperCase() + batch.status.slice(1);
  const took = batch.endedAt === null ? "" : ` in ${duration(batch.durationMs)}`;
  const tail = batch.reason === null ? countsText(batch) : printable(batch.reason.message);
  const head = `${before}${status}${took}`;
  const painted = `${paint("bold", before)}${paint(statusStyle(batch.status), status)}${paint("dim", took)}`;
  const lines = inLines(`${head}${tail === "" ? "" : `: ${tail}`}`, columns);
  return [
    ...lines.map((line, index) => (index === 0 && line.startsWith(head) ? painted + line.slice(head.length) : line)),
    ...(batch.rehearsal ? [paint("yellow", "a rehearsal: in no table")] : []),
  ];
}

/** What of a rehearsal would be imported is called rehearsed: it is in no table. */
function countsText({ counts, rehearsal }: Pick<BatchSummary, "counts" | "rehearsal">): string {
  return [
    counts.records === null ? "" : count(counts.records, "record"),
    counts.rejected ? `${figure(counts.rejected)} rejected` : "",
    counts.imported === null ? "" : `${figure(counts.imported)} ${rehearsal ? "rehearsed" : "imported"}`,
    counts.links === null ? "" : count(counts.links, "link"),
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** One batch for a person: facts, story, files, findings, what to do next. */
export function batchText(batch: BatchDetail, found: IssuePage, terminal: Terminal, now: Date): string[] {
  const { paint } = terminal;
  const facts: [string, string][] = [
    ["file", `${printable(batch.fileName)}  ${paint("dim", bytes(batch.sizeBytes))}`],
    ["project", `${batch.client}/${batch.project}${batch.table === null ? "" : `, table ${batch.table}`}`],
    ["received", clock(batch.receivedAt, now)],
    ["reason code", batch.reason?.code ?? ""],
    ["corrects", batch.corrects === null ? "" : `batch ${batch.corrects}: its error file, mended`],
    ["corrected by", batch.correctedBy.map((id) => `batch ${id}`).join(", ")],
    ["part of", batch.partOf === null ? "" : `batch ${batch.partOf}: the ZIP that it came in`],
    ["parts", batch.parts.map((id) => `batch ${id}`).join(", ")],
    ["counts", countsText(batch)],
    ["links until", batch.linksExpireAt === null ? "" : batch.linksExpireAt.slice(0, 10)],
    [
      "taken back",
      batch.revoked.all ? "all links" : batch.revoked.records > 0 ? count(batch.revoked.records, "link") : "",
    ],
    ["forced", batch.forcedReason === null ? "" : printable(batch.forcedReason)],
  ];
  return [
    ...endLines(batch, terminal, `Batch ${batch.id}  `),
    "",
    ...facts.filter(([, text]) => text !== "").map(([name, text]) => `  ${paint("dim", name.padEnd(12))}${text}`),
    "",
    ...timelineLines(batch, terminal, now),
    ...artifactLines(batch, terminal),
    ...issueLines(batch, found, terminal),
    ...nextSteps(batch, { issuesShown: found.issues.length }, terminal),
  ];
}

const TONES: Readonly<Record<BatchDetail["timeline"][number]["tone"], { symbol: string; style: Style }>> = {
  info: { symbol: "·", style: "dim" },
  good: { symbol: "✓", style: "green" },
  warning: { symbol: "!", style: "yellow" },
  bad: { symbol: "✗", style: "red" },
};

function timelineLines({ timeline }: BatchDetail, { paint, columns }: Terminal, now: Date): string[] {
  return timeline.flatMap(({ at, text, tone, durationMs }) => {
    const { symbol, style } = TONES[tone];
    const time = clock(at, now);
    const indent = `  ${time}  ${symbol} `.length;
    const lines = inLines(printable(text), columns - indent);
    if (durationMs !== null) {
      const took = duration(durationMs);
      const last = lines.pop() ?? "";
      const fits = widthOf(last) + 2 + took.length <= columns - indent;
      lines.push(...(fits ? [`${last}  ${paint("dim", took)}`] : [last, paint("dim", took)]));
    }
    return lines.map((line, index) =>
      index === 0 ? `  ${paint("dim", time)}  ${paint(style, symbol)} ${line}` : " ".repeat(indent) + line,
    );
  });
}

function artifactLines({ artifacts }: BatchDetail, terminal: Terminal): string[] {
  if (artifacts.length === 0) return [];
  const columns: Column<BatchDetail["artifacts"][number]>[] = [
    { title: "STORED", text: ({ kind }) => kind },
    { title: "NAME", text: ({ name }) => name, flexible: true, keep: "end" },
    { title: "SIZE", text: ({ sizeBytes }) => bytes(sizeBytes), align: "right" },
  ];
  return [
    "",
    ...renderTable(artifacts, columns, { ...terminal, columns: terminal.columns - 2 }).map((line) => `  ${line}`),
  ];
}

/** A batch's first findings, and how many more there are. */
export function issueLines({ issueCount }: BatchDetail, { issues }: IssuePage, terminal: Terminal): string[] {
  if (issueCount === 0) return [];
  const shown = issueTable(issues, { ...terminal, columns: terminal.columns - 2 }).map((line) => `  ${line}`);
  const more =
    issueCount > issues.length ? [`  ${terminal.paint("dim", `and ${figure(issueCount - issues.length)} more`)}`] : [];
  return ["", ...shown, ...more];
}

const VALUE_WIDTH = 24;

/** Findings as a table, in the order of the file. */
export function issueTable(issues: IssuePage["issues"], terminal: Terminal): string[] {
  const columns: Column<IssuePage["issues"][number]>[] = [
    { title: "LINE", text: ({ line }) => (line === null ? "" : String(line)), align: "right" },
    { title: "COLUMN", text: ({ column }) => column ?? "" },
    {
      title: "CODE",
      text: ({ code }) => code,
      paint: ({ severity }, cell) => terminal.paint(severity === "error" ? "red" : "yellow", cell),
    },
    { title: "VALUE", text: ({ value }) => (value === null ? "" : JSON.stringify(cut(value, VALUE_WIDTH))) },
    { title: "MESSAGE", text: ({ message }) => message, flexible: true, wrap: true },
  ];
  return renderTable(issues, columns, terminal);
}

/** A file that came wrapped, whose like is refused in the clear where the profile asks for it. */
const WRAPPED = /\.(zip|pgp|gpg|asc)$/i;

/** What a person may do next: in one line, or in one for each where that is too long. */
export function nextSteps(
  { id, status, fileName, issueCount, artifacts, steps: stages, client, project }: BatchDetail,
  { issuesShown }: { issuesShown: number },
  { columns }: Pick<Terminal, "columns">,
): string[] {
  const errors = artifacts.find(({ kind }) => kind === "errors");
  const mended = errors === undefined ? "" : JSON.stringify(printable(errors.name));
  const steps = [
    ...(issueCount > issuesShown ? [`inlet issues ${id}`] : []),
    ...(artifacts.some(({ kind }) => kind === "result") ? [`inlet download ${id} result`] : []),
    ...(errors === undefined ? [] : [`inlet download ${id} errors`]),
    ...(errors !== undefined && (status === "partial" || status === "rejected")
      ? [
          WRAPPED.test(fileName)
            ? `mend ${mended}, protect it as the file was, and send it`
            : `mend it, and inlet send ${mended} --project ${client}/${project}`,
        ]
      : []),
    ...(status === "failed" || stages.some(({ kind, state }) => kind === "deliver" && state === "failed")
      ? [`inlet retry ${id}`]
      : []),
    ...(status === "superseded" ? [`inlet retry ${id} --force --reason "…"`] : []),
  ];
  if (steps.length === 0) return [];
  const line = `  next: ${steps.join("   ")}`;
  return [
    "",
    ...(widthOf(line) <= columns ? [line] : steps.map((step, at) => `  ${at === 0 ? "next:" : "     "} ${step}`)),
  ];
}
