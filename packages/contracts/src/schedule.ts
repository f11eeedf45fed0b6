import { z } from "zod";
import { slugSchema } from "./names.ts";

const TIME = "(?:[01]?\\d|2[0-3]):[0-5]\\d";
export const WEEKDAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;

/** The ways in which a person writes a schedule; each is also a cron expression of five fields. */
const PLAIN = [
  new RegExp(`^daily ${TIME}$`, "i"),
  new RegExp(`^weekdays ${TIME}$`, "i"),
  new RegExp(`^weekly (?:${WEEKDAYS.join("|")}) ${TIME}$`, "i"),
  new RegExp(`^monthly (?:[1-9]|[12]\\d|3[01]|last) ${TIME}$`, "i"),
];
const CRON = /^[0-9A-Za-z*/,#?L-]+(?: [0-9A-Za-z*/,#?L-]+){4}$/;

/**
 * When a run is due: `daily 09:00`, `weekdays 06:30`, `weekly monday 09:00`, `monthly 1 07:00`, `monthly last 07:00`, or a cron
 * expression of five fields (minute, hour, day, month, weekday). Whether it ever comes, the profile's checks say.
 */
export const scheduleAtSchema = z
  .string()
  .trim()
  .max(100)
  .refine((at) => PLAIN.some((form) => form.test(at)) || CRON.test(at), {
    message:
      "such as `daily 09:00`, `weekdays 06:30`, `weekly monday 09:00`, `monthly 1 07:00`, or a cron expression of five fields",
  });

/** Whether text is an IANA time zone that this machine knows, such as `Europe/Berlin`. */
export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

export const timeZoneSchema = z
  .string()
  .min(1)
  .max(64)
  .refine(isTimeZone, { message: "an IANA time zone such as Europe/Berlin, or UTC" });

/** An alert goes to the recipients when a run has not ended so many minutes after its trigger. At most a month. */
export const deadlineMinutesSchema = z.int().min(1).max(44_640);

/**
 * Runs at trigger times. Files are batches as soon as they arrive; they are worked on from the trigger on.
 */
export const scheduleRunSchema = z.strictObject({
  group: z.literal("schedule"),
  at: scheduleAtSchema,
  /** The zone that `at`, and the days of the files' dates, are meant in. */
  timezone: timeZoneSchema.default("UTC"),
  /**
   * Which files a trigger takes. `arrival`: all that have come since the trigger before. `date`: of these, those whose name
   * has the date of the trigger's day, or of one of the `daysBefore` days before it.
   */
  window: z
    .discriminatedUnion("by", [
      z.strictObject({ by: z.literal("arrival") }),
      z.strictObject({ by: z.literal("date"), daysBefore: z.int().min(0).max(366).default(0) }),
    ])
    .prefault({ by: "arrival" }),
  /** The tables of which each run should have a file. */
  expect: z.array(slugSchema).max(200).default([]),
  /**
   * When of some no file is there at the trigger: it waits for them so many minutes; then it goes on without them
   * (`continue`), or nothing of the run is imported (`fail`; until then none of its files is worked on).
   */
  missing: z
    .strictObject({
      waitMinutes: z.int().min(0).max(10_080).default(0),
      action: z.enum(["continue", "fail"]).default("continue"),
    })
    .prefault({}),
  /**
   * A file of an expected table that comes after its run went on without it: `reopen` puts it into that run, which is
   * reported anew; `next` into the next run; `reject` rejects it. Default: `reopen` where the window goes by date, else
   * `next`, because nothing then tells a late file from an early one.
   */
  late: z.enum(["reopen", "next", "reject"]).optional(),
  /** A file whose date fits neither its trigger nor a late one: rejected, or into the next run. For windows by date. */
  wrongDate: z.enum(["reject", "next"]).default("reject"),
  /** A file of a table and day that were imported already: rejected, or into the next run. For windows by date. */
  loadedAgain: z.enum(["reject", "next"]).default("reject"),
  deadlineMinutes: deadlineMinutesSchema.optional(),
});
export type ScheduleRun = z.infer<typeof scheduleRunSchema>;

/** What becomes of a file that comes after its run went on without it. */
export function latePolicy({ late, window }: Pick<ScheduleRun, "late" | "window">): "reopen" | "next" | "reject" {
  return late ?? (window.by === "date" ? "reopen" : "next");
}
