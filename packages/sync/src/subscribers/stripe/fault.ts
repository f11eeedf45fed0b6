import { AppError } from "@inlet/contracts";
import { retryAfterMs } from "@inlet/remote-http";
import { needsPerson, passing, refusedItem } from "../../failure.ts";

/** What the SDK throws (https://docs.stripe.com/error-handling). */
interface StripeFault extends Error {
  type?: string;
  code?: string;
  statusCode?: number;
  headers?: Record<string, string>;
  /** Of a connection: what was behind it. */
  detail?: unknown;
}

/** Whether Stripe says that there is no such object, or none any more. */
export const isMissing = (error: unknown): boolean => (error as StripeFault | undefined)?.code === "resource_missing";

/** What a fault of Stripe's, or of the way there, means. */
export function stripeFault(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const { type, message, statusCode, headers, detail } = error as StripeFault;
  if (detail instanceof AppError) return detail;
  const words = { message: `Stripe: ${message}`, cause: error };
  const waiting = { ...words, retryAfterMs: headers && retryAfterMs(headers, new Date()) };
  // Not one of the SDK's: a fault of ours.
  if (type === undefined) return error;
  if (statusCode === 429) return passing(waiting, "outside_busy");
  if (statusCode === 401 || statusCode === 403) return needsPerson(words);
  // 409: two requests at once with one idempotency key; the first is still under way.
  const mayPass = statusCode === undefined || statusCode === 409 || statusCode >= 500;
  return mayPass ? passing(waiting) : refusedItem(words);
}
