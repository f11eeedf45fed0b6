/** When a project's files are worked on, as the parts that a person chooses. */
export interface Trigger {
  /** `arrival`: as they come. `cron` is for what the others cannot say. */
  every: "arrival" | "day" | "weekday" | "week" | "month" | "cron";
  /** `09:00`. */
  time: string;
  weekday: string;
  /** 1 to 31, or `last`. */
  monthDay: string;
  cron: string;
}

export const NEW_TRIGGER: Trigger = { every: "arrival", time: "09:00", weekday: "monday", monthDay: "1", cron: "" };

/** The trigger as a profile writes it; undefined: files are worked on as they come. */
export function triggerText({ every, time, weekday, monthDay, cron }: Trigger): string | undefined {
  switch (every) {
    case "arrival":
      return undefined;
    case "day":
      return `daily ${time}`;
    case "weekday":
      return `weekdays ${time}`;
    case "week":
      return `weekly ${weekday} ${time}`;
    case "month":
      return `monthly ${monthDay} ${time}`;
    case "cron":
      return cron.trim();
  }
}

/** What a profile writes as its parts; what has none is a cron expression. */
export function triggerOf(at: string): Trigger {
  const [kind = "", ...rest] = at.trim().toLowerCase().split(/\s+/);
  const time = (rest.at(-1) ?? "").padStart(5, "0");
  if (/^\d\d:\d\d$/.test(time)) {
    if (kind === "daily" && rest.length === 1) return { ...NEW_TRIGGER, every: "day", time };
    if (kind === "weekdays" && rest.length === 1) return { ...NEW_TRIGGER, every: "weekday", time };
    if (kind === "weekly" && rest.length === 2) return { ...NEW_TRIGGER, every: "week", weekday: rest[0]!, time };
    if (kind === "monthly" && rest.length === 2) return { ...NEW_TRIGGER, every: "month", monthDay: rest[0]!, time };
  }
  return { ...NEW_TRIGGER, every: "cron", cron: at };
}
