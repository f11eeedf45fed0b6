import type { AssetKind } from "@inlet/contracts";
import type { Film, FilmAsset } from "@inlet/storyboard";

/** What an asset's address ends in: what it was made into. */
export const ASSET_EXTENSIONS: Readonly<Record<AssetKind, string>> = { image: "webp", video: "mp4", audio: "m4a" };

/** An asset's address, seen from a page. */
export function assetPath({ sha256, kind }: Pick<FilmAsset, "sha256" | "kind">): string {
  return `../a/${sha256}.${ASSET_EXTENSIONS[kind]}`;
}

/** What a film shows and sounds. The same one may stand there several times. */
export function filmAssets({ scenes, sounds }: Film): FilmAsset[] {
  const assets = scenes.flatMap(({ background, layers }) => [
    ...(background.asset === undefined ? [] : [background.asset]),
    ...layers.flatMap((layer) => (layer.kind === "image" ? [layer.asset] : [])),
  ]);
  return [...assets, ...sounds.map(({ asset }) => asset)];
}
