import { hostname } from "node:os";

/** Where the services' log files lie in the data folder. */
export const LOG_FOLDER = "logs";

const NAME = /^[a-z-]+_[A-Za-z0-9.-]+_\d+_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})Z\.ndjson$/;

/**
 * A log file's name: service, host, process, and when it was begun. One process alone writes to it, so nothing is ever
 * rotated under somebody's hands, also where several hosts share the folder.
 */
export function logFileName(service: string, openedAt: Date): string {
  const host =
    hostname()
      .replaceAll(/[^A-Za-z0-9.-]/g, "-")
      .slice(0, 64) || "host";
  const at = openedAt.toISOString().replaceAll(/[-:.]/g, "");
  return `${service.replaceAll(/[^a-z-]/g, "-")}_${host}_${process.pid}_${at}.ndjson`;
}

/** When a log file was begun, in milliseconds; undefined: it is none of ours. */
export function openedMsOf(name: string): number | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, ms] = match;
  const openedMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(openedMs) ? undefined : openedMs;
}
