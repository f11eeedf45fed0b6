import { InvalidInput } from "@inlet/contracts";
import type { Metadata, Sharp } from "sharp";
import { sharp } from "../pictures/vips.ts";
import type { RemadeImage } from "./remake-image.ts";
import { hasOutsideParts } from "./svg-source.ts";

/** A drawing of more than this is a program. */
const MAX_SVG_BYTES = 1024 * 1024;
/** A picture of 100 megapixels is 400 MB in memory: the largest that is opened. */
const MAX_PIXELS = 100_000_000;
/** The longer side of what is kept: twice the stage's, for screens of two pixels a point. */
const MAX_SIDE = 2_560;
const WEBP_QUALITY = 86;

const READABLE = ["jpeg", "png", "webp", "gif", "heif", "svg"];

/** Makes an image anew, in the process that is there for it: see `remakeImage`. */
export async function remake(source: Buffer): Promise<RemadeImage> {
  const metadata = await readMetadata(source);
  if (metadata.format === "svg") assertHarmless(source);
  const image = opened(source, metadata);
  try {
    const { data, info } = await image
      .autoOrient()
      .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: "inside", withoutEnlargement: true })
      .toColourspace("srgb")
      .webp({ quality: WEBP_QUALITY, alphaQuality: 95, smartSubsample: true, effort: 4 })
      .toBuffer({ resolveWithObject: true });
    return { bytes: data, width: info.width, height: info.height };
  } catch (cause) {
    throw unreadable(cause);
  }
}

async function readMetadata(source: Buffer): Promise<Metadata> {
  let metadata: Metadata;
  try {
    metadata = await sharp(source, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw unreadable(cause);
  }
  const { format, compression, width = 0, height = 0 } = metadata;
  // HEIF that is not AVIF needs a decoder that is not shipped.
  if (format === undefined || !READABLE.includes(format) || (format === "heif" && compression !== "av1")) {
    throw new InvalidInput({
      code: "image_format",
      message: "The file is no image that can be shown. Upload a JPEG, PNG, WebP, GIF, AVIF or SVG.",
    });
  }
  if (format !== "svg" && width * (metadata.pageHeight ?? height) > MAX_PIXELS) {
    throw tooLarge(`It has ${width} × ${height} pixels.`);
  }
  return metadata;
}

function opened(source: Buffer, { format, width, height }: Metadata): Sharp {
  const options = { pages: 1, limitInputPixels: MAX_PIXELS, sequentialRead: true, failOn: "error" } as const;
  if (format !== "svg") return sharp(source, options);
  // A drawing has no size of its own: it is drawn as large as it is kept. 72 dots per inch are its own pixels.
  const density = (72 * MAX_SIDE) / Math.max(1, width ?? 1, height ?? 1);
  if (density < 1) throw tooLarge(`It is drawn on ${width} × ${height} pixels.`);
  return sharp(source, { ...options, density: Math.min(100_000, density) });
}

/** A drawing may name other files and entities that unfold without end; one that does is refused rather than half drawn. */
function assertHarmless(source: Buffer): void {
  if (source.length > MAX_SVG_BYTES) throw tooLarge(`A drawing (SVG) may have ${MAX_SVG_BYTES / 1024 / 1024} MB.`);
  if (hasOutsideParts(source)) {
    throw new InvalidInput({
      code: "image_format",
      message:
        "The drawing (SVG) refers to other files or declares entities. Export it as one file with everything embedded, or as PNG.",
    });
  }
}

export const tooLarge = (why: string) =>
  new InvalidInput({
    code: "image_too_large",
    message: `The image is too large. ${why} Make it smaller: ${MAX_SIDE} pixels on its longer side are enough everywhere.`,
  });

export const unreadable = (cause: unknown) =>
  new InvalidInput({
    code: "image_unreadable",
    message:
      "The image cannot be read: it is damaged, or not what its beginning says. Export it again and upload that.",
    cause,
  });
