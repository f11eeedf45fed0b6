import { type Film, filmOf, type PageWords, pageWordsOf, type Row } from "@inlet/storyboard";
import type { OpenedLink } from "./open-link.ts";

/** What a link shows, made for its recipient. Undefined: its batch has no storyboard, and it shows the simple page. */
export function linkFilm({ batch, recipient }: OpenedLink): Film | undefined {
  const { storyboard: shown } = batch;
  return shown && filmOf(shown.storyboard, rowOfRecipient(recipient), shown);
}

/** The words around the film, likewise. */
export function linkPageWords({ batch, recipient }: OpenedLink): PageWords | undefined {
  const { storyboard: shown } = batch;
  return shown && pageWordsOf(shown.storyboard, rowOfRecipient(recipient), shown);
}

const rowOfRecipient =
  (recipient: OpenedLink["recipient"]): Row =>
  (column) =>
    recipient.get(column);
