import { type Logger, pino } from "pino";
import type { LogFiles } from "./log-files/log-files.ts";

export type { Logger } from "pino";

/** Paths in log objects that may hold secrets or personal data. */
const REDACTED = [
  "password",
  "token",
  "secret",
  "authorization",
  "cookie",
  "*.password",
  "*.token",
  "*.secret",
  "headers.authorization",
  "headers.cookie",
];

/**
 * The service's root logger: JSON lines on stdout, and in log files where the service keeps some. Constant messages, facts in
 * fields, never a cell's value.
 */
export function createLogger(service: string, level: string, files?: LogFiles): Logger {
  const options = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: "[redacted]" },
  };
  // Synchronous: an asynchronous destination that still holds a line at exit tries for ever to write it to a pipe that
  // nobody reads any more (sonic-boom 4.2 takes EPIPE for "try again"), and the service outlives its killed supervisor.
  const stdout = pino.destination({ dest: 1, sync: true });
  if (files === undefined) return pino(options, stdout);
  return pino(options, {
    write(line: string) {
      stdout.write(line);
      files.write(line);
    },
  });
}
