import { createHmac } from "node:crypto";
import {
  claimIdempotencyKey,
  type Database,
  endIdempotentAttempt,
  noteApplied,
  type StoredAnswer,
  type StoredRequest,
  storeIdempotentAnswer,
  sweepIdempotencyKeys,
  withCommitNote,
} from "@inlet/database";
import { type Logger, seal, unseal } from "@inlet/runtime";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { Refusal } from "./errors.ts";

/** How long an answer is given again. */
export const KEPT_MS = 24 * 60 * 60 * 1_000;
const SWEPT_EVERY_MS = 60 * 60 * 1_000;
const KEPT_CHARACTERS = 1024 * 1024;
/** An attempt that has neither ended nor been applied by then died with its process. Its commit would be refused. */
const LEASE_MS = 60_000;
const RETRY_AFTER_SECONDS = 2;

const WRITES: readonly string[] = ["POST", "PUT", "PATCH", "DELETE"];
/** Headers that belong to an answer and not to its sending. */
const KEPT_HEADERS = ["content-type", "etag", "location"] as const;

interface Attempt {
  caller: string;
  key: string;
  fingerprint: Buffer;
  attempt: string;
  isOver: boolean;
}

declare module "fastify" {
  interface FastifyRequest {
    idempotentAttempt: Attempt | undefined;
  }
}

interface Parts {
  database: Database;
  /** INLET_KEY: seals answers, which may show a secret, and keys the fingerprints of requests, which may hold one. */
  key: Buffer;
  logger: Logger;
}

/** Whether a route heeds `Idempotency-Key`: writes do, but those whose body is a file and those before a sign-in. */
export function isIdempotent(route: {
  method: string | readonly string[];
  config?: { access?: string };
  schema?: { consumes?: readonly string[] } | undefined;
}): boolean {
  if (route.config?.access === "public") return false;
  if (![route.method].flat().some((method) => WRITES.includes(method as string))) return false;
  const { consumes } = route.schema ?? {};
  return consumes === undefined || consumes.includes("application/json");
}

/**
 * Lets a caller send a write again without it being done again: the same key with the same request is given the first
 * one's answer. Only successes are kept: what was refused has changed nothing, and its key is free again.
 *
 * Each transaction of the request notes, before its own COMMIT, that the request was applied. So when the process dies
 * between that commit and the stored answer, the next attempt is told so (409) instead of being carried out again; and an
 * attempt that was given up for dead cannot commit any more.
 */
export function keepIdempotent(app: FastifyInstance, parts: Parts): void {
  const { database, logger } = parts;
  app.decorateRequest("idempotentAttempt", undefined);
  app.addHook("preHandler", (request, reply, done) => {
    begin(parts, request, reply).then((attempt) => {
      // `reply.sent` does not say yet that an answer is on its way.
      if (attempt === "answered") return;
      if (attempt === undefined) done();
      else withCommitNote((tx) => note(tx, attempt), done);
    }, done);
  });
  app.addHook("onSend", async (request, reply, payload) => {
    const attempt = request.idempotentAttempt;
    if (attempt === undefined || attempt.isOver) return payload;
    attempt.isOver = true;
    const isKept = reply.statusCode < 300 && isShort(payload);
    try {
      if (isKept) await storeIdempotentAnswer(database, attempt, sealed(parts, attempt, reply, payload));
      else await endIdempotentAttempt(database, attempt);
    } catch (err) {
      // What was done stands, and is noted as such; the next attempt is told that its answer was lost.
      logger.warn({ err, requestId: request.id }, "could not keep the answer of an idempotent request");
    }
    return payload;
  });
}

/** Files and streams are not kept, nor what is longer than any answer to a write should be. */
function isShort(payload: unknown): payload is string | null | undefined {
  return (
    payload === null || payload === undefined || (typeof payload === "string" && payload.length <= KEPT_CHARACTERS)
  );
}

