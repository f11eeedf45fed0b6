import type { Storyboard, StoryboardPage } from "@inlet/contracts";
import type { FilmAsset } from "../film/film.ts";
import type { Row } from "../row.ts";
import type { Direction } from "../words/direction.ts";
import type { ValueLimits, Words } from "../words/merge.ts";
import { type ResolveOptions, type Resolving, resolvingOf } from "./resolving.ts";

/** The page around a recipient's film, as plain text: the landing service lays it out. */
export interface PageWords {
  template: StoryboardPage["template"];
  /** BCP 47. */
  language: string;
  direction: Direction;
  /** May be empty. */
  title: Words;
  /** May be empty; line breaks count. */
  text: Words;
  /** Those with a value; line breaks count. */
  fields: readonly { label: Words; value: Words }[];
  button: { label: Words; url: string } | undefined;
  /** May be empty; line breaks count. */
  footer: Words;
  links: readonly { label: Words; url: string }[];
  /** Whether the film is offered as an MP4. */
  download: boolean;
  /** `#rrggbb` */
  colour: string;
  /** `#rrggbb` */
  accent: string;
  logo: FilmAsset | undefined;
  favicon: FilmAsset | undefined;
}

/** Longer values end in an ellipsis: a cell may hold megabytes. */
const IN_TITLE: ValueLimits = { maxCharacters: 60, lines: false };
const IN_LABEL: ValueLimits = { maxCharacters: 40, lines: false };
const IN_TEXT: ValueLimits = { maxCharacters: 400, lines: true };
const IN_FIELD: ValueLimits = { maxCharacters: 300, lines: true };

/** The words of a row's page, in the language of its film. */
export function pageWordsOf(storyboard: Storyboard, row: Row, options: ResolveOptions): PageWords {
  return resolvedPageWords(storyboard, resolvingOf(storyboard, row, options));
}

/** The same by whoever answers for the row. */
export function resolvedPageWords(storyboard: Storyboard, resolving: Resolving): PageWords {
  const { words } = resolving;
  const { page, brand } = storyboard;
  const link = ({ label, url }: NonNullable<StoryboardPage["button"]>) => {
    const merged = resolving.url(url);
    const shown = words(label, IN_LABEL);
    return merged === undefined || shown.text === "" ? undefined : { label: shown, url: merged };
  };
  return {
    template: page.template,
    language: resolving.language,
    direction: resolving.direction,
    title: words(page.title, IN_TITLE),
    text: words(page.text, IN_TEXT),
    // A label without a value tells a recipient only that something is wrong.
    fields: page.fields
      .map(({ column, label, format }) => ({
        label: words(label, IN_LABEL),
        value: resolving.cell(column, format, IN_FIELD),
      }))
      .filter(({ value }) => value.text !== ""),
    button: page.button && link(page.button),
    footer: words(page.footer, IN_TEXT),
    links: page.links.flatMap((each) => link(each) ?? []),
    download: page.download,
    colour: brand.colour,
    accent: brand.accent,
    logo: resolving.asset(page.logo, ["image"]),
    favicon: resolving.asset(page.favicon, ["image"]),
  };
}
