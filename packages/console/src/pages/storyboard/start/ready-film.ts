import { readyAssetUrl } from "@inlet/client/browser";
import type { ReadyStoryboardView, StoredAsset } from "@inlet/contracts";
import { type Film, filmOf, rowOf } from "@inlet/storyboard";
import { kindOf } from "../assets/asset-name.ts";
import { readDraft } from "../state/read-draft.ts";

/** A ready storyboard as a film, with the files that came with it; they have no hash before they are a project's. */
export function readyFilm({
  name,
  document,
  assets,
}: ReadyStoryboardView): { film: Film; assetUrl: (asset: { sha256: string }) => string } | undefined {
  const { storyboard } = readDraft(document);
  if (storyboard === undefined) return undefined;
  const named = assets.map((asset, at) => {
    const kind = kindOf(asset.name);
    const mediaType = { image: "image/webp", video: "video/mp4", audio: "audio/mp4" }[kind] as StoredAsset["mediaType"];
    const sha256 = at.toString(16).padStart(64, "0");
    const size = { width: null, height: null, durationMs: null };
    return { name: asset.name, kind, sha256, mediaType, sizeBytes: asset.sizeBytes, ...size } satisfies StoredAsset;
  });
  const film = filmOf(storyboard, rowOf(storyboard.samples[0]?.values ?? {}), {
    assets: Object.fromEntries(named.map((asset) => [asset.name, asset])),
  });
  return {
    film,
    assetUrl: ({ sha256 }) => readyAssetUrl(name, named.find((asset) => asset.sha256 === sha256)?.name ?? ""),
  };
}
