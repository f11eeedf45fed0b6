import { cut, printable, type Terminal, widthOf } from "./terminal.ts";

/** One column of a table. */
export interface Column<Row> {
  title: string;
  /** The cell's plain text; it is made printable here. */
  text: (row: Row) => string;
  /** How the padded cell is painted. */
  paint?: (row: Row, padded: string) => string;
  align?: "left" | "right";
  /** Takes what the others leave, and is cut when that is too little. One column at most. */
  flexible?: boolean;
  /** Whether a flexible cell goes on below instead of being cut. */
  wrap?: boolean;
  /** Gives its place to a flexible column that would be cut short; of several the last one first. */
  spare?: boolean;
  /** Which end of a cell that is too long is kept. */
  keep?: "start" | "end";
}

const GAP = "  ";
const LEAST_FLEXIBLE = 12;
/** With less than this a file's name does not say which file it is: a spare column goes before that. */
const READABLE_FLEXIBLE = 24;

/** Rows in aligned columns, a heading over them. Columns in which nothing stands are left out. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Terminal): string[] {
  const filled = columns
    .map((column) => ({ column, cells: rows.map((row) => printable(column.text(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const shown = withoutSpare(filled, terminal.columns);
  const widths = fitWidths(shown, terminal.columns);
  const join = (cells: readonly string[]) => cells.join(GAP).trimEnd();
  const heading = shown.map(({ column }, index) => terminal.paint("dim", pad(column.title, widths[index]!, column)));
  const body = rows.flatMap((row, rowIndex) => {
    const parts = shown.map(({ column, cells }, index) => fitCell(cells[rowIndex]!, widths[index]!, column));
    const height = Math.max(1, ...parts.map((lines) => lines.length));
    return Array.from({ length: height }, (_, lineIndex) =>
      join(
        shown.map(({ column }, index) => {
          const padded = pad(parts[index]![lineIndex] ?? "", widths[index]!, column);
          return padded.trim() === "" ? padded : (column.paint?.(row, padded) ?? padded);
        }),
      ),
    );
  });
  return [join(heading), ...body];
}

interface Filled {
  column: Column<never>;
  cells: readonly string[];
}

const naturalWidth = ({ column, cells }: Filled) => Math.max(widthOf(column.title), ...cells.map(widthOf));

/** The columns without the spare ones that the flexible one needs the place of. */
function withoutSpare<Each extends Filled>(filled: readonly Each[], room: number): readonly Each[] {
  const flexible = filled.findIndex(({ column }) => column.flexible);
  const spare = filled.findLastIndex(({ column }) => column.spare);
  if (flexible < 0 || spare < 0) return filled;
  const wanted = Math.min(READABLE_FLEXIBLE, naturalWidth(filled[flexible]!));
  if (fitWidths(filled, room)[flexible]! >= wanted) return filled;
  return withoutSpare(filled.toSpliced(spare, 1), room);
}

/** The widest cell of each column; the flexible one takes what is left. */
function fitWidths(shown: readonly Filled[], room: number): number[] {
  const widths = shown.map(naturalWidth);
  const flexible = shown.findIndex(({ column }) => column.flexible);
  const taken = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (shown.length - 1);
  if (flexible >= 0 && taken > room) {
    widths[flexible] = Math.max(LEAST_FLEXIBLE, widths[flexible]! - (taken - room));
  }
  return widths;
}

function fitCell(text: string, width: number, { keep, wrap }: Column<never>): string[] {
  if (wrap) return wrapped(text, width);
  return [cut(text, width, keep === "end" ? "start" : "end")];
}

function pad(text: string, width: number, { align }: Column<never>): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? space + text : text + space;
}

/** A text in lines of at most a width, broken between words where there are any. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (widthOf(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    line = cut(word, width);
  }
  return [...lines, line];
}

/** A text in lines that fit; one with a word that does not, such as a long path, stays whole, so that it can be copied. */
export function inLines(text: string, width: number): string[] {
  return text.split(" ").some((word) => widthOf(word) > width) ? [text] : wrapped(text, width);
}
