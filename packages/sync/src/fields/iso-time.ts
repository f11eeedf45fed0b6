const POSTGRES_TIME =
  /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)$/;

/**
 * A point in time as ISO 8601 in UTC, to the microsecond. Undefined for what has no such form: infinity, years before 1 and after
 * 9999.
 * @param text as PostgreSQL writes a timestamp with time zone, in any session's zone
 */
export function isoTime(text: string): string | undefined {
  const parts = POSTGRES_TIME.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, sign, hours = "0", minutes = "0", seconds = "0"] = parts;
  const offsetMs = (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const time = new Date(local - (sign === "-" ? -offsetMs : offsetMs));
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 1 || time.getUTCFullYear() > 9999) return undefined;
  const digits = fraction?.replace(/0+$/, "");
  return `${time.toISOString().slice(0, 19)}${digits ? `.${digits}` : ""}Z`;
}
