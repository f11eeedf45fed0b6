import { z } from "zod";

/** What may stand in braces in a pattern of file names. */
const TOKENS = ["{table}", "{client}", "{project}", "{date}", "{timestamp}", "{ext}"];

/** A pattern of file names. Anything else in braces is a slip of the pen: it would match no file, ever. */
export const filePatternSchema = z
  .string()
  .min(1)
  .max(200)
  .superRefine((pattern, context) => {
    for (const [token] of pattern.matchAll(/\{[^{}]*\}/g)) {
      if (TOKENS.includes(token)) continue;
      context.addIssue({ code: "custom", message: `${token} is no placeholder; there are ${TOKENS.join(", ")}` });
    }
  });
