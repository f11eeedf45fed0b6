import type { FastifyReply, FastifyRequest } from "fastify";
import { isSecure } from "./own-page.ts";
import { isToken } from "./session-token.ts";

const NAME = "inlet-session";

/**
 * The cookie's name. Over HTTPS with the prefix that binds it to this very host: a neighbouring host cannot plant one
 * (RFC 6265bis, section 4.1.3.2).
 */
export function sessionCookieName(secure: boolean): string {
  return secure ? `__Host-${NAME}` : NAME;
}

/** What every cookie of ours is: out of scripts' reach, on all paths, for this host alone. */
export const cookieOptions = (secure: boolean) => ({ httpOnly: true, path: "/", secure }) as const;

/** The session's token that a request brings. Undefined: no cookie. What is no token is given as an empty one. */
export function sessionTokenOf(request: FastifyRequest, told: string | undefined): string | undefined {
  const value = request.cookies[sessionCookieName(isSecure(request, told))];
  return value === undefined || isToken(value) ? value : "";
}

/** Gives the browser a session. The cookie lives as long as the session may at most; the hub ends it earlier. */
export function setSessionCookie(
  request: FastifyRequest,
  reply: FastifyReply,
  { token, endsAt, told }: { token: string; endsAt: Date; told: string | undefined },
): void {
  const secure = isSecure(request, told);
  reply.setCookie(sessionCookieName(secure), token, {
    ...cookieOptions(secure),
    sameSite: "strict",
    expires: endsAt,
  });
}

/** Takes the cookie from the browser. */
export function clearSessionCookie(request: FastifyRequest, reply: FastifyReply, told: string | undefined): void {
  const secure = isSecure(request, told);
  reply.clearCookie(sessionCookieName(secure), { ...cookieOptions(secure), sameSite: "strict" });
}
