import { z } from "zod";

/** What can happen to a link, in the order of a recipient's way. */
export const linkEventKindSchema = z.enum([
  /** The picture was fetched: an e-mail was looked at, perhaps. */
  "thumbnail",
  /** The page was fetched. */
  "page",
  /** The film was started by a person's hand. */
  "play",
  "quarter",
  "half",
  "three_quarters",
  /** The film was played to its end. */
  "complete",
  /** A button was pressed; the event's detail is the button's name, and `page` for the page's own. */
  "click",
  /** The MP4 was fetched. */
  "video",
]);
export type LinkEventKind = z.infer<typeof linkEventKindSchema>;

/**
 * Who fetched it, as far as they say: a `person`; a `prefetch` by a mail provider's proxy, a messenger's preview or a browser
 * that looks ahead; a `scanner`, such as a link checker, a crawler or a program.
 */
export const visitorSchema = z.enum(["person", "prefetch", "scanner"]);
export type Visitor = z.infer<typeof visitorSchema>;

/** What the page's script tells: body of `POST /e/:token`. */
export const pageEventSchema = z.strictObject({
  /** Drawn by chance for each time the page is opened, and kept by no browser: tells plays apart, not people. */
  view: z.string().regex(/^[A-Za-z0-9_-]{8,40}$/),
  kind: linkEventKindSchema.extract(["play", "quarter", "half", "three_quarters", "complete", "click"]),
  /** Of a click: the button's name. */
  detail: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/)
    .optional(),
});
export type PageEvent = z.infer<typeof pageEventSchema>;
