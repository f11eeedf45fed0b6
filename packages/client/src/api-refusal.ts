import type { ApiErrorBody, Problem } from "@inlet/contracts";
import { type AppError, InvalidInput, InvariantBroken, Misconfigured, Unavailable } from "@inlet/contracts/errors";

/** What the API refused with a 4xx: `message` says what to do, `details` name each mistake. */
export class ApiRefusal extends InvalidInput {
  /** The HTTP status. */
  readonly status: number;
  readonly details: readonly Problem[];

  constructor(status: number, { code, detail, errors = [], requestId }: ApiErrorBody) {
    super({ code, message: detail, context: { status, requestId } });
    this.status = status;
    this.details = errors;
  }
}

/** Statuses that pass: too many requests, a gateway's or our own “not now”, a full disk. */
const PASSING = [429, 502, 503, 504, 507];

/** An answer that is no success as an error. `body` is its text. */
export function errorOf(status: number, body: string, url: string): AppError {
  const error = errorBodyOf(body);
  if (error === undefined) {
    if (PASSING.includes(status)) {
      return new Unavailable({ code: "unavailable", message: `${url} answered ${status}. Try again later.` });
    }
    return new Misconfigured({
      code: "no_inlet_api",
      message: `${url} answered ${status}, and not as Inlet's API does. Check the address.`,
    });
  }
  const { code, detail: message, requestId } = error;
  if (PASSING.includes(status)) return new Unavailable({ code, message, context: { status, requestId } });
  if (status >= 500) return new InvariantBroken({ code, message, context: { status, requestId } });
  return new ApiRefusal(status, error);
}

/** A request that got no answer at all as an error. */
export function unreachable(url: string, cause: unknown): Unavailable {
  return new Unavailable({ code: "api_unreachable", message: `${url} cannot be reached: ${reasonOf(cause)}.`, cause });
}

/** fetch hides the reason in a chain of causes. */
function reasonOf(error: unknown): string {
  const { cause, code, name, message } = error as Error & { cause?: unknown; code?: string };
  if (name === "TimeoutError") return "no answer in time";
  if (code === "ECONNREFUSED") return "nothing listens there";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host";
  if (code === "ECONNRESET" || code === "UND_ERR_SOCKET") return "the connection broke";
  if (cause !== undefined) return reasonOf(cause);
  return message || code || "unknown";
}

/** By hand: the browser's build has no zod. */
function errorBodyOf(text: string): ApiErrorBody | undefined {
  let answer: Partial<ApiErrorBody> | null;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { code, detail, requestId } = answer ?? {};
  const isProblem = typeof code === "string" && typeof detail === "string" && typeof requestId === "string";
  return isProblem ? (answer as ApiErrorBody) : undefined;
}
