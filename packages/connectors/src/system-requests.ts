import type { AppError } from "@inlet/contracts";
import { type HttpAnswer, type HttpRequest, sendWithRetries } from "@inlet/remote-http";
import type { ConnectorParts } from "./connector.ts";
import { orAborted } from "./or-aborted.ts";
import type { SystemSecrets } from "./secrets.ts";
import { answerFault, requestFault } from "./system-faults.ts";
import { type Conceal, systemWords } from "./system-words.ts";

/** Something that a system is asked. It only reads, whatever its method: it may be asked twice. */
export interface SystemRequest extends Pick<HttpRequest, "method" | "url" | "headers" | "body" | "signal"> {
  /** For messages, after "asked for": `page 3 of Items`. */
  what: string;
  /**
   * What an answer that is no success means. Default: {@link answerFault}.
   * @param conceal takes secrets out of a text of the system's: before it is cut
   */
  fault?(answer: HttpAnswer, conceal: Conceal): AppError;
}

/** How a connector proves who we are. */
export interface Credentials {
  /** The request with the proof; logs in or gets a token first, where none is at hand. */
  sign(request: HttpRequest): Promise<SignedRequest>;
}

interface SignedRequest {
  request: HttpRequest;
  /** Told of each answer, for proofs that live by being used, or change on the way. */
  took?(answer: HttpAnswer): void;
  /** For proofs that run out: told when this one was not taken (401), so that the next `sign` gets a new one. */
  forget?(): void;
}

/** Asks a system. */
export interface SystemRequests {
  /**
   * With proof of who we are, tried again while it may help, and once more with a new proof when the old one has run out.
   * @returns a successful answer (2xx)
   * @throws Misconfigured `system_access_denied`, `system_refused`, `system_moved`, `system_answer_too_large`, and what
   * {@link RemoteHttp.request} throws of addresses and certificates
   * @throws Unavailable `system_unreachable`, `system_answer_broken`
   */
  ask(request: SystemRequest): Promise<HttpAnswer>;
}

interface SystemRequestsOptions {
  parts: Pick<ConnectorParts, "http" | "onRetry" | "retries">;
  timeoutSeconds: number;
  secrets: SystemSecrets;
  credentials: Credentials;
}

/** The way that all requests of a connector go. */
export function openSystemRequests(options: SystemRequestsOptions): SystemRequests {
  const { parts, timeoutSeconds, secrets, credentials } = options;

  async function send({ what, fault: _, ...request }: SystemRequest): Promise<HttpAnswer> {
    for (let isFirst = true; ; isFirst = false) {
      request.signal?.throwIfAborted();
      const signed = await orAborted(credentials.sign(request), request.signal);
      const answer = await sendWithRetries(
        parts.http,
        { ...signed.request, timeoutMs: timeoutSeconds * 1000 },
        {
          policy: parts.retries,
          isIdempotent: true,
          onRetry: (fact) => parts.onRetry?.({ ...fact, url: withoutQuery(request.url) }),
        },
      ).catch((error: unknown) => {
        throw requestFault({ url: request.url, what }, error);
      });
      signed.took?.(answer);
      if (!isFirst || signed.forget === undefined || answer.status !== 401) return answer;
      signed.forget();
    }
  }

  return {
    async ask(request) {
      const answer = await send(request);
      if (answer.status >= 200 && answer.status < 300) return answer;
      if (request.fault) throw request.fault(answer, secrets.conceal);
      throw answerFault(request, answer, systemWords(answer, secrets.conceal));
    },
  };
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
