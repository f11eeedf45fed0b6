import type { Blobs } from "@inlet/blobs";
import { drawableRow, openFonts } from "@inlet/drawing";
import type { Logger } from "@inlet/runtime";
import type { AssetFiles } from "../asset-files.ts";
import type { LandingEnv } from "../env.ts";
import type { FitRow } from "../links/link-film.ts";
import type { Metrics } from "../metrics.ts";
import { posterAssets } from "./poster-assets.ts";
import { openThumbnails, type ThumbnailOf } from "./thumbnails.ts";

interface PictureSources {
  assetFiles: AssetFiles;
  blobs: Blobs;
  metrics: Metrics;
  logger: Logger;
}

/** Opens the drawing of thumbnails. `drawable`: what of a row can be drawn with the fonts that are here. */
export async function openPictures(
  env: LandingEnv,
  { assetFiles, blobs, metrics, logger }: PictureSources,
): Promise<{ thumbnailOf: ThumbnailOf; drawable: FitRow }> {
  const fonts = await openFonts(env.LANDING_FONTS);
  const thumbnailOf = openThumbnails({
    fonts,
    readAsset: posterAssets({ assetFiles, blobs }),
    cacheBytes: env.THUMBNAIL_CACHE_MB * 1024 * 1024,
    onDrawn: metrics.drawn,
    onUnreadable: (err) => logger.warn({ err }, "drew a picture without a file that belongs on it"),
  });
  return { thumbnailOf, drawable: (row) => drawableRow(row, fonts) };
}
