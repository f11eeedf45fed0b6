import { z } from "zod";
import { assetChoiceSchema } from "./asset.ts";
import { conditionSchema } from "./condition.ts";
import { layerSchema, paintSchema } from "./layer.ts";
import { localizedText } from "./localized-text.ts";

/** What a scene, a group or a clickable thing is called in the storyboard: for people, rules and counts. */
export const sceneNameSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "lower-case letters, digits and hyphens");

export const backgroundSchema = z.strictObject({
  colour: paintSchema.default("brand"),
  /** A gradient from `colour`, top left, to this one, bottom right. */
  to: paintSchema.optional(),
  /** An image or a video (without sound) over the colour. A video that is shorter than its scene begins again. */
  asset: assetChoiceSchema.optional(),
  fit: z.enum(["cover", "contain"]).default("cover"),
  /** How much of the picture is darkened, so that text on it can be read. 0 to 1. */
  dim: z.number().min(0).max(1).default(0),
  /** A slow movement of an image over the scene's time. */
  motion: z.enum(["none", "zoom_in", "zoom_out"]).default("none"),
});

/** How a scene takes the place of the one before it, within its own first `durationMs`. A storyboard's first scene has none. */
export const transitionSchema = z.strictObject({
  kind: z.enum(["cut", "fade", "slide", "wipe"]).default("fade"),
  durationMs: z.int().min(0).max(3_000).default(500),
});

export const sceneSchema = z.strictObject({
  name: sceneNameSchema,
  durationMs: z.int().min(200).max(120_000),
  background: backgroundSchema.prefault({}),
  /** The first one lies at the bottom. */
  layers: z.array(layerSchema).max(40).default([]),
  /** In a right-to-left film the layers stand, and slide, mirrored: what is left is right. The background stays as it is. */
  mirror: z.boolean().default(false),
  transition: transitionSchema.prefault({}),
  /** Plays from the scene's begin, at most to its end. */
  audio: z.strictObject({ asset: assetChoiceSchema, volume: z.number().min(0).max(1).default(1) }).optional(),
  /** What is said or heard, for those who do not hear it. */
  caption: localizedText(500).optional(),
  /** The scene begins a chapter of this title. */
  chapter: localizedText(80).optional(),
  /** The scene plays only where this holds. */
  when: conditionSchema.optional(),
  /** The group that it belongs to, see `groups`. */
  group: sceneNameSchema.optional(),
});
export type Scene = z.infer<typeof sceneSchema>;
