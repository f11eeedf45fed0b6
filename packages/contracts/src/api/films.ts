import { z } from "zod";

/** How a storyboard looks for one recipient: what players and renderers show. Times in milliseconds, lengths in its own pixels. */

const timesSchema = { fromMs: z.number(), untilMs: z.number() };

const filmAssetSchema = z.object({
  kind: z.enum(["image", "video", "audio"]),
  /** Hexadecimal, of its bytes. */
  sha256: z.string(),
  width: z.number().nullable(),
  height: z.number().nullable(),
  durationMs: z.number().nullable(),
});

const motionSchema = z.object({
  kind: z.enum(["none", "fade", "slide_up", "slide_down", "slide_left", "slide_right", "zoom", "pop"]),
  durationMs: z.number(),
});

const layerSchema = {
  box: z.object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
  ...timesSchema,
  enter: motionSchema,
  leave: motionSchema,
  opacity: z.number(),
};

const directionSchema = z.enum(["ltr", "rtl"]);

const textSchema = {
  font: z.enum(["sans", "serif", "display", "mono"]),
  size: z.number(),
  bold: z.boolean(),
  colour: z.string(),
  align: z.enum(["left", "centre", "right"]),
  vertical: z.enum(["top", "middle", "bottom"]),
  direction: directionSchema,
};

const filmLayerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), text: z.string(), ...textSchema, ...layerSchema }),
  z.object({
    kind: z.literal("image"),
    asset: filmAssetSchema,
    fit: z.enum(["contain", "cover"]),
    radius: z.number(),
    ...layerSchema,
  }),
  z.object({ kind: z.literal("shape"), fill: z.string(), radius: z.number(), ...layerSchema }),
  z.object({
    kind: z.literal("button"),
    name: z.string(),
    text: z.string(),
    url: z.string(),
    fill: z.string(),
    radius: z.number(),
    ...textSchema,
    ...layerSchema,
  }),
]);

const filmSceneSchema = z.object({
  name: z.string(),
  ...timesSchema,
  background: z.object({
    colour: z.string(),
    /** A gradient's other end. */
    to: z.string().optional(),
    asset: filmAssetSchema.optional(),
    fit: z.enum(["cover", "contain"]),
    dim: z.number(),
    motion: z.enum(["none", "zoom_in", "zoom_out"]),
  }),
  /** The first one lies at the bottom. */
  layers: z.array(filmLayerSchema),
  transition: z.object({ kind: z.enum(["cut", "fade", "slide", "wipe"]), durationMs: z.number() }),
});

/** A storyboard resolved for one recipient: rules applied, words merged. The answer of `POST …/storyboard/film`. */
export const filmSchema = z
  .object({
    width: z.number(),
    height: z.number(),
    durationMs: z.number(),
    language: z.string(),
    direction: directionSchema,
    surround: z.string(),
    scenes: z.array(filmSceneSchema),
    chapters: z.array(z.object({ atMs: z.number(), title: z.string() })),
    captions: z.array(z.object({ ...timesSchema, text: z.string() })),
    sounds: z.array(
      z.object({
        asset: filmAssetSchema,
        ...timesSchema,
        volume: z.number(),
        loop: z.boolean(),
        fadeOutMs: z.number(),
      }),
    ),
    posterMs: z.number(),
  })
  .meta({ id: "Film" });

/** Words as they are shown, in the language and direction that they have. */
const wordsSchema = z.object({ text: z.string(), direction: directionSchema });

/** The page around a recipient's film. */
export const pageWordsSchema = z
  .object({
    template: z.enum(["card", "stage", "split"]),
    language: z.string(),
    direction: directionSchema,
    title: wordsSchema,
    text: wordsSchema,
    fields: z.array(z.object({ label: wordsSchema, value: wordsSchema })),
    button: z.object({ label: wordsSchema, url: z.string() }).optional(),
    footer: wordsSchema,
    links: z.array(z.object({ label: wordsSchema, url: z.string() })),
    download: z.boolean(),
    colour: z.string(),
    accent: z.string(),
    logo: filmAssetSchema.optional(),
    favicon: filmAssetSchema.optional(),
  })
  .meta({ id: "PageWords" });
