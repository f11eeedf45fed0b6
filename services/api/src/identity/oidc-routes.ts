import type { OidcRefusal } from "@inlet/contracts";
import { recordAudit, transaction } from "@inlet/database";
import type { FastifyReply, FastifyRequest } from "fastify";
import { AuthorizationResponseError } from "openid-client";
import { z } from "zod";
import { errors } from "../openapi/openapi.ts";
import { notFound } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { goingOnPage, pathWithin } from "./going-on-page.ts";
import { type Claims, openIssuer } from "./oidc-issuer.ts";
import { keepBegun, takeBegun } from "./oidc-state.ts";
import { userByClaims } from "./oidc-user.ts";
import { setSessionCookie } from "./session-cookie.ts";
import { auditOfVisitor, openSession } from "./sign-in.ts";

const tags = ["Signing in"];

/** Signing in elsewhere: OpenID Connect, code flow with PKCE. Both routes are for browsers, by navigation. */
export function oidcRoutes(app: RouteHost, { database, env }: ApiParts): void {
  const told = env.CONSOLE_URL;
  const issuer = openIssuer(env);
  const kept = { key: env.INLET_KEY, told };
  const noOidc = () => notFound("no_oidc", "Signing in elsewhere is not set up here. Sign in with a password.");

  function goOn(reply: FastifyReply, to: string) {
    const { body, headers } = goingOnPage(to);
    return reply.status(200).headers(headers).send(body);
  }

  async function refuse(request: FastifyRequest, reply: FastifyReply, reason: OidcRefusal, claims?: Claims) {
    const detail = { by: "oidc", reason, ...(claims ? { issuer: claims.iss, subject: claims.sub } : {}) };
    const entry = { actor: "(signing in elsewhere)", action: "sign-in", outcome: "failed", detail };
    await recordAudit(database, auditOfVisitor(request, entry));
    return goOn(reply, `/sign-in?refused=${reason}`);
  }

  app.get(
    "/v1/session/oidc",
    {
      config: { access: "public" },
      schema: {
        tags,
        security: [],
        summary: "Begin to sign in elsewhere",
        description: "For a browser's navigation. Goes to the issuer, and comes back by /v1/session/oidc/callback.",
        querystring: z.object({ to: z.string().max(2_000).optional().describe("The page to go to afterwards") }),
        response: { 302: z.null().describe("On to the issuer"), ...errors(404) },
      },
    },
    async (request, reply) => {
      if (issuer === undefined) throw noOidc();
      const begun = await issuer.begin().catch((err: unknown) => {
        request.log.warn({ err }, "the issuer cannot be reached");
        return undefined;
      });
      if (begun === undefined) return reply.redirect("/sign-in?refused=unavailable", 302);
      keepBegun(request, reply, kept, { ...begun.begun, to: pathWithin(request.query.to) });
      return reply.redirect(begun.url.href, 302);
    },
  );

  app.get(
    "/v1/session/oidc/callback",
    {
      config: { access: "public" },
      schema: {
        tags,
        security: [],
        summary: "Come back from signing in elsewhere",
        description:
          "Answers a page that goes on by itself: to the page that was asked for, signed in; or to /sign-in with " +
          "`refused` in its query.",
        querystring: z.looseObject({}),
        response: { ...errors(404) },
      },
    },
    async (request, reply) => {
      if (issuer === undefined) throw noOidc();
      const begun = takeBegun(request, reply, kept);
      if (begun === undefined) return await refuse(request, reply, "expired");
      let claims: Claims;
      try {
        claims = await issuer.finish(new URL(request.url, "http://console.invalid").search, begun);
      } catch (err) {
        if (err instanceof AuthorizationResponseError && err.error === "access_denied") {
          return await refuse(request, reply, "cancelled");
        }
        request.log.warn({ err }, "signing in elsewhere failed");
        return await refuse(request, reply, "unavailable");
      }
      const signedIn = await transaction(database, async (tx) => {
        const found = await userByClaims(tx, request, { claims, env });
        return "refused" in found ? found : await openSession(tx, request, { user: found.user, by: "oidc", told });
      });
      if ("refused" in signedIn) return await refuse(request, reply, signedIn.refused, claims);
      setSessionCookie(request, reply, { token: signedIn.token, endsAt: signedIn.session.endsAt, told });
      return goOn(reply, begun.to);
    },
  );
}
