/** Which rows are shown: all, or those with findings (of a kind, of a column), page by page. */
export interface RowFilter {
  only?: "findings";
  finding?: string;
  column?: string;
}

export const ALL_ROWS: RowFilter = {};

export const isFiltered = ({ only, finding }: RowFilter): boolean => only !== undefined || finding !== undefined;
