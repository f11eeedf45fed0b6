import type { Asset, StoredAsset } from "@inlet/contracts";
import type { AssetRow } from "@inlet/database";
import type { ShowsAsset } from "@inlet/storyboard";
import { iso } from "../views.ts";

/** What a file became; undefined until it is ready. */
export function storedAsset(row: AssetRow): StoredAsset | undefined {
  const { state, name, kind, sha256, mediaType, sizeBytes, width, height, durationMs } = row;
  if (state !== "ready" || kind === null || sha256 === null || mediaType === null || sizeBytes === null)
    return undefined;
  return { name, kind, sha256, mediaType, sizeBytes, width, height, durationMs };
}

/** What is ready to be shown of a project's assets, by name. */
export function readyAssets(rows: readonly AssetRow[]): Record<string, StoredAsset> {
  return Object.fromEntries(
    rows.flatMap((row) => {
      const stored = storedAsset(row);
      return stored === undefined ? [] : [[stored.name, stored]];
    }),
  );
}

/** Where names of assets stand. */
export type AssetUses = Readonly<Record<"draft" | "live", ShowsAsset>>;

/** An asset as the API shows it. */
export function assetView(row: AssetRow, uses: AssetUses): Asset {
  const { id, name, state, uploadName, uploadBytes, uploadSha256, refusal, replaces, createdBy, createdAt } = row;
  const { name: _, ...file } = storedAsset(row) ?? { name };
  return {
    ...{ id, name, state, refusal, replaces, createdBy },
    upload: { name: uploadName, sizeBytes: uploadBytes, sha256: uploadSha256 },
    file: "sha256" in file ? file : null,
    usedIn: (["draft", "live"] as const).filter((where) => uses[where](name)),
    createdAt: iso(createdAt),
  };
}
