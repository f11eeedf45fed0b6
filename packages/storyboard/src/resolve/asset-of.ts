import type { AssetChoice, AssetKind, StoredAsset } from "@inlet/contracts";
import type { FilmAsset } from "../film/film.ts";
import type { StoredAssets } from "../row.ts";
import { displayText } from "../words/display-text.ts";
import { formatValue } from "../words/format-value.ts";
import { fallbackOf, type Merging } from "../words/merge.ts";
import { parseTemplate } from "../words/template.ts";

/**
 * The asset that a place shows for a row: the one of the chosen name, or else the choice's fallback. Undefined where there is
 * neither, or it is of a kind that the place cannot show.
 */
export function assetOf(
  choice: AssetChoice | undefined,
  kinds: readonly AssetKind[],
  assets: StoredAssets,
  merging: Merging,
): FilmAsset | undefined {
  if (choice === undefined) return undefined;
  const names = typeof choice === "string" ? [choice] : [chosenName(choice.name, merging), choice.fallback];
  for (const name of names) {
    const asset = name === undefined ? undefined : assetNamed(name, assets);
    if (asset !== undefined && kinds.includes(asset.kind)) return filmAsset(asset);
  }
  return undefined;
}

/** By its name; where there is none, by its name without regard to case: `Blue.webp` for the value `blue`. */
function assetNamed(name: string, assets: StoredAssets): StoredAsset | undefined {
  if (Object.hasOwn(assets, name)) return assets[name];
  const folded = name.toLowerCase();
  const found = Object.keys(assets).find((each) => each.toLowerCase() === folded);
  return found === undefined ? undefined : assets[found];
}

/** A name of the row's values: `{{product}}.webp` and the value "Café Crème" make `Cafe-Creme.webp`. */
function chosenName(template: string, merging: Merging): string {
  return parseTemplate(template)
    .parts.map((part) => {
      if (typeof part === "string") return part;
      const text = displayText(merging.row(part.column) ?? "", { maxCharacters: 100, lines: false });
      const value = text === "" || part.format === undefined ? text : formatValue(text, part.format, "en");
      return asNamePart(value === "" ? (part.fallback ?? fallbackOf(part.column, merging)) : value);
    })
    .join("");
}

/** What can stand in an asset's name (see `assetNameSchema`); all else becomes hyphens. */
function asNamePart(value: string): string {
  return value
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^-+|-+$/g, "");
}

function filmAsset({ kind, sha256, width, height, durationMs }: StoredAsset): FilmAsset {
  return { kind, sha256, width, height, durationMs };
}
