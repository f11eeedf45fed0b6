import { count, duration, figure } from "../figures.ts";
import { type Column, renderTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";
import type { Total } from "./check-file.ts";
import { findingsText } from "./picture.ts";
import { visibleText } from "./visible-text.ts";

/** What became of one of several files. */
export interface FileLine {
  file: string;
  outcome: "pass" | "fail" | "unread";
  records: number | null;
  elapsedMs: number | null;
  totals: readonly Total[];
  /** Where the first error is: ` from line 12`. */
  first: string;
  /** Why it could not be read. */
  message: string;
}

const MARKS = { pass: ["green", "✓"], fail: ["red", "✗"], unread: ["red", "!"] } as const;

/** One line of a file, among others whose names are up to `nameWidth` wide. */
export function fileLine(line: FileLine, nameWidth: number, terminal: Terminal): string {
  const [style, mark] = MARKS[line.outcome];
  const columns: Column<FileLine>[] = [
    { title: "", text: () => mark, paint: (_, cell) => terminal.paint(style, cell) },
    { title: "", text: ({ file }) => visibleText(file).padEnd(nameWidth) },
    {
      title: "",
      text: ({ records }) =>
        (records === null ? "" : figure(records)).padStart(11) + (records === null ? "" : " records"),
    },
    { title: "", text: ({ elapsedMs }) => (elapsedMs === null ? "" : duration(elapsedMs).padStart(7)) },
    { title: "", text: findings, flexible: true },
  ];
  return renderTable([line], columns, terminal).at(-1)!;
}

const CODES_SHOWN = 3;

/** `8 errors from line 63: quote_unclosed, 2 not_a_decimal, …`. */
function findings({ totals, first, message }: FileLine): string {
  if (message !== "") return visibleText(message);
  if (totals.length === 0) return "";
  const sum = (severity: Total["severity"]) =>
    totals.filter((total) => total.severity === severity).reduce((all, total) => all + total.count, 0);
  const codes = totals
    .slice(0, CODES_SHOWN)
    .map((total) => (total.count === 1 ? total.code : `${figure(total.count)} ${total.code}`));
  const more = totals.length > CODES_SHOWN ? [count(totals.length - CODES_SHOWN, "other kind")] : [];
  return `${findingsText(sum("error"), sum("warning"))}${first}: ${[...codes, ...more].join(", ")}`;
}
