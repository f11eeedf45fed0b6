import { z } from "zod";
import { columnNameSchema } from "../names.ts";
import { assetChoiceSchema } from "./asset.ts";
import { conditionSchema } from "./condition.ts";
import { paintSchema } from "./layer.ts";
import { storyboardLanguageSchema, storyboardPageSchema } from "./page-words.ts";
import { sceneNameSchema, sceneSchema } from "./scene.ts";

/** The stages, in pixels: what boxes and sizes count in, and the size of the MP4. */
export const STAGES = {
  landscape: { width: 1280, height: 720 },
  square: { width: 720, height: 720 },
  portrait: { width: 720, height: 1280 },
} as const;

/** The longest film, all scenes together. */
export const MAX_FILM_MS = 5 * 60_000;

/**
 * A project's film, before it is anybody's: which scenes play for whom, and what they show. What refers to another part (an
 * unknown column, scene, group or asset) is looked at by `storyboardProblems` in @inlet/storyboard.
 */
export const storyboardSchema = z.strictObject({
  title: z.string().min(1).max(100),
  stage: z.enum(["landscape", "square", "portrait"]).default("landscape"),
  brand: z
    .strictObject({
      colour: z
        .string()
        .regex(/^#[0-9a-fA-F]{6}$/, "#rrggbb")
        .default("#2b4bff"),
      accent: z
        .string()
        .regex(/^#[0-9a-fA-F]{6}$/, "#rrggbb")
        .default("#ffb020"),
    })
    .prefault({}),
  language: storyboardLanguageSchema.prefault({}),
  /** What stands in for an empty cell, by column, where the placeholder itself names nothing. */
  fallbacks: z.record(columnNameSchema, z.string().max(200)).default({}),
  /** What a row must fulfil to get a link. A row that does not is still imported; it has an issue with this message. */
  requirements: z
    .array(z.strictObject({ condition: conditionSchema, message: z.string().min(1).max(300) }))
    .max(50)
    .default([]),
  /** Scenes that play together or not at all. */
  groups: z
    .array(z.strictObject({ name: sceneNameSchema, when: conditionSchema.optional() }))
    .max(50)
    .default([]),
  scenes: z.array(sceneSchema).min(1).max(60),
  /** The picture for e-mails and before the film plays. Default: the first scene that plays, at its middle. */
  poster: z
    .strictObject({
      scene: sceneNameSchema,
      atMs: z.int().min(0).max(120_000).optional(),
      /** Whether a play button is drawn on the picture for e-mails, where it covers no words. Absent: it is. */
      playButton: z.boolean().optional(),
    })
    .optional(),
  /** Under the whole film; begins again when it is over. */
  music: z
    .strictObject({
      asset: assetChoiceSchema,
      volume: z.number().min(0).max(1).default(0.5),
      fadeOutMs: z.int().min(0).max(10_000).default(1_000),
    })
    .optional(),
  /** Behind the stage, where the player is wider or higher than the film. */
  surround: paintSchema.default("#000000"),
  page: storyboardPageSchema.prefault({}),
  /** Rows to try it with, such as `{name: "A long name", values: {first_name: "…"}}`. Never a recipient's. */
  samples: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(60),
        values: z.record(columnNameSchema, z.string().max(1_000)),
      }),
    )
    .max(20)
    .default([]),
});
export type Storyboard = z.infer<typeof storyboardSchema>;
/** A storyboard as a person writes it, with the defaults left out. */
export type StoryboardInput = z.input<typeof storyboardSchema>;
