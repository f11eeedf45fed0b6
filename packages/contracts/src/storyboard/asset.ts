import { z } from "zod";

/** What an asset is called in its project: a file's name, such as `cake.webp`. */
export const assetNameSchema = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, dots, hyphens and underscores");

/** Which asset a place shows. With placeholders (`{{product}}.webp`) each row chooses; then `fallback` stands in for none. */
export const assetChoiceSchema = z.union([
  assetNameSchema,
  z.strictObject({ name: z.string().min(1).max(200), fallback: assetNameSchema.optional() }),
]);
export type AssetChoice = z.infer<typeof assetChoiceSchema>;

export const assetKindSchema = z.enum(["image", "video", "audio"]);
export type AssetKind = z.infer<typeof assetKindSchema>;

/**
 * A file that is ready to be shown: made anew from what was uploaded, so that nothing of a stranger's bytes is ever handed
 * out. Images are WebP, videos H.264 in MP4 without sound, sound is AAC in MP4.
 */
export const storedAssetSchema = z.object({
  name: assetNameSchema,
  kind: assetKindSchema,
  /** Hexadecimal, of the bytes that are handed out: its name on every address. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  mediaType: z.enum(["image/webp", "video/mp4", "audio/mp4"]),
  sizeBytes: z.int().min(0),
  /** In pixels; null for sound. */
  width: z.int().min(1).nullable(),
  height: z.int().min(1).nullable(),
  /** Null for images. */
  durationMs: z.int().min(1).nullable(),
});
export type StoredAsset = z.infer<typeof storedAssetSchema>;