async function note(tx: Parameters<typeof noteApplied>[0], attempt: Attempt): Promise<void> {
  if (attempt.isOver || (await noteApplied(tx, attempt))) return;
  throw inProgress("Another attempt has taken over this request, and this one was given up.");
}

/** Takes the request's key, or answers in its handler's place. Undefined: the request has none that counts. */
async function begin(
  { database, key: hubKey }: Parts,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Attempt | "answered" | undefined> {
  const key = request.headers["idempotency-key"];
  const { method, url } = request;
  if (key === undefined || request.identified === undefined) return undefined;
  const { config, schema } = request.routeOptions;
  if (!isIdempotent({ method, config, schema })) return undefined;
  if (typeof key !== "string" || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new Refusal(
      400,
      "idempotency_key_invalid",
      "Idempotency-Key is 1 to 255 visible ASCII characters, such as a UUID. Send one of those.",
    );
  }
  const { kind, id } = request.identified;
  const fingerprint = createHmac("sha256", hubKey)
    .update(`${method} ${url}\n${JSON.stringify(request.body ?? null)}`)
    .digest();
  const attempt: Attempt = { caller: `${kind}:${id}`, key, fingerprint, attempt: request.id, isOver: false };
  const stored = await claimIdempotencyKey(database, attempt, { leaseMs: LEASE_MS, keptMs: KEPT_MS });
  if (stored === undefined) {
    request.idempotentAttempt = attempt;
    return attempt;
  }
  const answer = answerAgain(stored, fingerprint);
  const body = openAnswer(hubKey, answer.body, sealContext(attempt));
  void reply
    .code(answer.status)
    .headers(answer.headers)
    .header("idempotent-replayed", "true")
    .serializer(String)
    .send(body.length === 0 ? undefined : body.toString());
  return "answered";
}

/** @throws Refusal when the first request was another one, is under way, or has lost its answer */
function answerAgain(stored: StoredRequest, fingerprint: Buffer): StoredAnswer {
  if (!stored.fingerprint.equals(fingerprint)) {
    throw new Refusal(
      422,
      "idempotency_key_reused",
      "This Idempotency-Key was used for another request in the last 24 hours. Make a new key for each request.",
    );
  }
  if (stored.answer !== null) return stored.answer;
  if (stored.underWay || !stored.applied) {
    throw inProgress("The first request with this Idempotency-Key is still under way. Send it again in a moment.");
  }
  throw answerLost();
}

/** An answer that was sealed with another INLET_KEY is lost. */
function openAnswer(hubKey: Buffer, sealedBody: Buffer, context: string): Buffer {
  try {
    return unseal(hubKey, sealedBody, context);
  } catch {
    throw answerLost();
  }
}

function answerLost(): Refusal {
  return new Refusal(
    409,
    "idempotency_answer_lost",
    "The first request with this Idempotency-Key was carried out, and its answer is not kept any more. Look at what is there now; to do it once more, take a new key.",
  );
}

function inProgress(message: string): Refusal {
  return new Refusal(409, "idempotency_in_progress", message, undefined, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}

function sealed(
  { key }: Parts,
  attempt: Attempt,
  reply: FastifyReply,
  payload: string | null | undefined,
): StoredAnswer {
  const headers = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = reply.getHeader(name);
      return value === undefined ? [] : [[name, String(value)]];
    }),
  );
  return { status: reply.statusCode, headers, body: seal(key, Buffer.from(payload ?? ""), sealContext(attempt)) };
}

const sealContext = ({ caller, key }: Attempt) => `idempotency:${caller}:${key}`;

/** Forgets old keys now and every hour. */
export function keepIdempotencySwept({ database, logger }: Pick<Parts, "database" | "logger">): { close(): void } {
  const sweep = () =>
    sweepIdempotencyKeys(database, KEPT_MS).catch((err: unknown) => {
      logger.warn({ err }, "could not sweep the idempotency keys");
    });
  void sweep();
  const timer = setInterval(() => void sweep(), SWEPT_EVERY_MS);
  return { close: () => clearInterval(timer) };
}
