import { type Film, filmOf, type Row } from "@inlet/storyboard";
import type { OpenedLink } from "./open-link.ts";

/** Changes what a row holds before it is shown. */
export type FitRow = (row: Row) => Row;

/**
 * What a link shows, made for its recipient. Undefined: its batch has no storyboard, and it shows the simple page. What is drawn
 * here needs `fit`: fewer fonts are here than in browsers.
 */
export function linkFilm({ batch, recipient }: OpenedLink, fit: FitRow = (row) => row): Film | undefined {
  const { storyboard: shown } = batch;
  return shown && filmOf(shown.storyboard, fit(rowOfRecipient(recipient)), shown);
}

/** A recipient's fields as a storyboard asks for them. */
export const rowOfRecipient =
  (recipient: OpenedLink["recipient"]): Row =>
  (column) =>
    recipient.get(column);
