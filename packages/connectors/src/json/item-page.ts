import type { PageContent, PagePlaces } from "../connector.ts";

/** What of each item is read. Each path as the names on the way (`jsonPathNames` of contracts); a number is a place in a list. */
export interface ItemFields {
  /** Where each cell's value lies, in the columns' order. */
  cells: readonly (readonly string[])[];
  /** Which cells name an item, by their place among the cells. Default: none. */
  key?: readonly number[];
  /** Where an item says when it was changed, or its growing key: for pulls that are incremental. */
  by?: { path: readonly string[]; kind: "time" | "key" };
}

/**
 * A page's items as lines of a CSV file: UTF-8, commas, doubled quotes, `\n`, no header; a cell is quoted only where it must be.
 * Text stands as it is meant, numbers as they are written (exponents in plain decimal), booleans as `true` and `false`, lists and
 * objects as JSON without white space. Null, the empty text and what is not there are all the empty cell, because that is NULL
 * to every check, quoted or not.
 *
 * All of it lies in the reader's own memory: it holds until the reader's next `read`.
 */
export interface ItemPage extends PageContent {
  /** One line an item. */
  rows: Buffer;
  /** Where each item's line ends in {@link rows}, its line end included; as many as items. */
  rowEnds: Uint32Array;
  /** Four numbers an item: a 128-bit hash of its key's cells, the same in every process; empty where there is no key. */
  keyHashes: Uint32Array;
  /** Characters that UTF-8 has no bytes for (half a surrogate pair), which became U+FFFD. */
  replacedCharacters: number;
  /** The cells of an item's key, as text. */
  keyOf(item: number): string[];
  /**
   * The latest time, or greatest key, that the items have at `by`, as it is written there; null: none says one.
   * @throws BrokenAnswer when a value can't be read as a time
   */
  greatestBy(): string | null;
}

/** Reads the pages of one pull. */
export interface ItemReader {
  /**
   * One pass over an answer's bytes: strict JSON (RFC 8259), at most {@link MOST_DEPTH} levels deep; of names that come twice in
   * an object the last counts, as with JSON.parse.
   * @throws BrokenAnswer naming the byte where it is no JSON, or is cut off, or no list is where one should be
   */
  read(body: Buffer, places: PagePlaces): ItemPage;
}

/** Lists and objects within each other, at most. Answers of systems have a handful. */
export const MOST_DEPTH = 256;
