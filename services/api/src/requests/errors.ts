import {
  type ApiErrorBody,
  AppError,
  InvalidInput,
  PROBLEM_CODES,
  type Problem,
  type ProblemCode,
  pointerOf,
  problemsOf,
  problemTitle,
} from "@inlet/contracts";
import { asUnavailable, SQLSTATE, sqlstateOf } from "@inlet/database";
import type { FastifyError } from "fastify";
import { RequestInvalid } from "./request-validation.ts";

/** The content type of every error (RFC 9457). */
export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

/** A request that is answered with a 4xx: `message` says what to do. Its code is in the catalogue. */
export class Refusal extends InvalidInput {
  readonly problem: ProblemCode;
  readonly status: number;
  readonly details: readonly Problem[] | undefined;
  /** When to try again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: number,
    code: ProblemCode,
    message: string,
    details?: readonly Problem[],
    { retryAfterSeconds }: { retryAfterSeconds?: number } = {},
  ) {
    super({ code, message });
    this.problem = code;
    this.status = status;
    this.details = details;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Nothing of that name is there for this caller. Another client's looks just the same. */
export const notFound = (code: ProblemCode, message: string) => new Refusal(404, code, message);

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
  const answer = (status: number, code: ProblemCode, detail: string, details?: readonly Problem[]): ErrorAnswer => ({
    status,
    body: problemBody({ status, code, detail, requestId }, details),
    log: undefined,
  });
  if (error instanceof Refusal) {
    const { retryAfterSeconds } = error;
    const refused = answer(error.status, error.problem, error.message, error.details);
    return retryAfterSeconds === undefined ? refused : { ...refused, retryAfterSeconds };
  }
  if (error instanceof InvalidInput) {
    if (isProblemCode(error.code)) return answer(PROBLEM_CODES[error.code][0], error.code, error.message);
    // A code that the catalogue lacks is not promised to anybody.
    return { ...answer(400, "request_invalid", error.message), log: "warn" };
  }
  if (error instanceof AppError && error.retryable) {
    if (error.code === "disk_full") return { ...answer(507, "disk_full", error.message), log: "warn" };
    const message = "A part that Inlet needs did not answer. Nothing was changed; try again in a few seconds.";
    return { ...answer(503, "unavailable", message), retryAfterSeconds: RETRY_AFTER_SECONDS, log: "warn" };
  }
  if (sqlstateOf(error) === SQLSTATE.queryCanceled) {
    const detail =
      "PostgreSQL did not find this in the time that one request has. Narrow it down: to a client, to a time.";
    return { ...answer(422, "query_too_slow", detail), log: "warn" };
  }
  if (error instanceof RequestInvalid) {
    const details = problemsOf(error.issues);
    return answer(400, "request_invalid", sentence(error.validationContext ?? "request", details), details);
  }
  const known = FRAMEWORK_ANSWERS[String((error as Partial<FastifyError> | null)?.code)];
  if (known !== undefined) return answer(PROBLEM_CODES[known[0]][0], ...known);
  const { statusCode, message } = (error ?? {}) as Partial<FastifyError>;
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return answer(statusCode, "request_invalid", message ?? "The request cannot be read.");
  }
  const hidden = `Something went wrong here. The log names it under the request id ${requestId}.`;
  return { ...answer(500, "internal", hidden), log: "error" };
}

/** Problem details (RFC 9457). */
export function problemBody(
  { status, code, detail, requestId }: { status: number; code: string; detail: string; requestId: string },
  details?: readonly Problem[],
): ApiErrorBody {
  const errors = details?.map((mistake) => ({ ...mistake, pointer: pointerOf(mistake.path) }));
  return {
    type: `urn:inlet:problem:${code}`,
    title: problemTitle(code),
    ...{ status, detail, code, requestId },
    ...(errors === undefined ? {} : { errors }),
  };
}

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(PROBLEM_CODES, code);

/** What fastify itself refuses, in our words. */
const FRAMEWORK_ANSWERS: Readonly<Record<string, [code: ProblemCode, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [
    "body_too_large",
    "The body is too large. A JSON body may have 4 MiB at most, a storyboard 1 MiB.",
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ["media_type_unsupported", "Send the body as application/json."],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ["content_length_differs", "The body is not as long as Content-Length says."],
  FST_ERR_CTP_EMPTY_JSON_BODY: ["json_invalid", "The body is empty. Send JSON, or leave Content-Type out."],
  FST_ERR_BAD_URL: [
    "address_invalid",
    "The address cannot be read: a % in it is not followed by two hexadecimal digits.",
  ],
  FST_ERR_MAX_PARAM_LENGTH: ["address_too_long", "A part of the address is too long."],
};

const PLACES: Readonly<Record<string, string>> = { querystring: "query", params: "path" };

function sentence(place: string, details: readonly Problem[]): string {
  const count = details.length === 1 ? "one mistake" : `${details.length} mistakes`;
  return `The ${PLACES[place] ?? place} has ${count}; see errors.`;
}
