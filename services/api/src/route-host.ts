import type { Blobs } from "@inlet/blobs";
import type { Database } from "@inlet/database";
import type { Publisher } from "@inlet/pipeline";
import type { Logger, ReadinessCheck } from "@inlet/runtime";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { Registry } from "prom-client";
import type { DraftChecks } from "./drafts/draft-checks.ts";
import type { ApiEnv } from "./env.ts";
import type { ConsoleEnv } from "./identity/identity-env.ts";
import type { OperationEnv } from "./operation/operation-env.ts";

/** What the routes work with. */
export interface ApiParts {
  env: Pick<
    ApiEnv,
    | "INLET_DATA"
    | "INLET_KEY"
    | "INLET_RULES_MODULE"
    | "INLET_CONFLICTS_MODULE"
    | "API_UPLOAD_BYTES"
    | "API_DRAFTS_PER_USER"
    | "API_REQUESTS_PER_MINUTE"
    | "API_STREAMS_PER_CALLER"
    | "API_TRUSTED_PROXIES"
  > &
    ConsoleEnv &
    OperationEnv;
  database: Database;
  publisher: Publisher;
  drafts: DraftChecks;
  blobs: Blobs;
  logger: Logger;
  checks: ReadonlyMap<string, ReadinessCheck>;
  metrics: Registry;
}

/** A route's kind of instance: fastify with bodies, queries and answers typed by zod. */
export type RouteHost = Pick<
  FastifyInstance<
    RawServerDefault,
    RawRequestDefaultExpression,
    RawReplyDefaultExpression,
    FastifyBaseLogger,
    ZodTypeProvider
  >,
  "get" | "post" | "put" | "patch" | "delete" | "route"
>;
