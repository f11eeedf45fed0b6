import { z } from "zod";
import { linkEventKindSchema, visitorSchema } from "../link-event.ts";
import { timeZoneSchema } from "../schedule.ts";
import { nextSchema, pageQuerySchema, timeSchema } from "./pages.ts";

const countSchema = z.int().min(0);

/**
 * How far recipients came: each is counted once in each, however often. `sent`: the links that were handed out. `seen`: the
 * page was opened by a person. Proxies and scanners that say what they are do not count.
 */
const funnelSchema = z.object({
  sent: countSchema,
  seen: countSchema,
  played: countSchema,
  completed: countSchema,
  clicked: countSchema,
});
export type Funnel = z.infer<typeof funnelSchema>;

/** How often something happened, by who it was. */
const happeningSchema = z.object({ kind: linkEventKindSchema, visitor: visitorSchema, times: countSchema });

const buttonSchema = z.object({
  /** As the storyboard names it; `page` is the page's own. */
  name: z.string(),
  /** Recipients who pressed it. */
  people: countSchema,
  times: countSchema,
});

const seriesPointSchema = funnelSchema.extend({
  /** Begin of the hour or day. */
  from: timeSchema,
});
export type SeriesPoint = z.infer<typeof seriesPointSchema>;

/** How finely a series is drawn; days begin at midnight of `timezone`. */
const seriesQuery = {
  unit: z.enum(["hour", "day"]).default("day"),
  timezone: timeZoneSchema.default("UTC"),
};

const series = {
  unit: z.enum(["hour", "day"]),
  timezone: z.string(),
  /** What was new in each hour or day, oldest first; those in which nothing happened are there, too. */
  series: z.array(seriesPointSchema),
};

/** The longest series. */
export const MAX_SERIES_POINTS = 750;

export const batchResultsQuerySchema = z.object(seriesQuery);

/** What came of a batch's links. */
export const batchResultsSchema = z.object({
  batchId: z.int(),
  people: funnelSchema,
  /** Rows that got no link, by the storyboard's requirements. */
  withheld: countSchema,
  happened: z.array(happeningSchema),
  buttons: z.array(buttonSchema),
  lastAt: timeSchema.nullable(),
  ...series,
});
export type BatchResults = z.infer<typeof batchResultsSchema>;

export const projectResultsQuerySchema = z.object({
  ...seriesQuery,
  from: timeSchema.optional().describe("Default: 30 days before `to`; by the hour, two days"),
  to: timeSchema.optional().describe("Default: now"),
});

/**
 * What came of a project's links in a time: what was handed out in it, and what recipients did in it for the first time. Times
 * are met to the quarter of an hour in which they lie.
 */
export const projectResultsSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  people: funnelSchema,
  happened: z.array(happeningSchema),
  buttons: z.array(buttonSchema),
  /** The batches whose links were handed out in this time, or of which somebody saw one, newest first; 100 at most. */
  batches: z.array(
    z.object({ batchId: z.int(), fileName: z.string(), sentAt: timeSchema.nullable(), people: funnelSchema }),
  ),
  ...series,
});
export type ProjectResults = z.infer<typeof projectResultsSchema>;

/** What a recipient did: of persons alone. */
const recipientResultSchema = z.object({
  /** The record's number in the client's file. */
  record: z.int(),
  pages: countSchema,
  plays: countSchema,
  completions: countSchema,
  clicks: countSchema,
  videos: countSchema,
  /** Times that the picture was fetched. Mail programs fetch it when they show the e-mail, and many through a proxy. */
  thumbnails: countSchema,
  seenAt: timeSchema.nullable(),
  playedAt: timeSchema.nullable(),
  completedAt: timeSchema.nullable(),
  clickedAt: timeSchema.nullable(),
  lastAt: timeSchema,
});
export type RecipientResult = z.infer<typeof recipientResultSchema>;

export const recipientResultsQuerySchema = pageQuerySchema.extend({
  format: z.enum(["json", "csv"]).optional().describe("`csv`: all of them as a file"),
});

/** One page of a batch's recipients who did something, in the order of the file. */
export const recipientResultsPageSchema = z.object({ recipients: z.array(recipientResultSchema), next: nextSchema });
