import type { IssuePage } from "@inlet/contracts";
import { outcomeWords, statusWord } from "./board.ts";
import type { SentMail } from "./mails.ts";
import { count, number, type Paint, pad, plain, seconds, size, squeeze, width } from "./paint.ts";
import type { Opened, Returned } from "./result.ts";
import type { Shipment } from "./shipment.ts";

/** What became of one file. */
export interface Outcome {
  shipment: Shipment;
  returned: Returned | undefined;
  /** Only where there were any. */
  issues: IssuePage | undefined;
}

export interface Summary {
  outcomes: Outcome[];
  mails: SentMail[];
  mailsSent: number;
  mailboxUrl: string | undefined;
  elapsedMs: number;
}

interface Canvas {
  paint: Paint;
  columns: number;
}

/** Everything that is told at the end, as lines. */
export function summaryLines(summary: Summary, canvas: Canvas): string[] {
  return [
    ...countsLines(summary.outcomes, canvas),
    ...summary.outcomes.flatMap((outcome) => returnedLines(outcome, canvas)),
    ...summary.outcomes.flatMap((outcome) => issueLines(outcome, canvas)),
    ...mailLines(summary, canvas),
    "",
    `  ${canvas.paint("dim", `All of it took ${seconds(summary.elapsedMs)}.`)}`,
  ];
}

function heading(text: string, { paint }: Canvas): string[] {
  return ["", `  ${paint("bold", text)}`, ""];
}

const NAME_CELLS = 44;

function countsLines(outcomes: readonly Outcome[], canvas: Canvas): string[] {
  const { paint, columns } = canvas;
  const numbers = ["records", "imported", "rejected", "links"] as const;
  const names = outcomes.map(({ shipment }) => squeeze(plain(shipment.name), Math.min(NAME_CELLS, columns - 60)));
  const nameCells = Math.max(...names.map(width));
  const head = `    ${pad("", nameCells)}${numbers.map((label) => label.padStart(11)).join("")}`;
  const lines = outcomes.map(({ shipment: { batch } }, index) => {
    const cells = numbers.map((label) => {
      const amount = batch?.counts[label] ?? null;
      return (amount === null ? "–" : number(amount)).padStart(11);
    });
    return `    ${pad(names[index] ?? "", nameCells)}${cells.join("")}  ${statusWord(batch?.status ?? "running", paint)}`;
  });
  return [...heading("Counts", canvas), paint("dim", head), ...lines];
}

function returnedLines({ shipment, returned }: Outcome, canvas: Canvas): string[] {
  if (returned === undefined) return [];
  const { paint, columns } = canvas;
  const lines = returned.lines.filter((line, index) => line !== "" || index === 0);
  const flag = shipment.batch?.deliveries.find(({ artifact }) => artifact === "flag");
  return [
    ...heading(`Returned to ${shipment.profile.title ?? shipment.profile.project}`, canvas),
    `    ${returned.path}  ${paint("dim", size(returned.sizeBytes))}${flag ? paint("dim", ", then its flag file") : ""}`,
    ...lines.map((line) => `    ${paint("dim", "│")} ${squeeze(plain(line), columns - 7, 0.6)}`),
    "",
    ...openedLine("A personal page", returned.page, canvas),
    ...openedLine("Its thumbnail", returned.thumbnail, canvas),
  ];
}

function openedLine(label: string, opened: Opened | undefined, { paint }: Canvas): string[] {
  if (opened === undefined) return [`    ${pad(label, 16)}${paint("red", "is not in the result file")}`];
  const ok = opened.status === 200;
  const sign = ok ? paint("green", "✔ opens") : paint("red", `✖ answered ${opened.status}`);
  return [
    `    ${pad(label, 16)}${paint(["cyan", "underline"], opened.url)}`,
    `    ${pad("", 16)}${sign}  ${paint("dim", `${plain(opened.what)} (${size(opened.sizeBytes)})`)}`,
  ];
}

const MOST_ISSUES = 12;

