import type { Answer, Header, Operation, Parameter } from "./description.ts";

const IDEMPOTENCY_KEY: Parameter = {
  name: "Idempotency-Key",
  in: "header",
  required: false,
  description:
    "Lets the request be sent again without being done again: for 24 hours the same key with the same request is given " +
    "the first one's answer. A new one for each request, such as a UUID.",
  schema: { type: "string", minLength: 1 },
  example: "8e03978e-40d5-43dd-bc93-6894a57f9324",
};

const IF_NONE_MATCH: Parameter = {
  name: "If-None-Match",
  in: "header",
  required: false,
  description: "The `ETag` of an answer that you have: while it is still the same, the answer is 304 and has no body.",
  schema: { type: "string" },
};

const text = (description: string): Header => ({ description, schema: { type: "string" } });
const figure = (description: string): Header => ({ description, schema: { type: "integer" } });

const LIMIT_HEADERS: Readonly<Record<string, Header>> = {
  "RateLimit-Limit": figure("Requests that the caller has in a minute"),
  "RateLimit-Remaining": figure("How many are left of them"),
  "RateLimit-Reset": figure("Seconds until all are there again"),
};
const ETAG: Readonly<Record<string, Header>> = { ETag: text("What tells this answer from a later one") };
const REPLAYED: Readonly<Record<string, Header>> = {
  "Idempotent-Replayed": text("`true`: the first request's answer, given again"),
};
const RETRY_AFTER: Readonly<Record<string, Header>> = {
  "Retry-After": figure("Seconds until it is worth trying again"),
};

const problem = (description: string): Answer => ({
  description,
  content: { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } },
});

const WRITES: ReadonlySet<string> = new Set(["post", "put", "patch", "delete"]);

/** Adds what comes with many routes and stands in none: idempotency keys, entity tags, limits. */
export function describeProtocol(method: string, operation: Operation): void {
  const { security, requestBody, responses = {} } = operation;
  operation.responses = responses;
  const isPublic = security?.length === 0;
  const isJson = requestBody === undefined || requestBody.content?.["application/json"] !== undefined;
  if (WRITES.has(method) && !isPublic && isJson) {
    addParameter(operation, IDEMPOTENCY_KEY);
    addHeaders(responses, /^2/, REPLAYED);
    responses["409"] ??= problem("The first request with this `Idempotency-Key` is still under way");
    responses["422"] ??= problem("The `Idempotency-Key` was used for another request");
  }
  if (requestBody?.content?.["application/json"] !== undefined) responses["415"] ??= problem("The body is not JSON");
  if (method === "get" && responses["200"]?.content?.["application/json"] !== undefined) {
    addParameter(operation, IF_NONE_MATCH);
    addHeaders(responses, /^200$/, ETAG);
    responses["304"] ??= { description: "The same as what `If-None-Match` names" };
  }
  addHeaders(responses, /^2|^429$/, LIMIT_HEADERS);
  addHeaders(responses, /^429$|^503$/, RETRY_AFTER);
}

function addParameter(operation: Operation, parameter: Parameter): void {
  const { parameters = [] } = operation;
  const isThere = parameters.some(({ name }) => name.toLowerCase() === parameter.name.toLowerCase());
  operation.parameters = isThere ? parameters : [...parameters, parameter];
}

function addHeaders(responses: Record<string, Answer>, statuses: RegExp, headers: Readonly<Record<string, Header>>) {
  for (const [status, answer] of Object.entries(responses)) {
    if (statuses.test(status)) answer.headers = { ...headers, ...answer.headers };
  }
}
