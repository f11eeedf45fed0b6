import type { Recipient } from "@inlet/purl";
import { displayText } from "@inlet/storyboard";
import { mergeTemplate, type Piece, plainText } from "./merge.ts";
import type { OpenedLink } from "./open-link.ts";

/** What a link shows, as text: the page lays it out, the thumbnail draws it. */
export interface LinkView {
  sender: string;
  /** Not for recipients yet: somebody tries whether all goes as agreed. */
  rehearsal: boolean;
  title: readonly Piece[];
  text: readonly Piece[];
  fields: readonly { label: string; value: string }[];
  button: { label: string; url: string } | undefined;
  colour: string;
}

/** In characters. Longer values end in an ellipsis: a cell may hold megabytes. */
const MAX_IN_TITLE = 60;
const MAX_IN_TEXT = 400;
const MAX_IN_FIELD = 300;

/**
 * Merges a recipient's fields into the profile's words. `fit` may change a value before it is shown, or take it away by
 * making it empty; the thumbnail has no glyphs for some.
 */
export function linkView(
  { batch, recipient }: OpenedLink,
  fit: (value: string) => string = (value) => value,
): LinkView {
  const { page, sender } = batch;
  const value = (maxCharacters: number, lines: boolean) => (column: string) =>
    fit(shown(recipient, column, { maxCharacters, lines }));
  const title = mergeTemplate(page.title, value(MAX_IN_TITLE, false));
  return {
    sender,
    rehearsal: batch.rehearsal,
    title: plainText(title) === "" ? [{ text: sender, personal: false }] : title,
    text: mergeTemplate(page.text, value(MAX_IN_TEXT, true)),
    // A label without a value tells a recipient only that something is wrong.
    fields: page.fields
      .map(({ column, label }) => ({ label, value: value(MAX_IN_FIELD, true)(column) }))
      .filter((field) => field.value !== ""),
    button: page.button,
    colour: page.colour,
  };
}

function shown(recipient: Recipient, column: string, limits: { maxCharacters: number; lines: boolean }): string {
  return displayText(recipient.get(column) ?? "", limits);
}
