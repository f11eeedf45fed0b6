import { z } from "zod";
import { columnNameSchema } from "../names.ts";
import { assetNameSchema } from "./asset.ts";
import { languageSchema, localizedText, PLACEHOLDER_FORMATS } from "./localized-text.ts";

const httpUrlSchema = z
  .string()
  .regex(/^https?:\/\/\S+$/, "an address such as https://www.example.org/imprint")
  .max(1_000);

/** The page around the player. */
export const storyboardPageSchema = z.strictObject({
  /** `card`: player and words on one card; `stage`: a dark stage, the player large; `split`: words beside the player on a desktop. */
  template: z.enum(["card", "stage", "split"]).default("card"),
  title: localizedText(200).default("For you"),
  text: localizedText(2_000).default(""),
  /** The columns that the page lists, with their labels and, if wanted, the format of a placeholder. */
  fields: z
    .array(
      z.strictObject({
        column: columnNameSchema,
        label: localizedText(100),
        format: z.enum(PLACEHOLDER_FORMATS).optional(),
      }),
    )
    .max(50)
    .default([]),
  /** The call to action. Placeholders may stand in the address's path, query and fragment. */
  button: z.strictObject({ label: localizedText(100), url: httpUrlSchema }).optional(),
  logo: assetNameSchema.optional(),
  /** Absent: one is made of the brand's colour and the sender's first letter. */
  favicon: assetNameSchema.optional(),
  footer: localizedText(1_000).default(""),
  /** Imprint, privacy notice and the like. */
  links: z
    .array(z.strictObject({ label: localizedText(60), url: httpUrlSchema }))
    .max(10)
    .default([]),
  /** Whether the page offers the film as an MP4. */
  download: z.boolean().default(false),
});
export type StoryboardPage = z.infer<typeof storyboardPageSchema>;

/** Which language a row's film and page are in: the row's own, where the storyboard speaks it. */
export const storyboardLanguageSchema = z.strictObject({
  /** Where nothing else is known. */
  default: languageSchema.default("en"),
  /** The column that holds a recipient's language, such as `de` or `pt-BR`. */
  column: columnNameSchema.optional(),
});
