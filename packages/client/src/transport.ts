import type * as contracts from "@inlet/contracts";
import { Misconfigured } from "@inlet/contracts/errors";
import type { z } from "zod";
import { errorOf, unreachable } from "./api-refusal.ts";

/** Where the API is, and as whom it is spoken to. */
export interface TransportOptions {
  /** Such as `http://127.0.0.1:8080`, with or without a path before `/v1`. Empty in a page that the hub itself serves. */
  url: string;
  credentials: Credentials;
  /** An answer (not an upload, a download or a stream) that takes longer is given up. Default 30 s. */
  timeoutMs?: number | undefined;
}

/** An API key, `inlet_…`; or the session of the browser's page, whose cookie no script can read. */
export type Credentials = { key: string } | { session: true };

type Contracts = typeof contracts;

/** The contracts' schemas by their names: a call says by name what it is answered. */
export type AnswerName = {
  [Name in keyof Contracts]: Contracts[Name] extends z.ZodType ? Name : never;
}[keyof Contracts];

/** What an answer of that name is. */
export type Answer<Name extends AnswerName> = Contracts[Name] extends z.ZodType ? z.output<Contracts[Name]> : never;

/** Finds out whether an answer is what its name says. The browser's has none: it comes with the hub that answers. */
export type CheckAnswer = (name: AnswerName, answer: unknown) => { value: unknown } | { mistake: string; cause: Error };

/** What one request may have besides its address and its body. */
export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** For a write that is tried again by its caller: the same key for the same wish. One is made when it is left out. */
  idempotencyKey?: string | undefined;
  /** The entity tag that a document still has to have, such as `"3"` with its quotes. */
  ifMatch?: string | undefined;
  /** `*`: nothing may be there yet. */
  ifNoneMatch?: "*" | undefined;
}

/** A request whose answer is not JSON, or whose body is not. */
export interface RawRequest extends RequestOptions {
  method?: Method;
  headers?: Readonly<Record<string, string>>;
  body?: Body;
  /** False: takes as long as it takes. */
  timed?: boolean;
}

type Body = NonNullable<RequestInit["body"]>;
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** Sends requests. Everything but a success is thrown as an AppError. */
export interface Send {
  /** A request with or without a JSON body; its answer is JSON, and is what `answer` names. */
  <Name extends AnswerName>(
    answer: Name,
    method: Method,
    path: string,
    body?: object,
    options?: RequestOptions,
  ): Promise<Answer<Name>>;
  /** A request that is answered with nothing (204). */
  nothing(method: Method, path: string, body?: object, options?: RequestOptions): Promise<void>;
  /** The answer as fetch gives it: for files, texts and streams of events. */
  raw(path: string, request?: RawRequest): Promise<Response>;
  /** Reads a raw answer as JSON. */
  read<Name extends AnswerName>(answer: Name, response: Response): Promise<Answer<Name>>;
  /** The same, with these options in every request that does not say otherwise. */
  with(options: RequestOptions): Send;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Makes what sends. Nothing is sent before its first use. */
export function openTransport(options: TransportOptions, check?: CheckAnswer): Send {
  const { credentials, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const base = options.url.replace(/\/+$/, "");
  const place = base || "The hub";
  const authority = authorityOf(credentials);

  /** @throws AppError for everything but a success; what the caller's own signal says, when it was that */
  async function raw(path: string, request: RawRequest = {}): Promise<Response> {
    const { method = "GET", headers, body, signal, ifMatch, ifNoneMatch, timed = true } = request;
    const signals = [signal, timed ? AbortSignal.timeout(timeoutMs) : undefined].filter((each) => each !== undefined);
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, {
        ...authority.init,
        method,
        headers: {
          ...authority.headers,
          ...(ifMatch === undefined ? {} : { "if-match": ifMatch }),
          ...(ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch }),
          ...headers,
        },
        ...(body === undefined ? {} : { body }),
        ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
        // Without it fetch refuses streams (WHATWG fetch, section 5.4).
        ...(isStream(body) ? { duplex: "half" } : {}),
        redirect: "error",
      } as RequestInit);
    } catch (error) {
      if (signal?.aborted && (signal.reason as Error | undefined)?.name !== "TimeoutError") throw error;
      throw unreachable(place, error);
    }
    if (response.ok) return response;
    throw errorOf(response.status, await response.text().catch(() => ""), place);
  }

  function ask(method: Method, path: string, body: object | undefined, options: RequestOptions): Promise<Response> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (method !== "GET") headers["idempotency-key"] = options.idempotencyKey ?? newIdempotencyKey();
    if (body === undefined) return raw(path, { ...options, method, headers });
    headers["content-type"] = "application/json";
    return raw(path, { ...options, method, headers, body: JSON.stringify(body) });
  }

  async function read<Name extends AnswerName>(name: Name, response: Response): Promise<Answer<Name>> {
    let answer: unknown;
    try {
      answer = await response.json();
    } catch (error) {
      throw unreachable(place, error);
    }
    const checked = check?.(name, answer) ?? { value: answer };
    if ("value" in checked) return checked.value as Answer<Name>;
    throw new Misconfigured({
      code: "answer_unknown",
      message: `${place} answers what this version does not know (${checked.mistake}). Use the version of the hub.`,
      cause: checked.cause,
    });
  }

  const withOptions = (common: RequestOptions): Send =>
    Object.assign(
      async <Name extends AnswerName>(
        answer: Name,
        method: Method,
        path: string,
        body?: object,
        options?: RequestOptions,
      ) => await read(answer, await ask(method, path, body, { ...common, ...options })),
      {
        async nothing(method: Method, path: string, body?: object, options?: RequestOptions) {
          const response = await ask(method, path, body, { ...common, ...options });
          await response.body?.cancel();
        },
        raw: (path: string, request?: RawRequest) => raw(path, { ...common, ...request }),
        read,
        with: (options: RequestOptions) => withOptions({ ...common, ...options }),
      },
    );
  return withOptions({});
}

/** 128 random bits. Not `randomUUID`, which browsers have over HTTPS alone. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function authorityOf(credentials: Credentials): { headers: Record<string, string>; init: RequestInit } {
  if ("key" in credentials) return { headers: { authorization: `Bearer ${credentials.key}` }, init: {} };
  // No other site's page can send this header: it stands for “this came from the console itself”.
  return { headers: { "inlet-request": "1" }, init: { credentials: "same-origin" } };
}

function isStream(body: Body | undefined): boolean {
  return typeof ReadableStream !== "undefined" && body instanceof ReadableStream;
}
