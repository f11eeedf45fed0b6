import { z } from "zod";
import { assetChoiceSchema } from "./asset.ts";
import { conditionSchema } from "./condition.ts";
import { localizedText } from "./localized-text.ts";

/** `#rrggbb`, or one of the storyboard's own two. */
export const paintSchema = z.union([z.enum(["brand", "accent"]), z.string().regex(/^#[0-9a-fA-F]{6}$/, "#rrggbb")]);
export type Paint = z.infer<typeof paintSchema>;

/** How a layer comes or goes. The slides name the direction of the movement. */
export const motionKindSchema = z.enum([
  "none",
  "fade",
  "slide_up",
  "slide_down",
  "slide_left",
  "slide_right",
  "zoom",
  "pop",
]);
export type MotionKind = z.infer<typeof motionKindSchema>;

export const motionSchema = z.strictObject({
  kind: motionKindSchema.default("fade"),
  durationMs: z.int().min(0).max(5_000).default(500),
});

/** In the stage's pixels, see `STAGES`; may reach beyond the stage. */
const boxSchema = z.strictObject({
  x: z.int().min(-2_000).max(4_000),
  y: z.int().min(-2_000).max(4_000),
  width: z.int().min(1).max(4_000),
  height: z.int().min(1).max(4_000),
});

const common = {
  box: boxSchema,
  /** Milliseconds after the scene's begin. */
  fromMs: z.int().min(0).max(300_000).default(0),
  /** Likewise; absent: until the scene's end. */
  untilMs: z.int().min(1).max(300_000).optional(),
  enter: motionSchema.prefault({}),
  leave: motionSchema.prefault({ kind: "none" }),
  opacity: z.number().min(0).max(1).default(1),
  /** The layer is shown only where this holds. */
  when: conditionSchema.optional(),
};

export const FONTS = ["sans", "serif", "display", "mono"] as const;

const textStyle = {
  font: z.enum(FONTS).default("sans"),
  /** In the stage's pixels. Text that would not fit its box is set smaller, down to half. */
  size: z.int().min(8).max(400).default(48),
  bold: z.boolean().default(false),
  colour: paintSchema.default("#ffffff"),
  /** `start` is the right side in a right-to-left text. */
  align: z.enum(["start", "centre", "end"]).default("start"),
  vertical: z.enum(["top", "middle", "bottom"]).default("middle"),
};

export const layerSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("text"), text: localizedText(500), ...textStyle, ...common }),
  z.strictObject({
    kind: z.literal("image"),
    asset: assetChoiceSchema,
    fit: z.enum(["contain", "cover"]).default("contain"),
    /** Of the corners, in the stage's pixels. */
    radius: z.int().min(0).max(2_000).default(0),
    ...common,
  }),
  z.strictObject({
    kind: z.literal("shape"),
    colour: paintSchema,
    radius: z.int().min(0).max(2_000).default(0),
    ...common,
  }),
  /** Clickable in the player; in a film it is a picture of a button. */
  z.strictObject({
    kind: z.literal("button"),
    /** What clicks on it are counted as. */
    name: z.string().regex(/^[a-z0-9-]{1,40}$/, "lower-case letters, digits and hyphens"),
    label: localizedText(60),
    /** Placeholders may stand in its path, query and fragment. */
    url: z.string().min(1).max(1_000),
    ...textStyle,
    align: textStyle.align.unwrap().default("centre"),
    background: paintSchema.default("brand"),
    radius: z.int().min(0).max(2_000).default(40),
    ...common,
  }),
]);
export type Layer = z.infer<typeof layerSchema>;
