import { AppError, InvalidInput, InvariantBroken, Misconfigured, Unavailable } from "@inlet/contracts";

/** What a call of a subscriber that failed means for those that wait behind it. */
export interface Failure {
  /**
   * `passing`: the same may do later, by itself. `person`: nothing will do before somebody has changed something. `item`: this
   * item alone is refused, others may well be taken.
   */
  kind: "passing" | "person" | "item";
  code: string;
  message: string;
  /** How long the outside system asks to be left alone. */
  retryAfterMs?: number;
}

/** What Node says of connections that are not there, or not there any more. */
const NETWORK_CODES: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** Tells by what was thrown whether waiting helps. What nobody thought of concerns the item: others go on. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AppError) {
    const { code, message, context } = error;
    const { retryAfterMs } = context;
    if (error instanceof Misconfigured) return { kind: "person", code, message };
    if (error instanceof InvalidInput || error instanceof InvariantBroken) return { kind: "item", code, message };
    return { kind: "passing", code, message, ...(typeof retryAfterMs === "number" ? { retryAfterMs } : {}) };
  }
  if (!(error instanceof Error)) return { kind: "item", code: "subscriber_failed", message: String(error) };
  const { message, name } = error;
  const isNetwork = NETWORK_CODES.has((error as { code?: unknown }).code) || name === "TimeoutError";
  if (isNetwork) return { kind: "passing", code: "outside_unreachable", message };
  return { kind: "item", code: "subscriber_failed", message: message || name };
}

interface OutsideFault {
  /** One sentence, with the outside system's own words. */
  message: string;
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/** The outside system cannot just now: the subscription waits, and tries again. */
export function passing({ message, retryAfterMs, cause }: OutsideFault, code = "outside_unavailable"): Unavailable {
  return new Unavailable({ code, message, cause, context: retryAfterMs === undefined ? {} : { retryAfterMs } });
}

/** Nothing will do before a person has changed something: a key that is refused, an address that is wrong. */
export function needsPerson({ message, cause }: OutsideFault, code = "outside_access"): Misconfigured {
  return new Misconfigured({ code, message, cause });
}

/** The outside system does not take this item; it may well take others. */
export function refusedItem({ message, cause }: OutsideFault, code = "outside_refused"): InvalidInput {
  return new InvalidInput({ code, message, cause });
}