function issueLines({ shipment: { name, batch }, issues }: Outcome, canvas: Canvas): string[] {
  if (!issues || issues.total === 0 || !batch) return [];
  const { paint, columns } = canvas;
  const shown = issues.issues.slice(0, MOST_ISSUES);
  const columnCells = Math.min(20, Math.max(6, ...shown.map(({ column }) => width(plain(column ?? "")))));
  const room = columns - 4 - 7 - columnCells - 4;
  const rows = shown.flatMap(({ line, column, message, severity, fix }) => {
    const where = `${(line === null ? "–" : number(line)).padStart(7)}  ${pad(squeeze(plain(column ?? ""), columnCells), columnCells)}`;
    const words = plain(fix === null ? message : `${message} Perhaps ${fix} is meant.`);
    const [first = "", ...more] = wrap(words, Math.max(20, room));
    const beside = " ".repeat(4 + width(where) + 2);
    return [
      `    ${paint(severity === "error" ? "red" : "yellow", where)}  ${first}`,
      ...more.map((part) => beside + part),
    ];
  });
  const rest = issues.total - shown.length;
  return [
    ...heading(`What was wrong with ${plain(name)}`, canvas),
    ...(batch.reason ? wrap(plain(batch.reason.message), columns - 5).map((line) => `    ${line}`) : []),
    "",
    `    ${paint("dim", `${"line".padStart(7)}  ${pad("column", columnCells)}  finding`)}`,
    ...rows,
    ...(rest > 0 ? [`    ${paint("dim", `and ${count(rest, "more finding")}`)}`] : []),
  ];
}

function mailLines({ mails, mailsSent, mailboxUrl }: Summary, canvas: Canvas): string[] {
  const { paint, columns } = canvas;
  const where =
    mailboxUrl === undefined
      ? "they went to your mail server"
      : `read them at ${paint(["cyan", "underline"], mailboxUrl)}`;
  const toCells = Math.max(0, ...mails.map(({ to }) => width(to)));
  return [
    ...heading("E-mails", canvas),
    `    ${count(mailsSent, "e-mail was", "e-mails were")} sent; ${where}`,
    ...mails.map(
      ({ to, subject }) => `    ${paint("dim", pad(to, toCells))}  ${squeeze(plain(subject), columns - 7 - toCells)}`,
    ),
  ];
}

function wrap(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && width(`${line} ${word}`) > cells) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}

/** The one JSON object of `--json`. */
export function summaryJson({ outcomes, mailsSent, elapsedMs }: Summary) {
  return {
    status: "completed",
    batches: outcomes.map(({ shipment: { name, profile, batch }, returned, issues }) => ({
      file: name,
      client: profile.client,
      project: profile.project,
      status: batch?.status ?? null,
      records: batch?.counts.records ?? null,
      imported: batch?.counts.imported ?? null,
      links: batch?.counts.links ?? null,
      delivered: batch?.deliveries.map(({ path }) => path) ?? [],
      landingPage: returned?.page?.url ?? null,
      issues: issues?.total ?? 0,
    })),
    emails: mailsSent,
    elapsedMs: Math.round(elapsedMs),
  };
}

/** What did not turn out as it should have, in sentences; empty when all did. */
export function disappointments({ outcomes, mailsSent }: Summary): string[] {
  const found: string[] = [];
  for (const { shipment, returned } of outcomes) {
    const { batch, name } = shipment;
    if (batch?.status === "failed")
      found.push(`${name} failed: ${batch.reason?.message ?? outcomeWords(shipment.track)}`);
    if (!batch?.counts.links) continue;
    for (const [what, opened] of [
      ["page", returned?.page],
      ["thumbnail", returned?.thumbnail],
    ] as const) {
      if (opened?.status !== 200)
        found.push(`the first ${what} of ${name} does not open (${opened?.url ?? "no link"})`);
    }
  }
  if (mailsSent === 0) found.push("no e-mail was sent");
  return found;
}
