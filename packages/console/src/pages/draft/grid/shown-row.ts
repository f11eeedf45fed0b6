import type { DraftRow } from "@inlet/contracts";

/** Columns of rows that are asked for together. */
export const BLOCK_COLUMNS = 60;

/** A row with the places of its cells. */
export interface ShownRow extends DraftRow {
  /** Its cell at a place of the file's columns; undefined: it is not here yet. */
  cell: (column: number) => string | undefined;
}

/** Some columns of a row: block `block` of them. Undefined: they are not here yet. */
interface RowPart {
  block: number;
  row: DraftRow | undefined;
}

/** Why a cell cannot be mended in the grid; undefined: it can. */
export function whyNotMended({ cut, cell, cellCount }: ShownRow, column: number): string | undefined {
  if (cut.includes(column)) return "This cell is longer than is shown here. Mend it in the file itself.";
  if (cell(column) === undefined && column < cellCount) return "This cell is not here yet. Try again in a moment.";
  return undefined;
}

/** A row out of the blocks of columns in which it was asked for; undefined while none of them is here. */
export function rowOfParts(parts: readonly RowPart[]): ShownRow | undefined {
  const first = parts.find(({ row }) => row !== undefined)?.row;
  if (first === undefined) return undefined;
  return {
    ...first,
    // Each part tells of its own columns. A cell that is cut must not be taken for one that is shown whole.
    cut: parts.flatMap(({ row }) => row?.cut ?? []),
    cell: (column) => {
      const part = parts.find(({ block }) => block === Math.floor(column / BLOCK_COLUMNS));
      return part?.row?.cells[column % BLOCK_COLUMNS];
    },
  };
}
