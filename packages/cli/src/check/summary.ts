import type { Column } from "@inlet/contracts";
import type { ScanPlan } from "@inlet/delimited";
import { bytes, count, duration, figure } from "../figures.ts";
import { wrapped } from "../table.ts";
import { cut, type Terminal } from "../terminal.ts";
import type { CheckedFile, Total } from "./check-file.ts";
import { hasErrors } from "./file-check-object.ts";
import { findingsText } from "./picture.ts";
import { visibleText } from "./visible-text.ts";

const COLUMNS_SHOWN = 24;
const LABEL_WIDTH = 30;

/** What is said of one file at its end: the verdict, how often what was found, and how the file was read. */
export function summary(checked: CheckedFile, shown: number, terminal: Terminal): string[] {
  const { report, fields } = checked;
  const { paint } = terminal;
  const found = report.issues.errors + report.issues.warnings;
  const more = found > shown && shown > 0 ? [paint("dim", `… and ${figure(found - shown)} more`), ""] : [];
  const facts: [string, string][] = report.scan === null ? [] : [["read as", dialectText(report.scan)]];
  const columns = columnsText(checked);
  if (columns !== "") facts.push([fields === undefined ? "columns" : "types", columns]);
  const width = Math.min(110, terminal.columns) - 10;
  return [
    ...more,
    verdictLine(checked, terminal),
    ...totalLines(checked.totals, terminal),
    ...facts.flatMap(([name, text]) =>
      wrapped(text, width).map((line, index) => paint("dim", `  ${(index === 0 ? name : "").padEnd(8)}${line}`)),
    ),
  ];
}

/** `✗ orders.csv: 1 error in 50,000 records, 1 record invalid (3.6 MB, 120 ms)`. */
export function verdictLine(checked: CheckedFile, terminal: Terminal): string {
  const { paint } = terminal;
  const { file, data, report, elapsedMs } = checked;
  const { errors, warnings } = report.issues;
  const { records, rejected } = report.counts;
  const isBad = hasErrors(report);
  const mark = isBad ? paint("red", "✗") : errors + warnings > 0 ? paint("yellow", "✓") : paint("green", "✓");
  const name = paint("bold", cut(visibleText(file), Math.max(20, terminal.columns - 50), "start"));
  const findings = findingsText(errors, warnings) || "nothing to report";
  const invalid = rejected > 0 && rejected !== errors ? `, ${count(rejected, "record")} invalid` : "";
  const size = `${bytes(data.plainSizeBytes)}${data.zippedName === undefined ? "" : ` in a ZIP of ${bytes(data.sizeBytes)}`}`;
  return `${mark} ${name}: ${paint(isBad ? "red" : "bold", findings)} in ${count(records, "record")}${invalid} ${paint("dim", `(${size}, ${duration(elapsedMs)})`)}`;
}

function totalLines(totals: readonly Total[], { paint }: Terminal): string[] {
  if (totals.length === 0) return [];
  const sorted = [...totals].sort(
    (a, b) => Number(a.severity === "warning") - Number(b.severity === "warning") || b.count - a.count,
  );
  const width = Math.max(...sorted.map((total) => figure(total.count).length));
  return sorted.map(
    ({ severity, code, count: times }) =>
      `  ${figure(times).padStart(width)}  ${paint(severity === "error" ? "red" : "yellow", severity.padEnd(7))}  ${code}`,
  );
}

const DELIMITERS: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "|": "bar", "\t": "tab" };
const LINE_ENDS = { "\n": "LF", "\r\n": "CRLF", "\r": "CR", mixed: "mixed line ends" };

/** `UTF-8, comma, quote ", LF, column names in line 1`. */
export function dialectText({ dialect, header }: ScanPlan): string {
  const { encoding, bom, delimiter, quote, comment, lineEnd, confidence } = dialect;
  const names = (header.records ?? 1) === 0 ? "no column names" : `column names in line ${header.line}`;
  const parts = [
    `${encoding === "utf-8" ? "UTF-8" : "Windows-1252"}${bom ? " with byte-order mark" : ""}`,
    DELIMITERS[delimiter] ?? `delimiter ${visibleText(delimiter)}`,
    quote === null ? "no quotes" : `quote ${quote}${dialect.escape === "backslash" ? " escaped by \\" : ""}`,
    ...(comment === null ? [] : [`comments after ${visibleText(comment)}`]),
    LINE_ENDS[lineEnd],
    names,
    ...(confidence < 0.9 ? [`${Math.round(confidence * 100)} % sure`] : []),
  ];
  return parts.join(", ");
}

/** `id: integer, ordered: date (dd.MM.yyyy), …`; of many columns only how many there are of each type. */
function columnsText({ report, table, fields }: CheckedFile): string {
  const columns = report.columns.map(({ index, label, column }) => {
    const known = table.columns.find(({ name }) => name === column);
    const none = fields === undefined ? "not in the table" : "no name of its own";
    const name = cut(visibleText(label === "" ? `column ${index + 1}` : label), LABEL_WIDTH);
    return { name, type: known === undefined ? none : typeText(known) };
  });
  if (columns.length <= COLUMNS_SHOWN) return columns.map(({ name, type }) => `${name}: ${type}`).join(", ");
  const byType = Map.groupBy(columns, ({ type }) => type);
  return [...byType]
    .map(
      ([type, some]) =>
        `${figure(some.length)} ${type}${some.length <= 3 ? ` (${some.map(({ name }) => name).join(", ")})` : ""}`,
    )
    .join(", ");
}

function typeText({ type, format, decimalSeparator }: Column): string {
  if (format !== undefined) return `${type} (${format})`;
  return type === "decimal" && decimalSeparator === "," ? "decimal (1,5)" : type;
}
