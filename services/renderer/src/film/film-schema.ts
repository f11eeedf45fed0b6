import { assetKindSchema, FONTS, InvariantBroken, MAX_FILM_MS, motionKindSchema, STAGES } from "@inlet/contracts";
import type { Film } from "@inlet/storyboard";
import { z } from "zod";

/*
 * A film as it was asked for. It was made by our own code, but it came through a table that a public service writes to, and its
 * numbers end up in what ffmpeg is told: here is looked that they are numbers, and within what a storyboard allows.
 */

const msSchema = z.number().min(0).max(MAX_FILM_MS);
const lengthSchema = z.number().min(-8_000).max(8_000);
const shareSchema = z.number().min(0).max(1);
const colourSchema = z.string().regex(/^#[0-9a-fA-F]{6}$/);
const directionSchema = z.enum(["ltr", "rtl"]);
const MOST_PIXELS = 16_384;

const assetSchema = z.object({
  kind: assetKindSchema,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  width: z.number().min(1).max(MOST_PIXELS).nullable(),
  height: z.number().min(1).max(MOST_PIXELS).nullable(),
  durationMs: z.number().min(1).nullable(),
});
const motionSchema = z.object({ kind: motionKindSchema, durationMs: z.number().min(0).max(10_000) });
const common = {
  box: z.object({
    x: lengthSchema,
    y: lengthSchema,
    width: z.number().min(1).max(4_000),
    height: z.number().min(1).max(4_000),
  }),
  fromMs: msSchema,
  untilMs: msSchema,
  enter: motionSchema,
  leave: motionSchema,
  opacity: shareSchema,
};
const radiusSchema = z.number().min(0).max(8_000);
const textStyle = {
  text: z.string().max(10_000),
  font: z.enum(FONTS),
  size: z.number().min(1).max(400),
  bold: z.boolean(),
  colour: colourSchema,
  align: z.enum(["left", "centre", "right"]),
  vertical: z.enum(["top", "middle", "bottom"]),
  direction: directionSchema,
};
const layerSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("text"), ...common, ...textStyle }),
  z.object({
    kind: z.literal("image"),
    ...common,
    asset: assetSchema,
    fit: z.enum(["contain", "cover"]),
    radius: radiusSchema,
  }),
  z.object({ kind: z.literal("shape"), ...common, fill: colourSchema, radius: radiusSchema }),
  z.object({
    kind: z.literal("button"),
    ...common,
    ...textStyle,
    name: z.string(),
    url: z.string(),
    fill: colourSchema,
    radius: radiusSchema,
  }),
]);
const sceneSchema = z.object({
  name: z.string().max(100),
  fromMs: msSchema,
  untilMs: msSchema,
  background: z.object({
    colour: colourSchema,
    to: colourSchema.optional(),
    asset: assetSchema.optional(),
    fit: z.enum(["cover", "contain"]),
    dim: shareSchema,
    motion: z.enum(["none", "zoom_in", "zoom_out"]),
  }),
  layers: z.array(layerSchema).max(100),
  transition: z.object({ kind: z.enum(["cut", "fade", "slide", "wipe"]), durationMs: z.number().min(0).max(10_000) }),
});
const soundSchema = z.object({
  asset: assetSchema,
  fromMs: msSchema,
  untilMs: msSchema,
  volume: shareSchema,
  loop: z.boolean(),
  fadeOutMs: z.number().min(0).max(60_000),
});

const filmSchema = z
  .object({
    width: z.number(),
    height: z.number(),
    durationMs: z.number().min(1).max(MAX_FILM_MS),
    language: z.string().max(100),
    direction: directionSchema,
    surround: colourSchema,
    scenes: z.array(sceneSchema).min(1).max(200),
    sounds: z.array(soundSchema).max(200),
    posterMs: msSchema,
  })
  .refine(({ width, height }) =>
    Object.values(STAGES).some((stage) => stage.width === width && stage.height === height),
  )
  .refine(
    ({ scenes, durationMs }) =>
      scenes.every(({ fromMs, untilMs }, index) => fromMs === (scenes[index - 1]?.untilMs ?? 0) && untilMs >= fromMs) &&
      scenes.at(-1)?.untilMs === durationMs,
  );

/** The film that was asked for. @throws InvariantBroken `film_invalid`, naming the place alone: a value may be a recipient's */
export function readFilm(stored: unknown): Film {
  const parsed = filmSchema.safeParse(stored);
  if (parsed.success) {
    const { scenes, ...film } = parsed.data;
    const whole = scenes.map(({ background: { to, asset, ...background }, ...scene }) => ({
      ...scene,
      background: { ...background, to, asset },
    }));
    return { ...film, scenes: whole, chapters: [], captions: [] };
  }
  const places = parsed.error.issues.slice(0, 3).map(({ path, code }) => `${path.join(".") || "film"} (${code})`);
  throw new InvariantBroken({ code: "film_invalid", message: `The film is not as films are: ${places.join(", ")}.` });
}
