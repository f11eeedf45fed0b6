import type { Issue } from "@inlet/contracts";
import type { Excerpt } from "@inlet/delimited";
import { count, figure } from "../figures.ts";
import { wrapped } from "../table.ts";
import { cut, fitting, type Terminal, widthOf } from "../terminal.ts";
import { visibleText } from "./visible-text.ts";

/** What a finding's picture shows. */
export interface Pictured {
  issue: Issue;
  /** As it was named on the command line. */
  file: string;
  /** The column's place in the file, from 1, and its label. */
  column: number | null;
  label: string | null;
  excerpt: Excerpt | undefined;
}

/** In a pipe there is no width; a person still reads it. */
const USUAL_WIDTH = 110;
/** The offending text takes at most this share of the line. */
const MARKED_SHARE = 0.6;
const ELLIPSIS = "…";

/**
 * A finding as a good compiler shows it: what is wrong, where, the line with the place underlined, and what to write instead.
 *
 *     error[not_an_integer]: quantity must be a whole number
 *        ╭─ orders.csv:7  record 6, column 3, quantity
 *      7 │ 6,"Müller, Ana",n/a,12.50
 *        │                 ^^^
 *        ╰─ fix: 12
 */
export function picture({ issue, file, column, label, excerpt }: Pictured, terminal: Terminal): string[] {
  const { paint } = terminal;
  const width = Math.min(terminal.columns, Number.isFinite(terminal.columns) ? terminal.columns : USUAL_WIDTH);
  const tone = issue.severity === "error" ? "red" : "yellow";
  const number = issue.line === null ? "" : String(issue.line);
  const gutter = " ".repeat(Math.max(3, number.length));
  const rule = (mark: string) => `${gutter} ${paint("dim", mark)}`;
  const head = headLines(issue, width).map((line, index) =>
    index === 0
      ? `${paint(tone, paint("bold", line.slice(0, line.indexOf(":"))))}${paint("bold", line.slice(line.indexOf(":")))}`
      : paint("bold", line),
  );
  const lines = [
    ...head,
    `${rule("╭─")} ${placeLine({ issue, file, column, label }, width - gutter.length - 4, terminal)}`,
  ];
  if (excerpt !== undefined) {
    const { text, indent, markers } = layOut(excerpt, width - gutter.length - 3);
    lines.push(`${paint("dim", number.padStart(gutter.length))} ${paint("dim", "│")} ${text}`);
    lines.push(`${rule("│")} ${" ".repeat(indent)}${paint(tone, markers)}`);
  }
  if (issue.fix === null)
    return excerpt === undefined ? [...lines.slice(0, -1), lines.at(-1)!.replace("╭", "╰")] : lines;
  const fix = fitting(visibleText(issue.fix), width - gutter.length - 10, "start");
  return [...lines, `${rule("╰─")} ${paint("green", `fix: ${fix}`)}`];
}

function headLines({ severity, code, message }: Issue, width: number): string[] {
  return wrapped(`${severity}[${code}]: ${visibleText(message)}`, width - 1).map((line, index) =>
    index === 0 ? line : `  ${line}`,
  );
}

/** `orders.csv:7  record 6, column 3 quantity, byte 180`, as far as there is room; the file's end is what tells. */
function placeLine(
  { issue: { record, line, offset }, file, column, label }: Omit<Pictured, "excerpt">,
  room: number,
  { paint }: Terminal,
): string {
  const place = cut(visibleText(line === null ? file : `${file}:${line}`), room, "start");
  const name = label === null || label === "" ? "" : ` ${visibleText(label)}`;
  const parts = [
    record === null ? "" : `record ${figure(record)}`,
    column === null ? "" : `column ${figure(column)}${name}`,
    line === null || offset === null ? "" : `byte ${figure(offset)}`,
  ].filter((part) => part !== "");
  const left = room - widthOf(place) - 2;
  while (parts.length > 1 && widthOf(parts.join(", ")) > left) parts.pop();
  const text = left < 10 ? "" : cut(parts.join(", "), left);
  return `${paint("cyan", place)}${text === "" ? "" : `  ${paint("dim", text)}`}`;
}

/** A line of a given width, the offending text in it, and as much round that as there is room for. */
export function layOut(
  { before, marked, after, isCutBefore, isCutAfter }: Excerpt,
  room: number,
): { text: string; indent: number; markers: string } {
  const all = { before: visibleText(before), marked: visibleText(marked), after: visibleText(after) };
  const whole = all.before + all.marked + all.after;
  const isWhole = !isCutBefore && !isCutAfter && widthOf(whole) + (marked === "" ? 1 : 0) <= room;
  if (isWhole) return { text: whole, ...underline(all.before, all.marked) };
  const shown = fitting(all.marked, Math.floor(room * MARKED_SHARE), "start");
  const isMarkedCut = shown.length < all.marked.length;
  const left = room - widthOf(shown) - 2;
  // What follows tells less than what comes before; room that one side does not need is the other's.
  const wantedAfter = Math.min(widthOf(isMarkedCut ? "" : all.after), Math.floor(left / 3));
  const start = fitting(all.before, left - wantedAfter, "end");
  const end = isMarkedCut ? "" : fitting(all.after, left - widthOf(start), "start");
  const head = start.length < all.before.length || isCutBefore ? ELLIPSIS : "";
  const tail = isMarkedCut || end.length < all.after.length || isCutAfter ? ELLIPSIS : "";
  return { text: `${head}${start}${shown}${end}${tail}`, ...underline(`${head}${start}`, shown) };
}

function underline(before: string, marked: string): { indent: number; markers: string } {
  return { indent: widthOf(before), markers: "^".repeat(Math.max(1, widthOf(marked))) };
}

/** `3 errors and 1 warning`. */
export function findingsText(errors: number, warnings: number): string {
  const parts = [errors > 0 ? count(errors, "error") : "", warnings > 0 ? count(warnings, "warning") : ""];
  return parts.filter((part) => part !== "").join(" and ");
}
