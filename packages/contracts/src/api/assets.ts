import { z } from "zod";
import { assetNameSchema, storedAssetSchema } from "../storyboard/asset.ts";
import { idParamSchema, timeSchema } from "./pages.ts";
import { projectPathSchema } from "./projects.ts";

/** The largest file that may be uploaded for storyboards. */
export const ASSET_BYTES = 100_000_000;

export const assetPathSchema = projectPathSchema.extend({ asset: idParamSchema });

/** Which of a project's files is asked for, by what it holds. */
export const assetFilePathSchema = projectPathSchema.extend({
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits")
    .describe("Of the file, hexadecimal, as assets and films name it"),
});

export const assetUploadQuerySchema = z.object({
  name: assetNameSchema.describe("What storyboards call it; a file of that name is replaced once this one is ready"),
  fileName: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe("What it is called where it comes from, for people; left out: `name`"),
});

/** What was made of an upload: it is what everybody sees. */
export const assetFileSchema = storedAssetSchema.omit({ name: true }).meta({ id: "AssetFile" });

/**
 * A file that storyboards show. `processing`: it is being made anew, within seconds. `ready`: it can be shown. `refused`: it
 * cannot; `refusal` says why. Of one name there may be two: the one that is shown, and one that is to take its place.
 */
export const assetSchema = z
  .object({
    id: z.int(),
    name: assetNameSchema,
    state: z.enum(["processing", "ready", "refused"]),
    /** What was uploaded, as its sender called it. */
    upload: z.object({ name: z.string(), sizeBytes: z.int(), sha256: z.string() }),
    /** Null until it is ready. */
    file: assetFileSchema.nullable(),
    /** Null unless it was refused. */
    refusal: z.object({ code: z.string(), message: z.string() }).nullable(),
    /** Another file of this name is shown as long as this one is not ready. */
    replaces: z.boolean(),
    /** Where its name stands: in the draft, in the live version. */
    usedIn: z.array(z.enum(["draft", "live"])),
    createdBy: z.string(),
    createdAt: timeSchema,
  })
  .meta({
    id: "Asset",
    example: {
      id: 12,
      name: "cake.webp",
      state: "ready",
      upload: {
        name: "cake.png",
        sizeBytes: 1_204_311,
        sha256: "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
      },
      file: {
        kind: "image",
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        mediaType: "image/webp",
        sizeBytes: 84_102,
        width: 1280,
        height: 720,
        durationMs: null,
      },
      refusal: null,
      replaces: false,
      usedIn: ["draft", "live"],
      createdBy: "iris",
      createdAt: "2026-11-20T09:00:00.000Z",
    },
  });
export type Asset = z.infer<typeof assetSchema>;

/** A project's assets, by name. */
export const assetListSchema = z.object({ assets: z.array(assetSchema) }).meta({ id: "Assets" });
export type AssetList = z.infer<typeof assetListSchema>;
