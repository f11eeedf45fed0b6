import { Misconfigured } from "@inlet/contracts";

const DAY_SECONDS = 86_400;

/**
 * The offsets of an IANA zone, for local times. Most days have one offset all day long; those are remembered. A local time
 * that comes twice (clocks go back) is taken as standard time, one that is skipped (clocks go forward) as if the clocks had
 * not moved yet, both as PostgreSQL does it.
 */
export class TimeZone {
  readonly #format: Intl.DateTimeFormat | undefined;
  /** Local day → offset in seconds; NaN on the days on which it changes. */
  readonly #days = new Map<number, number>();

  get isUtc(): boolean {
    return this.#format === undefined;
  }

  constructor(name: string) {
    if (name === "UTC") return;
    try {
      this.#format = new Intl.DateTimeFormat("en-US", {
        timeZone: name,
        calendar: "gregory",
        numberingSystem: "latn",
        hourCycle: "h23",
        era: "short",
        year: "numeric",
        month: "numeric",
        day: "numeric",
        hour: "numeric",
        minute: "numeric",
        second: "numeric",
      });
    } catch (cause) {
      throw new Misconfigured({
        code: "timezone_unknown",
        message: `The time zone ${name} is not known; use an IANA name such as Europe/Berlin.`,
        cause,
      });
    }
  }

  /** Seconds that local time is ahead of UTC, for a local time in seconds since 1970-01-01 00:00 local. */
  offsetAt(localSeconds: number): number {
    if (this.#format === undefined) return 0;
    const day = Math.floor(localSeconds / DAY_SECONDS);
    let offset = this.#days.get(day);
    if (offset === undefined) {
      const before = this.#offsetOfInstant((day - 1) * DAY_SECONDS);
      const after = this.#offsetOfInstant((day + 2) * DAY_SECONDS);
      const middle = this.#offsetOfInstant(day * DAY_SECONDS + DAY_SECONDS / 2);
      offset = before === after && before === middle ? before : Number.NaN;
      if (this.#days.size > 100_000) this.#days.clear();
      this.#days.set(day, offset);
    }
    return Number.isNaN(offset) ? this.#offsetOnChange(localSeconds) : offset;
  }

  #offsetOnChange(localSeconds: number): number {
    const earlier = this.#offsetOfInstant(localSeconds - DAY_SECONDS);
    const later = this.#offsetOfInstant(localSeconds + DAY_SECONDS);
    const fits = (offset: number) => this.#offsetOfInstant(localSeconds - offset) === offset;
    // Twice there: standard time is the smaller offset. Never there: the offset from before the change.
    if (fits(earlier) && fits(later)) return Math.min(earlier, later);
    if (fits(later)) return later;
    return earlier;
  }

  /** Seconds that local time is ahead of UTC at an instant. */
  #offsetOfInstant(epochSeconds: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format!.formatToParts(epochSeconds * 1000)) parts[type] = value;
    const year = parts.era === "BC" ? 1 - Number(parts.year) : Number(parts.year);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
    local.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second), 0);
    return local.getTime() / 1000 - epochSeconds;
  }
}
