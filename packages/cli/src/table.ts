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
  /** Which end of a cell that is too long is kept. */
  keep?: "start" | "end";
}

const GAP = "  ";
const LEAST_FLEXIBLE = 12;

/** Rows in aligned columns, a heading over them. Columns in which nothing stands are left out. */
export function renderTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[], terminal: Terminal): string[] {
  const shown = columns
    .map((column) => ({ column, cells: rows.map((row) => printable(column.text(row))) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ""));
  const widths = shown.map(({ column, cells }) => Math.max(widthOf(column.title), ...cells.map(widthOf)));
  const flexible = shown.findIndex(({ column }) => column.flexible);
  const taken = widths.reduce((sum, width) => sum + width, 0) + GAP.length * (shown.length - 1);
  if (flexible >= 0 && taken > terminal.columns) {
    widths[flexible] = Math.max(LEAST_FLEXIBLE, widths[flexible]! - (taken - terminal.columns));
  }
  const line = (cellOf: (index: number) => string) =>
    shown
      .map((_, index) => cellOf(index))
      .join(GAP)
      .trimEnd();
  const pad = (text: string, index: number) => {
    const { align, keep } = shown[index]!.column;
    const fitted = cut(text, widths[index]!, keep === "end" ? "start" : "end");
    const space = " ".repeat(Math.max(0, widths[index]! - widthOf(fitted)));
    return align === "right" ? space + fitted : fitted + space;
  };
  return [
    line((index) => terminal.paint("dim", pad(shown[index]!.column.title, index))),
    ...rows.map((row, rowIndex) =>
      line((index) => {
        const { column, cells } = shown[index]!;
        const padded = pad(cells[rowIndex]!, index);
        return column.paint?.(row, padded) ?? padded;
      }),
    ),
  ];
}
