import type { Cell, ColumnType, TableColumn } from "@inlet/contracts";

/** How a column's cells are read. */
export type CellKind = "number" | "boolean" | "date" | "timestamp" | "text";

const KINDS: Partial<Record<ColumnType, CellKind>> = {
  integer: "number",
  decimal: "number",
  boolean: "boolean",
  date: "date",
  timestamp: "timestamp",
};

export const kindOf = ({ type }: Pick<TableColumn, "type">): CellKind => KINDS[type] ?? "text";

/**
 * A cell as a text, exactly as it is in the table: figures have no separators, and times are in UTC, as files have them.
 * Undefined: it is null.
 */
export function cellText(cell: Cell | undefined, kind: CellKind): string | undefined {
  if (cell === null || cell === undefined) return undefined;
  if (kind === "timestamp" && typeof cell === "string") return cell.replace("T", " ").replace(/(?:\.0+)?Z$/, " UTC");
  return String(cell);
}

/** Widths in pixels: of a letter, of what stands around a cell, and of key and arrow beside a column's name. */
const LETTER_PX = 9.4;
const CELL_ROOM_PX = 28;
const HEADER_ROOM_PX = 58;
const LEAST_PX = 84;
const MOST_PX = 340;

/**
 * How wide a column is: as its name and its cells need it. All rows have the same widths, whichever of them are in the page.
 * @param rows the first rows; more of them would make columns jump while one reads on
 */
export function widthOf(column: TableColumn, rows: readonly Readonly<Record<string, Cell>>[]): number {
  const kind = kindOf(column);
  const letters = Math.max(0, ...rows.map((row) => (cellText(row[column.name], kind) ?? "null").length));
  const needed = Math.max(column.name.length * LETTER_PX + HEADER_ROOM_PX, letters * LETTER_PX + CELL_ROOM_PX);
  return Math.round(Math.min(MOST_PX, Math.max(LEAST_PX, needed)));
}
