import { seal, unseal } from "@inlet/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Begun } from "./oidc-issuer.ts";
import { isSecure } from "./own-page.ts";
import { cookieOptions } from "./session-cookie.ts";

const LASTS_SECONDS = 600;
const SEALED_FOR = "oidc-sign-in";

const keptSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  codeVerifier: z.string(),
  to: z.string(),
  until: z.number(),
});

const nameOf = (secure: boolean) => (secure ? "__Host-inlet-oidc" : "inlet-oidc");

interface Parts {
  key: Buffer;
  told: string | undefined;
}

/**
 * Remembers a sign-in that was begun in the browser that began it: sealed, for ten minutes. SameSite=Lax, because the
 * callback is a navigation that comes from the issuer's page; the session's own cookie is Strict.
 */
export function keepBegun(
  request: FastifyRequest,
  reply: FastifyReply,
  { key, told }: Parts,
  begun: Begun & { to: string },
): void {
  const text = JSON.stringify({ ...begun, until: Date.now() + LASTS_SECONDS * 1_000 });
  const secure = isSecure(request, told);
  reply.setCookie(nameOf(secure), seal(key, Buffer.from(text), SEALED_FOR).toString("base64url"), {
    ...cookieOptions(secure),
    sameSite: "lax",
    maxAge: LASTS_SECONDS,
  });
}

/** Takes what was remembered out of the browser. Undefined: there is nothing, it is over, or it is not ours. */
export function takeBegun(
  request: FastifyRequest,
  reply: FastifyReply,
  { key, told }: Parts,
): (Begun & { to: string }) | undefined {
  const secure = isSecure(request, told);
  const sealed = request.cookies[nameOf(secure)];
  reply.clearCookie(nameOf(secure), { ...cookieOptions(secure), sameSite: "lax" });
  if (sealed === undefined) return undefined;
  try {
    const { until, ...begun } = keptSchema.parse(
      JSON.parse(unseal(key, Buffer.from(sealed, "base64url"), SEALED_FOR).toString()),
    );
    return until > Date.now() ? begun : undefined;
  } catch {
    return undefined;
  }
}
