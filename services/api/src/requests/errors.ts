import { type ApiErrorBody, AppError, InvalidInput, type Problem, problemsOf } from "@inlet/contracts";
import { asUnavailable } from "@inlet/database";
import type { FastifyError } from "fastify";
import { RequestInvalid } from "./request-validation.ts";

/** A request that is answered with a 4xx: `message` says what to do. */
export class Refusal extends InvalidInput {
  readonly status: number;
  readonly details: Problem[] | undefined;

  constructor(status: number, code: string, message: string, details?: Problem[]) {
    super({ code, message });
    this.status = status;
    this.details = details;
  }
}

/** Nothing of that name is there for this caller. Another client's looks just the same. */
export const notFound = (code: string, message: string) => new Refusal(404, code, message);

/** The status for what the pipeline's own commands refuse; all else that is the caller's fault is 400. */
const STATUS_OF: Readonly<Record<string, number>> = {
  batch_unknown: 404,
  not_retryable: 409,
  not_cancellable: 409,
};

const RETRY_AFTER_SECONDS = 5;

/** How an error is answered. `retryAfterSeconds` becomes the header; `log` says whether it is our fault. */
export interface ErrorAnswer {
  status: number;
  body: ApiErrorBody;
  retryAfterSeconds?: number;
  log: "error" | "warn" | undefined;
}

/** Turns whatever was thrown into the one shape of errors. 5xx keep their message to the log. */
export function answerOf(thrown: unknown, requestId: string): ErrorAnswer {
  const error = asUnavailable(thrown);
  const answer = (status: number, code: string, message: string, details?: Problem[]): ErrorAnswer => ({
    status,
    body: { error: { code, message, ...(details ? { details } : {}), requestId } },
    log: undefined,
  });
  if (error instanceof Refusal) return answer(error.status, error.code, error.message, error.details);
  if (error instanceof InvalidInput) return answer(STATUS_OF[error.code] ?? 400, error.code, error.message);
  if (error instanceof AppError && error.retryable) {
    if (error.code === "disk_full") return { ...answer(507, error.code, error.message), log: "warn" };
    const message = "A part that Inlet needs did not answer. Nothing was changed; try again in a few seconds.";
    return { ...answer(503, "unavailable", message), retryAfterSeconds: RETRY_AFTER_SECONDS, log: "warn" };
  }
  if (error instanceof RequestInvalid) {
    const details = problemsOf(error.issues);
    return answer(400, "request_invalid", sentence(error.validationContext ?? "request", details), details);
  }
  const { statusCode, code, message } = error as Partial<FastifyError>;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return answer(statusCode, fastifyCode(code), message ?? "The request cannot be read.");
  }
  const hidden = `Something went wrong here. The log names it under the request id ${requestId}.`;
  return { ...answer(500, "internal", hidden), log: "error" };
}

const PLACES: Readonly<Record<string, string>> = { querystring: "query", params: "path" };

function sentence(place: string, details: readonly Problem[]): string {
  const count = details.length === 1 ? "one mistake" : `${details.length} mistakes`;
  return `The ${PLACES[place] ?? place} has ${count}; see details.`;
}

/** `FST_ERR_CTP_BODY_TOO_LARGE` as `body_too_large`. */
function fastifyCode(code: string | undefined): string {
  return code?.replace(/^FST_(ERR_)?(CTP_)?/, "").toLowerCase() ?? "request_invalid";
}
