import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { apiErrorSchema } from "@inlet/contracts";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import { DOCS_POLICY } from "../requests/security-headers.ts";
import { tidyOpenApi } from "./openapi-tidy.ts";

const DESCRIPTION = `Everything that \`inlet\` and the console do, they do here.

**Keys.** Every request carries \`Authorization: Bearer inlet_…\`. The first admin key is made at the first start and shown
once. Roles: \`viewer\` reads; \`operator\` also retries, cancels, uploads, downloads, takes links back and begins and
ends rehearsals; \`client\` reads, uploads, downloads and takes links back within its own client, and of other clients
sees nothing; \`admin\` does everything.

**Lists** come newest first, in pages: give \`next\` of one page as \`cursor\` of the next. Rows that are added meanwhile
move nothing.

**Errors** have one shape. A 4xx says what to do; a 5xx hides its message, and the log names it under the request id.
A 503 changed nothing: try again after \`Retry-After\`.`;

const TAGS = [
  { name: "Batches", description: "One received file each: the unit of work, of status and of retry" },
  { name: "Live updates", description: "What changes, as it changes" },
  { name: "Runs", description: "Batches that are reported together" },
  { name: "Upload", description: "Sending a file without SFTP" },
  { name: "Projects", description: "Profiles: what is expected, how it is checked, where it goes" },
  { name: "OpenPGP keys", description: "Per project: ours, and the client's public ones" },
  { name: "Accounts", description: "Logins on the SFTP gateway" },
  { name: "Operation", description: "Queues, messages, health" },
  { name: "API keys", description: "Who may do what" },
];

/** The page without its maker's bar: it offers to show descriptions from elsewhere, which the policy forbids. */
const PAGE_STYLE = ".swagger-ui .topbar { display: none }";

/** Serves the OpenAPI description at /docs/json and a page that shows it at /docs, with nothing from elsewhere. */
export async function documentApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "Inlet API", version: "1", description: DESCRIPTION },
      tags: TAGS,
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", bearerFormat: "inlet_<prefix>_<secret>" },
        },
      },
      security: [{ apiKey: [] }],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => tidyOpenApi(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: DOCS_POLICY,
    theme: { title: "Inlet API", css: [{ filename: "inlet.css", content: PAGE_STYLE }] },
    uiConfig: { docExpansion: "list", tryItOutEnabled: false, displayRequestDuration: true },
  });
}

const ERROR_WORDS = {
  400: "The request has mistakes; `errors` names each with its path",
  401: "No API key, or one that is unknown or revoked",
  403: "The key's role does not allow this",
  404: "There is no such thing, or none that this key may see",
  409: "It cannot be done as things stand; the message says why",
  412: "The document is not the one that `If-Match` or `If-None-Match` names",
  413: "The body is too large",
  415: "The body is not JSON",
  422: "The `Idempotency-Key` was used for another request",
  429: "Too many requests; see `Retry-After`",
  500: "Our fault; the log names it under the request id",
  503: "A part that Inlet needs is away, nothing was changed; see `Retry-After`",
  507: "The disk is full, nothing was kept",
} as const;

/** The error answers of a route: those that every route has, and its own. */
export function errors(...own: (keyof typeof ERROR_WORDS)[]) {
  const statuses = [400, 401, 403, 429, 500, 503, ...own] as const;
  return Object.fromEntries(
    [...new Set(statuses)].sort().map((status) => [status, apiErrorSchema.describe(ERROR_WORDS[status])]),
  );
}
