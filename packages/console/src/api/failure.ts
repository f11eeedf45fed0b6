import { ApiRefusal } from "@inlet/client/browser";
import { AppError } from "@inlet/contracts/errors";

/** An error as a page shows it. */
export interface FailureWords {
  title: string;
  /** What was wrong and what to do. */
  detail: string;
  /** The mistakes of a request one by one, where the API says so: what, and where. */
  mistakes: readonly string[];
  /** Names the request in the service's log. */
  requestId?: string;
}

/** Words for whatever was thrown. */
export function wordsOf(error: unknown): FailureWords {
  if (error instanceof AppError) {
    const { requestId } = error.context;
    return {
      title: titleOf(error),
      detail: error.message,
      mistakes: error instanceof ApiRefusal ? error.details.map(mistakeText) : [],
      ...(typeof requestId === "string" && { requestId }),
    };
  }
  return { title: "This page failed", detail: error instanceof Error ? error.message : String(error), mistakes: [] };
}

function mistakeText({ path, message }: ApiRefusal["details"][number]): string {
  return path.length === 0 ? message : `${path.join(".")}: ${message}`;
}

function titleOf(error: AppError): string {
  if (error.code === "api_unreachable") return "The hub does not answer";
  if (error.retryable) return "Not just now";
  if (error instanceof ApiRefusal)
    return error.status === 404 ? "Not found" : error.status === 403 ? "Not allowed" : "That did not work";
  return "Something went wrong here";
}

/** What is wrong in the fields of a form, by path (`tables[0].name`). */
export function fieldErrorsOf(error: unknown): Record<string, string> {
  if (!(error instanceof ApiRefusal)) return {};
  return Object.fromEntries(
    error.details.map(({ path, message }) => [
      path.reduce<string>(
        (text, key) => (typeof key === "number" ? `${text}[${key}]` : text ? `${text}.${key}` : key),
        "",
      ),
      message,
    ]),
  );
}

/** Nobody is signed in, or not any more. */
export const isSignedOut = (error: unknown): boolean => error instanceof ApiRefusal && error.status === 401;

export const isNotFound = (error: unknown): boolean => error instanceof ApiRefusal && error.status === 404;

/** The same request may succeed a moment later. */
export const isRetryable = (error: unknown): boolean => error instanceof AppError && error.retryable;
