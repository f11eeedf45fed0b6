import type { ApiErrorBody, Problem, ProblemCode } from "@inlet/contracts";
import { problemBody } from "../requests/errors.ts";

/** What an error of each status looks like. */
const EXAMPLES: Readonly<Record<string, [code: ProblemCode, detail: string, errors?: Problem[]]>> = {
  400: [
    "request_invalid",
    "The query has one mistake; see errors.",
    [{ path: ["limit"], message: "Too big: expected number to be <=200" }],
  ],
  401: ["key_invalid", "The API key is unknown or was revoked. Ask an admin for a new one."],
  403: ["not_allowed", "The API key “Nightly export” (viewer) may not do this. Use a key with the role it needs."],
  404: ["batch_not_found", "There is no batch 4711. GET /v1/batches lists those that you may see."],
  410: [
    "files_deleted",
    "The files of batch 42 were deleted on 2026-11-20, as its project's profile says (retention).",
  ],
  409: ["not_retryable", "Batch 42 is running; only a failed batch can be retried."],
  412: [
    "precondition_failed",
    "The profile is at version 4 now: somebody changed it after you read it. Read it again, bring your changes in, and apply that.",
  ],
  413: ["file_too_large", "A file may have at most 53687091200 bytes here."],
  415: ["media_type_unsupported", "Send the body as application/json."],
  422: [
    "idempotency_key_reused",
    "This Idempotency-Key was used for another request in the last 24 hours. Make a new key for each request.",
  ],
  429: ["too_many_requests", "More than 3000 requests in a minute. Go on in 12 s, and more slowly."],
  500: ["internal", "Something went wrong here. The log names it under the request id 0b6d5c1e-…."],
  503: ["unavailable", "A part that Inlet needs did not answer. Nothing was changed; try again in a few seconds."],
  507: ["disk_full", "There is no room for this file at the moment. Nothing of it was kept; send it again later."],
};

const REQUEST_ID = "0b6d5c1e-7f0a-4f7c-8d5e-1f2a3b4c5d6e";

/** An error of this status; undefined where no route answers it. */
export function problemExample(status: string): ApiErrorBody | undefined {
  const [code, detail, errors] = EXAMPLES[status] ?? [];
  if (code === undefined || detail === undefined) return undefined;
  return problemBody({ status: Number(status), code, detail, requestId: REQUEST_ID }, errors);
}
