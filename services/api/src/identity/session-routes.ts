import {
  invitationQuestionSchema,
  openInvitationSchema,
  passwordChangeSchema,
  sessionMethodsSchema,
  sessionSchema,
  setupSchema,
  signInSchema,
  userSchema,
} from "@inlet/contracts";
import {
  endSession,
  endSessionsOf,
  findInvited,
  findSession,
  findUser,
  hasUsers,
  insertUser,
  lockUsers,
  recordAudit,
  replacePassword,
  type SessionRow,
  setPasswordByInvitation,
  transaction,
  type UserRow,
} from "@inlet/database";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf, type Identify } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { assertOwnPage } from "./own-page.ts";
import { hashInTurn } from "./password-check.ts";
import { passwordProblem } from "./password-rules.ts";
import { clearSessionCookie, sessionTokenOf, setSessionCookie } from "./session-cookie.ts";
import { SESSION_IDLE_MS } from "./session-times.ts";
import { hashToken } from "./session-token.ts";
import { auditOfVisitor, openSession, userByPassword } from "./sign-in.ts";
import { sessionView, userView } from "./user-view.ts";

const tags = ["Signing in"];

/** Signing in and out, and what belongs to it. */
export function sessionRoutes(app: RouteHost, { database, env, identify }: ApiParts & { identify: Identify }): void {
  const told = env.CONSOLE_URL;

  function welcome(
    request: FastifyRequest,
    reply: FastifyReply,
    { session, token }: { session: SessionRow & UserRow; token: string },
  ) {
    setSessionCookie(request, reply, { token, endsAt: session.endsAt, told });
    return sessionView(session);
  }

  app.get(
    "/v1/session/methods",
    {
      config: { access: "public" },
      schema: {
        tags,
        security: [],
        summary: "Show how one signs in here",
        response: { 200: sessionMethodsSchema, ...errors() },
      },
    },
    async () => ({
      setupNeeded: !(await hasUsers(database)),
      password: true as const,
      oidc: env.OIDC_ISSUER === undefined ? null : { name: env.OIDC_NAME ?? new URL(env.OIDC_ISSUER).host },
    }),
  );

  app.post(
    "/v1/setup",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Make the first admin",
        description: "With an admin's API key, while there is no user yet. Sign in afterwards.",
        body: setupSchema,
        response: { 201: userSchema, ...errors(409) },
      },
    },
    async (request, reply) => {
      const { login, name, password } = request.body;
      if (await hasUsers(database)) throw setupDone();
      assertStrong(password, { login, name });
      const passwordHash = await hashInTurn(password);
      const user = await transaction(database, async (tx) => {
        await lockUsers(tx);
        if (await hasUsers(tx)) throw setupDone();
        const made = (await insertUser(tx, { login, name, role: "admin", clientId: null, passwordHash }))!;
        const detail = { id: made.id, role: "admin", first: true };
        await recordAudit(tx, auditOf(request, "user.add", { path: login, detail }));
        return made;
      });
      reply.status(201);
      return userView(user);
    },
  );

  app.post(
    "/v1/session",
    {
      config: { access: "public" },
      schema: {
        tags,
        security: [],
        summary: "Sign in",
        description:
          "Sets the session's cookie, under a new token each time. After some failed attempts at one login or from one " +
          "address nothing is tried for a while: 429 with `Retry-After`.",
        body: signInSchema,
        response: { 200: sessionSchema, ...errors() },
      },
    },
    async (request, reply) => {
      assertOwnPage(request, told);
      const checked = await userByPassword(database, request, request.body);
      const opened = await transaction(database, async (tx) => {
        const user = await findUser(tx, checked.id);
        if (user === undefined || !user.enabled || user.passwordHash !== checked.passwordHash) throw changedMeanwhile();
        return await openSession(tx, request, { user, by: "password", told });
      });
      return welcome(request, reply, opened);
    },
  );

  app.get(
    "/v1/session",
    {
      config: { access: "self" },
      schema: {
        tags,
        summary: "Show who is signed in, and what that allows",
        description: "For the session's cookie; GET /v1/identity is for API keys too.",
        response: { 200: sessionSchema, ...errors(404) },
      },
    },
    async (request) => {
      const token = callerOf(request).kind === "user" ? sessionTokenOf(request, told) : undefined;
      const session = token && (await findSession(database, { sha256: hashToken(token), idleMs: SESSION_IDLE_MS }));
      if (!session) throw noSession();
      return sessionView(session);
    },
  );

  app.delete(
    "/v1/session",
    {
      config: { access: "self" },
      schema: {
        tags,
        summary: "Sign out",
        response: { 204: z.null().describe("Signed out"), ...errors(404) },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request);
      const token = sessionTokenOf(request, told);
      if (caller.kind !== "user" || !token) throw noSession();
      await transaction(database, async (tx) => {
        await endSession(tx, hashToken(token));
        await recordAudit(tx, auditOf(request, "sign-out"));
      });
      clearSessionCookie(request, reply, told);
      reply.status(204);
      return null;
    },
  );

  app.post(
    "/v1/session/invitation",
    {
      config: { access: "public" },
      schema: {
        tags,
        security: [],
        summary: "Show whom an invitation is for",
        body: invitationQuestionSchema,
        response: { 200: openInvitationSchema, ...errors(404) },
      },
    },
    async (request) => {
      const user = await findInvited(database, hashToken(request.body.token));
      if (user === undefined || user.invitationUntil === null) throw noInvitation();
      const { login, name, passwordHash, invitationUntil } = user;
      return { login, name, reset: passwordHash !== null, expiresAt: invitationUntil.toISOString() };
    },
  );

  app.post(
    "/v1/session/password",
    {
      config: { access: "public" },
      schema: {
        tags,
        security: [],
        summary: "Set a password",
        description:
          "By an invitation, once; or by who is signed in and gives the present password. All other sessions of the user " +
          "end, and this one goes on under a new token.",
        body: passwordChangeSchema,
        response: { 200: sessionSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      assertOwnPage(request, told);
      const { body } = request;
      const opened = "invitation" in body ? await byInvitation(request, body) : await byPresent(request, reply, body);
      return welcome(request, reply, opened);
    },
  );

  async function byInvitation(
    request: FastifyRequest,
    { invitation, password }: { invitation: string; password: string },
  ) {
    const sha256 = hashToken(invitation);
    const invited = await findInvited(database, sha256);
    if (invited === undefined) throw noInvitation();
    assertStrong(password, invited);
    const passwordHash = await hashInTurn(password);
    return await transaction(database, async (tx) => {
      const used = await setPasswordByInvitation(tx, { sha256, passwordHash });
      if (used === undefined) throw noInvitation();
      const user = (await findUser(tx, used.id))!;
      await afterNewPassword(tx, request, user, { by: "invitation" });
      return await openSession(tx, request, { user, by: "password", told });
    });
  }

  async function byPresent(
    request: FastifyRequest,
    reply: FastifyReply,
    { current, password }: { current: string; password: string },
  ) {
    const caller = await identify(request, reply);
    if (caller.kind !== "user") throw noSession();
    const signedIn = await findUser(database, caller.id);
    if (signedIn === undefined) throw changedMeanwhile();
    if (signedIn.passwordHash === null) {
      const message = "You sign in elsewhere and have no password here. An admin's invitation sets one.";
      throw new Refusal(409, "no_password", message);
    }
    const user = await userByPassword(database, request, { login: signedIn.login, password: current });
    assertStrong(password, user);
    const passwordHash = await hashInTurn(password);
    return await transaction(database, async (tx) => {
      if (!(await replacePassword(tx, { userId: user.id, before: user.passwordHash, passwordHash }))) {
        throw changedMeanwhile();
      }
      await afterNewPassword(tx, request, user, { by: "present" });
      return await openSession(tx, request, { user: { ...user, passwordHash }, by: "password", told });
    });
  }
}

async function afterNewPassword(
  tx: Parameters<typeof openSession>[0],
  request: FastifyRequest,
  user: UserRow,
  detail: { by: "invitation" | "present" },
): Promise<void> {
  const ended = await endSessionsOf(tx, { userId: user.id });
  const entry = { actor: user.login, action: "user.password", outcome: "ok", path: user.login };
  await recordAudit(tx, auditOfVisitor(request, { ...entry, detail: { userId: user.id, ...detail, ended } }));
}

/** @throws Refusal `password_weak` */
function assertStrong(password: string, user: { login: string; name: string }): void {
  const problem = passwordProblem(password, user);
  if (problem === undefined) return;
  const details = [{ path: ["password"], message: problem }];
  throw new Refusal(400, "password_weak", `This password ${problem}.`, details);
}

const setupDone = () =>
  new Refusal(409, "setup_done", "There are users already. Sign in, or ask an admin for an invitation.");

const noInvitation = () =>
  new Refusal(
    404,
    "invitation_over",
    "This invitation was used already, is over, or never was. Ask an admin for another one.",
  );

const noSession = () =>
  new Refusal(404, "no_session", "An API key has no session and no password. GET /v1/identity shows whose it is.");

const changedMeanwhile = () =>
  new Refusal(409, "changed_meanwhile", "The user was changed while this was under way. Sign in again.");
