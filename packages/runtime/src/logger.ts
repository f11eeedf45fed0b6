import { type Logger, pino } from "pino";

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

/** The service's root logger: JSON lines on stdout. Constant messages, facts in fields, never a cell's value. */
export function createLogger(service: string, level: string): Logger {
  const options = {
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: "[redacted]" },
  };
  // Synchronous: an asynchronous destination that still holds a line at exit tries for ever to write it to a pipe that
  // nobody reads any more (sonic-boom 4.2 takes EPIPE for "try again"), and the service outlives its killed supervisor.
  return pino(options, pino.destination({ dest: 1, sync: true }));
}
