import { type Logger, pino } from "pino";

export type { Logger } from "pino";

/** Paths in log objects that may hold secrets or personal data. */
const REDACTED = ["password", "token", "secret", "authorization", "cookie", "*.password", "*.token", "*.secret", "headers.authorization", "headers.cookie"];

/** The service's root logger: JSON lines on stdout. Constant messages, facts in fields, never a cell's value. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    level,
    base: { service, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: "[redacted]" },
  });
}
