import type { AddedColumns } from "@inlet/delimited";
import { LINK_LABELS, linkLength, linkShapes, type TokenWriter } from "@inlet/purl";
import type { Withheld } from "./withheld.ts";

/** The new columns of one result file, and how many links were written into them, or withheld, so far. */
export interface LinkColumns extends AddedColumns {
  readonly linked: number;
  readonly withheld: number;
}

/** The columns `thumbnail_1` and `landingPage` for one batch's records. `requirements` keep some from a link: their cells stay empty. */
export function linkColumns(
  writer: TokenWriter,
  landingUrl: string,
  requirements: Pick<Withheld, "mark"> | undefined,
): LinkColumns {
  const { thumbnail, page } = linkShapes(landingUrl);
  const widths = [linkLength(thumbnail), linkLength(page)];
  const rowBytes = linkLength(thumbnail) + linkLength(page);
  const offsets = [thumbnail.before.length, linkLength(thumbnail) + page.before.length];
  // A row with room for its tokens; all rows are this one but for those 35 characters, twice.
  const row = Buffer.alloc(rowBytes, " ");
  row.write(thumbnail.before, 0, "latin1");
  row.write(thumbnail.after, linkLength(thumbnail) - thumbnail.after.length, "latin1");
  row.write(page.before, linkLength(thumbnail), "latin1");
  row.write(page.after, rowBytes - page.after.length, "latin1");
  let linked = 0;
  let unlinked = 0;

  return {
    labels: LINK_LABELS,
    widths,
    fill(records, target, withheld) {
      target.fill(row, 0, records.length * rowBytes);
      writer.write(records, target, { stride: rowBytes, offsets });
      linked += records.length;
      return requirements?.mark(records, withheld).then((marked) => {
        linked -= marked;
        unlinked += marked;
      });
    },
    get linked() {
      return linked;
    },
    get withheld() {
      return unlinked;
    },
  };
}
