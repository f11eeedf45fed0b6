/** A cell, by the place of its row in the list and of its column in the file, from 0. */
export interface Place {
  row: number;
  column: number;
}

interface Bounds {
  rows: number;
  columns: number;
  /** Rows of one screen. */
  page: number;
}

/** Where a key leads from a cell, as in a spreadsheet; undefined: it leads nowhere. */
export function moved(
  { row, column }: Place,
  { key, ctrlKey, metaKey }: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey">,
  { rows, columns, page }: Bounds,
): Place | undefined {
  const far = ctrlKey || metaKey;
  const within = (at: Place): Place => ({
    row: Math.max(0, Math.min(rows - 1, at.row)),
    column: Math.max(0, Math.min(columns - 1, at.column)),
  });
  switch (key) {
    case "ArrowDown":
      return within({ row: far ? rows : row + 1, column });
    case "ArrowUp":
      return within({ row: far ? 0 : row - 1, column });
    case "ArrowRight":
      return within({ row, column: far ? columns : column + 1 });
    case "ArrowLeft":
      return within({ row, column: far ? 0 : column - 1 });
    case "PageDown":
      return within({ row: row + page, column });
    case "PageUp":
      return within({ row: row - page, column });
    case "Home":
      return within({ row: far ? 0 : row, column: 0 });
    case "End":
      return within({ row: far ? rows : row, column: columns });
    default:
      return undefined;
  }
}
