/** In pixels. Rows and columns are all alike, so that the place of each is a product. */
export const ROW_PX = 34;
export const COLUMN_PX = 140;
export const GUTTER_PX = 88;
export const HEADER_PX = 52;

/** Room for a scroll bar below the last row. */
const BAR_PX = 18;

/** As high as all rows are: a frame for few of them need not be higher. */
export const heightOf = (rowCount: number): number => HEADER_PX + rowCount * ROW_PX + BAR_PX;

/** Browsers lay out no element that is much higher than this (Firefox: 17.9 million pixels; Chrome: 33.5 million). */
const MOST_PX = 8_000_000;

/** How a place in the scrolled space stands for a row. */
export interface Scale {
  /** The height of the space for all rows. */
  wholePx: number;
  /** One pixel of it is one pixel of a row. */
  isWhole: boolean;
  toRow: (px: number) => number;
  toPx: (row: number) => number;
}

/** Makes the scale: one to one as long as the space may be as high as the rows; else drawn smaller. */
export function scaleOf({ rowCount, bodyPx }: { rowCount: number; bodyPx: number }): Scale {
  const rowsPx = rowCount * ROW_PX;
  const wholePx = Math.min(rowsPx, MOST_PX);
  const scrollPx = Math.max(1, wholePx - bodyPx);
  const lastTop = Math.max(0, rowCount - bodyPx / ROW_PX);
  const isWhole = rowsPx <= MOST_PX;
  return {
    wholePx,
    isWhole,
    toRow: (px) => (isWhole ? px / ROW_PX : (px / scrollPx) * lastTop),
    toPx: (row) => (isWhole ? row * ROW_PX : lastTop === 0 ? 0 : (row / lastTop) * scrollPx),
  };
}

/** The columns that are seen. */
export interface ShownColumns {
  from: number;
  count: number;
}

/** Which columns stand in a window of `width` pixels at `left`. */
export function layColumns({ left, width, count }: { left: number; width: number; count: number }): ShownColumns {
  const from = Math.max(0, Math.min(count - 1, Math.floor(left / COLUMN_PX)));
  return { from, count: Math.min(count - from, Math.max(1, Math.ceil(width / COLUMN_PX) + 1)) };
}
