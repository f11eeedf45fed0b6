import {
  type AssetChoice,
  type AssetKind,
  type Condition,
  type LocalizedText,
  type Paint,
  type PlaceholderFormat,
  STAGES,
  type Storyboard,
} from "@inlet/contracts";
import type { FilmAsset } from "../film/film.ts";
import type { Row, StoredAssets } from "../row.ts";
import { compileCondition } from "../rules/compile-condition.ts";
import { type Direction, languageDirection } from "../words/direction.ts";
import { languageOf, textIn } from "../words/language.ts";
import { cellWords, type Merging, mergeWords, type ValueLimits, type Words } from "../words/merge.ts";
import { assetOf } from "./asset-of.ts";
import { mergeUrl } from "./merge-url.ts";

/** What a film or a page is made with, besides the storyboard and the row. */
export interface ResolveOptions {
  /** The files that are ready to be shown, by name. What is missing is left out. */
  assets: StoredAssets;
  /** Instead of the row's own: the nearest that the storyboard speaks. */
  language?: string | undefined;
}

/**
 * What all parts of one recipient's film and page are made of. Whatever hangs on the row is asked here, and nowhere else:
 * that is what lets films of many rows share what is the same in them, see `openVariants`.
 */
export interface Resolving {
  /** BCP 47. */
  language: string;
  direction: Direction;
  /** Of the stage, in its pixels. */
  width: number;
  paint(paint: Paint): string;
  holds(condition: Condition): boolean;
  words(text: LocalizedText, limits: ValueLimits): Words;
  /** A cell by itself, as text to be shown. */
  cell(column: string, format: PlaceholderFormat | undefined, limits: ValueLimits): Words;
  /** Undefined: the address is none that is to be opened. */
  url(template: string): string | undefined;
  asset(choice: AssetChoice | undefined, kinds: readonly AssetKind[]): FilmAsset | undefined;
}

/** Chooses the language of a row, and how its words, colours and assets are found. */
export function resolvingOf(storyboard: Storyboard, row: Row, { assets, language: wanted }: ResolveOptions): Resolving {
  const { brand, fallbacks } = storyboard;
  const language = languageOf(storyboard, row, wanted);
  const direction = languageDirection(language);
  const merging: Merging = { row, fallbacks, language, direction };
  return {
    language,
    direction,
    width: STAGES[storyboard.stage].width,
    paint: (paint) => (paint === "brand" ? brand.colour : paint === "accent" ? brand.accent : paint),
    holds: (condition) => compileCondition(condition)(row),
    words: (text, limits) => mergeWords(textIn(text, language, storyboard.language.default), merging, limits),
    cell: (column, format, limits) => cellWords(column, format, merging, limits),
    url: (template) => mergeUrl(template, merging),
    asset: (choice, kinds) => assetOf(choice, kinds, assets, merging),
  };
}
