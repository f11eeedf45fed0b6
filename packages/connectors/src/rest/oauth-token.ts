import { createHash } from "node:crypto";
import { Misconfigured, type RestAuth, Unavailable } from "@inlet/contracts";
import { type HttpAnswer, type RemoteHttp, type RetryPolicy, sendWithRetries } from "@inlet/remote-http";
import { z } from "zod";
import type { SystemSecrets } from "../secrets.ts";
import { requestFault } from "../system-faults.ts";
import { systemWords } from "../system-words.ts";

type OAuth2 = Extract<RestAuth, { by: "oauth2" }>;

/** A token that runs out within so long is not begun with. */
const SPARE_MS = 30_000;
/** Where the endpoint does not say how long; when it ran out earlier, its refusal tells. */
const USUAL_MS = 30 * 60_000;
/** Beyond that a token is got anew, whatever the endpoint says: its rights may have changed. */
const LONGEST_MS = 12 * 3_600_000;
const MOST_KEPT = 500;

interface Token {
  text: string;
  untilMs: number;
}

/**
 * The tokens of this process, by the hash of what they were got with: pulls of one system share one, because many endpoints count
 * tokens, and some take money for them.
 */
const kept = new Map<string, Promise<Token>>();

const answerSchema = z.object({
  access_token: z.string().min(1).max(65_536),
  expires_in: z.coerce.number().positive().optional().catch(undefined),
});

export interface TokenParts {
  http: RemoteHttp;
  secrets: SystemSecrets;
  retries?: Partial<RetryPolicy> | undefined;
  timeoutMs: number;
}

/** Gets tokens by `client_credentials` (RFC 6749, section 4.4), and keeps them while they hold. */
export function openTokens(auth: OAuth2, { http, secrets, retries, timeoutMs }: TokenParts) {
  async function get(secret: string): Promise<Token> {
    const askedMs = performance.now();
    const what = "a token";
    const request = { ...tokenRequest(auth, secret), timeoutMs };
    secrets.remember(request.headers.authorization?.replace("Basic ", "") ?? "");
    const answer = await sendWithRetries(http, request, { policy: retries, isIdempotent: true }).catch(
      (error: unknown) => {
        throw requestFault({ url: auth.tokenUrl, what }, error);
      },
    );
    if (answer.status !== 200) throw refusal(auth, answer, secrets);
    const said = answerSchema.safeParse(parsed(answer.body));
    if (!said.success) {
      throw new Unavailable({
        code: "system_answer_broken",
        message: `${new URL(auth.tokenUrl).origin} was asked for a token, and its answer holds none.`,
      });
    }
    const { access_token: text, expires_in: seconds } = said.data;
    const lifeMs = seconds === undefined ? USUAL_MS : Math.min(LONGEST_MS, seconds * 1000);
    // A token that lives shorter than what is spared is used for half its life.
    return { text, untilMs: askedMs + Math.max(lifeMs - SPARE_MS, lifeMs / 2) };
  }

  return {
    /** @throws what says why there is none */
    async take(): Promise<{ text: string; forget(): void }> {
      const secret = await secrets.get(auth.secret);
      const name = nameOf(auth, secret);
      let coming = kept.get(name);
      const known = await coming?.catch(() => undefined);
      if (known === undefined || known.untilMs <= performance.now()) {
        if (kept.get(name) === coming) kept.delete(name);
        // Another may have begun in the meantime.
        coming = kept.get(name);
      }
      if (coming === undefined) {
        coming = get(secret);
        keep(name, coming);
      }
      const token = await coming;
      secrets.remember(token.text);
      const taken = coming;
      return {
        text: token.text,
        forget: () => {
          if (kept.get(name) === taken) kept.delete(name);
        },
      };
    },
  };
}

function keep(name: string, coming: Promise<Token>): void {
  if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
  kept.set(name, coming);
  coming.catch(() => {
    if (kept.get(name) === coming) kept.delete(name);
  });
}

function tokenRequest({ tokenUrl, clientId, scope, audience, send }: OAuth2, secret: string) {
  const form = new URLSearchParams({ grant_type: "client_credentials" });
  if (scope !== undefined) form.set("scope", scope);
  if (audience !== undefined) form.set("audience", audience);
  if (send === "form") {
    form.set("client_id", clientId);
    form.set("client_secret", secret);
  }
  // In the header both are encoded as in a form first (RFC 6749, section 2.3.1).
  const encoded = (text: string) => new URLSearchParams([["", text]]).toString().slice(1);
  const proof = Buffer.from(`${encoded(clientId)}:${encoded(secret)}`).toString("base64");
  return {
    method: "POST" as const,
    url: tokenUrl,
    headers: {
      accept: "application/json",
      "content-type": "application/x-www-form-urlencoded",
      ...(send === "header" && { authorization: `Basic ${proof}` }),
    },
    body: form.toString(),
  };
}

function refusal(auth: OAuth2, answer: HttpAnswer, secrets: SystemSecrets) {
  const where = new URL(auth.tokenUrl).origin;
  const words = systemWords(answer, secrets.conceal);
  const said = words === undefined ? "" : ` It says: ${words.replace(/([^.!?…])$/, "$1.")}`;
  const context = { what: "a token", status: answer.status };
  if (answer.status >= 500 || answer.status === 429) {
    return new Unavailable({
      code: "system_unreachable",
      message: `${where} answers ${answer.status} when asked for a token, again and again.${said}`,
      context,
    });
  }
  return new Misconfigured({
    code: "system_access_denied",
    message: `${where} gives no token (${answer.status}).${said} Check \`clientId\`, \`scope\`, \`audience\` and the secret ${auth.secret}.`,
    context,
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

const nameOf = ({ tokenUrl, clientId, scope = "", audience = "", send }: OAuth2, secret: string): string =>
  createHash("sha256")
    .update(JSON.stringify([tokenUrl, clientId, scope, audience, send, secret]))
    .digest("base64");
