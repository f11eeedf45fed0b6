import { type Answer, type Description, type JsonSchema, type Operation, operationsOf } from "./description.ts";
import { exampleOf } from "./examples.ts";
import { operationId } from "./operation-id.ts";
import { problemExample } from "./problem-examples.ts";
import { describeProtocol } from "./protocol.ts";

/** Marks an operation whose body is a file, with its content types. */
export const FILE_BODY_MARK = "x-file-body";

const FILE = { schema: { type: "string", format: "binary" } };

/**
 * Makes a generated description fit to be read and to generate clients from: a stable name for each operation, examples
 * for each body, errors as problem details, the headers that many routes share, bodies that are files; without
 * schemas that nothing refers to, and without patterns and bounds that say nothing.
 */
export function tidyOpenApi<Document extends object>(document: Document): Document {
  const tidy = withoutNoise(structuredClone(document)) as Description;
  const download = tidy.paths?.["/v1/batches/{id}/artifacts/{kind}"]?.get?.responses;
  if (download) download["200"] = { description: "The file's bytes", content: { "application/octet-stream": FILE } };
  for (const { path, method, operation } of operationsOf(tidy)) {
    operation.operationId ??= operationId(method, path);
    describeFileBody(operation);
    describeProtocol(method, operation);
    for (const [status, answer] of Object.entries(operation.responses ?? {})) describeAnswer(status, answer);
    giveExamples(operation, tidy.components);
  }
  dropUnusedSchemas(tidy);
  return tidy as Document;
}

function describeFileBody(operation: Operation): void {
  const { [FILE_BODY_MARK]: types } = operation;
  if (types === undefined) return;
  const content = Object.fromEntries(types.map((type) => [type, FILE]));
  operation.requestBody = { required: true, description: "The file, byte for byte", content };
  delete operation[FILE_BODY_MARK];
}

function describeAnswer(status: string, answer: Answer): void {
  if (answer.description === "Default Response") answer.description = "Done";
  if (status === "204") delete answer.content;
  // A route that answers a file or a text is generated as if its errors were one, too.
  const json = Object.values(answer.content ?? {})[0];
  if (json?.schema?.$ref !== "#/components/schemas/Problem") return;
  const example = problemExample(status);
  answer.content = { "application/problem+json": { ...json, ...(example === undefined ? {} : { example }) } };
}

function giveExamples({ requestBody, responses = {} }: Operation, components: Description["components"]): void {
  for (const { content = {} } of [requestBody ?? {}, ...Object.values(responses)]) {
    for (const [type, media] of Object.entries(content)) {
      if (!type.includes("json") || media.example !== undefined || media.schema === undefined) continue;
      const example = exampleOf(media.schema, components);
      if (example !== undefined) media.example = example;
    }
  }
}

function dropUnusedSchemas({ paths, components }: Description): void {
  const schemas: Record<string, JsonSchema> = components?.schemas ?? {};
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
