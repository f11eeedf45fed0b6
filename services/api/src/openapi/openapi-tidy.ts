interface Answer {
  description?: string;
  content?: Record<string, { schema?: unknown; example?: unknown }>;
}

interface Described {
  paths?: Record<string, Record<string, { requestBody?: unknown; responses?: Record<string, Answer> }>>;
  components?: { schemas?: Record<string, unknown> };
}

const FILE_BODY = { content: { "application/octet-stream": { schema: { type: "string", format: "binary" } } } };

/**
 * Makes a generated description fit to be read: without schemas that nothing refers to, without patterns and bounds that
 * say nothing, with an example for each error, and with the two bodies that are files.
 */
export function tidyOpenApi<Document extends object>(document: Document): Document {
  const tidy: Described = withoutNoise(structuredClone(document));
  const upload = tidy.paths?.["/v1/clients/{client}/projects/{project}/files"]?.post;
  if (upload) upload.requestBody = { required: true, description: "The file, byte for byte", ...FILE_BODY };
  const download = tidy.paths?.["/v1/batches/{id}/artifacts/{kind}"]?.get?.responses;
  if (download) download["200"] = { description: "The file's bytes", ...FILE_BODY };
  for (const operations of Object.values(tidy.paths ?? {})) {
    for (const { responses } of Object.values(operations)) describeAnswers(responses ?? {});
  }
  dropUnusedSchemas(tidy);
  return tidy as Document;
}

function dropUnusedSchemas({ paths, components }: Described): void {
  const schemas = components?.schemas ?? {};
  const used = new Set<string>();
  const visit = (part: unknown) => {
    for (const [, name] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name!) || schemas[name!] === undefined) continue;
      used.add(name!);
      visit(schemas[name!]);
    }
  };
  visit(paths ?? {});
  for (const name of Object.keys(schemas)) if (!used.has(name)) delete schemas[name];
}

function withoutNoise<T>(part: T): T {
  if (typeof part !== "object" || part === null) return part;
  if ("format" in part && part.format === "date-time" && "pattern" in part) delete part.pattern;
  if ("minimum" in part && part.minimum === Number.MIN_SAFE_INTEGER) delete part.minimum;
  if ("maximum" in part && part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
  for (const each of Object.values(part)) withoutNoise(each);
  return part;
}

/** What an error of each status looks like. */
const ERROR_EXAMPLES: Readonly<Record<string, { code: string; message: string; details?: object[] }>> = {
  400: {
    code: "request_invalid",
    message: "The query has one mistake; see errors.",
    details: [{ path: ["limit"], message: "Too big: expected number to be <=200" }],
  },
  401: { code: "key_invalid", message: "The API key is unknown or was revoked. Ask an admin for a new one." },
  403: {
    code: "not_allowed",
    message: "The API key “Nightly export” (viewer) may not do this. Use a key with the role it needs.",
  },
  404: {
    code: "batch_not_found",
    message: "There is no batch 4711. GET /v1/batches lists those that you may see.",
  },
  409: { code: "not_retryable", message: "Batch 42 is running; only a failed batch can be retried." },
  413: { code: "file_too_large", message: "A file may have at most 53687091200 bytes here." },
  429: { code: "too_many_requests", message: "More than 3000 requests in a minute. Go on in 12 s, and more slowly." },
  500: { code: "internal", message: "Something went wrong here. The log names it under the request id 0b6d5c1e-…." },
  503: {
    code: "unavailable",
    message: "A part that Inlet needs did not answer. Nothing was changed; try again in a few seconds.",
  },
  507: { code: "disk_full", message: "There is no room for this file at the moment. Nothing of it was kept." },
};

function describeAnswers(responses: Record<string, Answer>): void {
  for (const [status, answer] of Object.entries(responses)) {
    if (answer.description === "Default Response") answer.description = "Done";
    const example = ERROR_EXAMPLES[status];
    const json = answer.content?.["application/json"];
    if (example === undefined || json === undefined || !JSON.stringify(json).includes("/schemas/Error")) continue;
    json.example = { error: { ...example, requestId: "0b6d5c1e-7f0a-4f7c-8d5e-1f2a3b4c5d6e" } };
  }
}
