import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import { apiErrorSchema, CSRF_HEADER } from "@inlet/contracts";
import type { FastifyInstance, FastifySchema } from "fastify";
import { jsonSchemaTransform, jsonSchemaTransformObject } from "fastify-type-provider-zod";
import type { Access } from "../access.ts";
import { sessionCookieName } from "../identity/session-cookie.ts";
import { DOCS_POLICY } from "../requests/security-headers.ts";
import { codeTable } from "./code-list.ts";
import { FILE_BODY_MARK, tidyOpenApi } from "./openapi-tidy.ts";

const DESCRIPTION = `Everything that \`inlet\` and the console do, they do here.

**Callers.** A program sends \`Authorization: Bearer inlet_…\` with every request. The first admin key is made at the first
start and shown once. The console's page has a session's cookie instead, and sends \`${CSRF_HEADER}: 1\`. Roles: \`viewer\`
reads; \`operator\` also retries, cancels, uploads, downloads, takes links back and sets up clients and projects;
\`client\` reads, uploads, downloads and takes links back within its own client, and of other clients sees nothing;
\`admin\` does everything. What a route needs stands at its description's end.

**Lists** come newest first, in pages: give \`next\` of one page as \`cursor\` of the next. Rows that are added meanwhile
move nothing.

**Writes** may be sent again: with an \`Idempotency-Key\` the same request is done once, and for 24 hours its answer is given
again (\`Idempotent-Replayed: true\`). Only successes are kept; what was refused has changed nothing, and its key is free.
The same key with another request is 422; while the first is under way, 409 and \`Retry-After\`.

**Documents** have an \`ETag\`. With \`If-None-Match\` an answer that is still the same is 304. A write with \`If-Match\` replaces
only what you have read, and is 412 when somebody was faster.

**Limits** are counted per caller, and per address where no caller is known, in each process of the API. Every answer says
what is left: \`RateLimit-Limit\`, \`RateLimit-Remaining\`, \`RateLimit-Reset\` (seconds). Beyond it: 429 and \`Retry-After\`.

**Errors** are problem details (RFC 9457), \`application/problem+json\`. \`code\` is for programs and stays; \`detail\` is for
people; \`errors\` names each mistake with its path. A 4xx says what to do; a 5xx hides its reason, and the log names it
under the request id. A 503 changed nothing: try again after \`Retry-After\`.

${codeTable()}`;

const TAGS = [
  { name: "Batches", description: "One received file each: the unit of work, of status and of retry" },
  { name: "Live updates", description: "What changes, as it changes" },
  { name: "Saved views", description: "Filters of the Activity Monitor, under a name" },
  { name: "Runs", description: "Batches that are reported together" },
  { name: "Results", description: "What came of personal links: seen, played, completed, clicked" },
  { name: "Forgetting", description: "Recipients who are forgotten: links, files, findings, videos, rows" },
  { name: "Upload", description: "Sending a file without SFTP" },
  { name: "Projects", description: "Profiles: what is expected, how it is checked, where it goes" },
  { name: "Imported tables", description: "The rows that were imported, as they are in PostgreSQL" },
  { name: "Imported tables", description: "The rows that came of clients' files" },
  { name: "Drafts", description: "Files that were uploaded and not submitted yet, with their check" },
  { name: "Schedules", description: "When runs begin, and what they wait for" },
  { name: "Activity Monitor", description: "Marks, log lines and saved views" },
  { name: "Webhooks", description: "Addresses that are told of events" },
  { name: "Pulls", description: "Rows that are pulled from clients' own systems, all of them or none" },
  {
    name: "Catalog sync",
    description: "Other systems that catalogs are kept in step with, and what they did not take",
  },
  { name: "Storyboards", description: "The film behind personal links: draft, versions, and the files that it shows" },
  { name: "OpenPGP keys", description: "Per project: ours, and the client's public ones" },
  { name: "Webhooks", description: "Addresses that are told of events, and what came of it" },
  { name: "Accounts", description: "Logins on the SFTP gateway" },
  { name: "Operation", description: "Queues, workers, messages, the audit, health" },
  { name: "Signing in", description: "Users' sessions, invitations, and the hub's first user" },
  { name: "Users", description: "People who sign in" },
  { name: "API keys", description: "Who may do what" },
];

/** The page without its maker's bar: it offers to show descriptions from elsewhere, which the policy forbids. */
const PAGE_STYLE = ".swagger-ui .topbar { display: none }";

/** Serves the OpenAPI description at /docs/json and a page that shows it at /docs, with nothing from elsewhere. */
export async function documentApi(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    exposeHeadRoutes: true,
    openapi: {
      openapi: "3.1.0",
      info: { title: "Inlet API", version: "1", description: DESCRIPTION },
      tags: TAGS,
      components: {
        securitySchemes: {
          apiKey: { type: "http", scheme: "bearer", bearerFormat: "inlet_<prefix>_<secret>" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: sessionCookieName(true),
            description: `Of a user who signed in. Requests that change something carry \`${CSRF_HEADER}: 1\` with it.`,
          },
        },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transform: (given) => withFileBody(withAccess(given.route.config?.access, jsonSchemaTransform(given))),
    transformObject: (document) => tidyOpenApi(jsonSchemaTransformObject(document)),
  });
  await app.register(swaggerUi, {
    routePrefix: "/docs",
    staticCSP: DOCS_POLICY,
    theme: { title: "Inlet API", css: [{ filename: "inlet.css", content: PAGE_STYLE }] },
    uiConfig: { docExpansion: "list", tryItOutEnabled: false, displayRequestDuration: true },
  });
}

/** A route's description with what it needs, and without security where it needs nothing. */
function withAccess(access: Access | undefined, { schema, url }: ReturnType<typeof jsonSchemaTransform>) {
  if (access === "public") return { url, schema: { ...schema, security: [] } };
  const needs = `Needs \`${access}\`.`;
  const { description } = schema as { description?: string };
  return { url, schema: { ...schema, description: description === undefined ? needs : `${description} ${needs}` } };
}

/** Marks a route whose body is a file: it has no schema. */
function withFileBody({ schema, url }: { schema: FastifySchema; url: string }) {
  const { consumes = [] } = schema;
  if (consumes.length === 0 || consumes.includes("application/json")) return { url, schema };
  return { url, schema: { ...schema, [FILE_BODY_MARK]: consumes } };
}

const ERROR_WORDS = {
  400: "The request has mistakes; `errors` names each with its path",
  401: "No API key, or one that is unknown or revoked",
  403: "The key's role does not allow this",
  404: "There is no such thing, or none that this key may see",
  409: "It cannot be done as things stand; the message says why",
  410: "It was there, and is kept no longer; the message says since when",
  412: "The document is not the one that `If-Match` or `If-None-Match` names",
  413: "The body is too large",
  415: "The body is not JSON",
  422: "The `Idempotency-Key` was used for another request, or the query takes too long",
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
