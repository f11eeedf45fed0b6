import { type AssetKind, assetNameSchema, type Storyboard } from "@inlet/contracts";
import { assetPlacesOf, type Path } from "../walk.ts";
import { parseTemplate } from "../words/template.ts";
import { type DidYouMean, didYouMeanOf } from "./nearest-name.ts";
import { error, type StoryboardProblem, warning } from "./problem.ts";

/** What there is, by name. */
export type KnownAssets = Readonly<Record<string, { kind: AssetKind }>>;

/** Assets that there are none of, or of a kind that their place cannot show. Without `assets` only names are looked at. */
export function assetProblems(storyboard: Storyboard, assets: KnownAssets | undefined): StoryboardProblem[] {
  const didYouMean = didYouMeanOf(Object.keys(assets ?? {}));
  return assetPlacesOf(storyboard).flatMap(({ path, choice, kinds }) => {
    const check = (name: string, at: Path) =>
      assets === undefined ? [] : namedProblems(name, at, { kinds, assets, didYouMean });
    if (typeof choice === "string") return check(choice, path);
    const { parts } = parseTemplate(choice.name);
    const fallback = choice.fallback === undefined ? [] : check(choice.fallback, [...path, "fallback"]);
    const at = [...path, "name"];
    // What the storyboard itself writes of the name; a letter stands for each value.
    const sample = parts.map((part) => (typeof part === "string" ? part : "x")).join("");
    if (!assetNameSchema.safeParse(sample).success) return [error(at, NO_NAME), ...fallback];
    if (parts.every((part) => typeof part === "string")) return [...check(choice.name, at), ...fallback];
    if (choice.fallback !== undefined) return fallback;
    return [warning(at, "A row whose values name no asset shows nothing here; name a fallback.")];
  });
}

function namedProblems(
  name: string,
  path: Path,
  { kinds, assets, didYouMean }: { kinds: readonly AssetKind[]; assets: KnownAssets; didYouMean: DidYouMean },
): StoryboardProblem[] {
  const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (asset === undefined) {
    return [error(path, `There is no asset ${name}; upload it.${didYouMean(name)}`)];
  }
  if (kinds.includes(asset.kind)) return [];
  return [
    error(path, `${name} is ${WORDS[asset.kind]}; here stands ${kinds.map((kind) => WORDS[kind]).join(" or ")}.`),
  ];
}

const NO_NAME =
  "This makes no asset's name: that is letters, digits, dots, hyphens and underscores, and begins with a letter or digit.";
const WORDS: Readonly<Record<AssetKind, string>> = { image: "an image", video: "a video", audio: "a sound" };
