import {
  clientProblem,
  idParamSchema,
  invitedUserSchema,
  newUserSchema,
  userChangeSchema,
  userListSchema,
  userSchema,
} from "@inlet/contracts";
import {
  countAdmins,
  deleteUser,
  type Executor,
  endSessionsOf,
  findClient,
  findUser,
  insertUser,
  listUsers,
  lockUsers,
  putInvitation,
  recordAudit,
  type Tx,
  transaction,
  type UserRow,
  updateUser,
} from "@inlet/database";
import type { FastifyRequest } from "fastify";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { consoleUrl } from "./own-page.ts";
import { INVITATION_HOURS, SESSION_IDLE_MS } from "./session-times.ts";
import { newToken } from "./session-token.ts";
import { canSignIn, userView } from "./user-view.ts";

const tags = ["Users"];
const params = z.object({ id: idParamSchema });

/** Who signs in, and as what. */
export function userRoutes(app: RouteHost, { database, env }: ApiParts): void {
  async function invite(tx: Tx, request: FastifyRequest, userId: number) {
    const { token, sha256 } = newToken();
    const until = await putInvitation(tx, { userId, sha256, hours: INVITATION_HOURS });
    const url = `${consoleUrl(request, env.CONSOLE_URL)}/invitation#${token}`;
    return { token, url, expiresAt: until.toISOString() };
  }

  app.get(
    "/v1/users",
    {
      config: { access: "administer" },
      schema: { tags, summary: "List users", response: { 200: userListSchema, ...errors() } },
    },
    async () => ({ users: (await listUsers(database, { idleMs: SESSION_IDLE_MS })).map(userView) }),
  );

  app.post(
    "/v1/users",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Add a user",
        description:
          `Without a password: the user sets it by the invitation, which is in this answer and nowhere else, may be used ` +
          `once and ends after ${INVITATION_HOURS} hours. Hand its address over; Inlet sends no mail of its own for it.`,
        body: newUserSchema,
        response: { 201: invitedUserSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { login, name, role, client } = request.body;
      const answer = await transaction(database, async (tx) => {
        await lockUsers(tx);
        const clientId = await clientIdOf(tx, client ?? null);
        const inserted = await insertUser(tx, { login, name, role, clientId });
        if (inserted === undefined) {
          throw new Refusal(409, "login_taken", `There is a user ${login} already. GET /v1/users lists them.`);
        }
        const invitation = await invite(tx, request, inserted.id);
        const detail = { id: inserted.id, role, client: inserted.client };
        await recordAudit(tx, auditOf(request, "user.add", { path: login, detail }));
        return { user: userView((await findUser(tx, inserted.id))!), invitation };
      });
      reply.status(201);
      return answer;
    },
  );

  app.patch(
    "/v1/users/:id",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Change a user",
        description:
          "Only what is given is changed. Another role or client and disabling end the user's sessions; a role that was " +
          "changed here no longer follows what the issuer of a login elsewhere says. The last admin stays.",
        params,
        body: userChangeSchema,
        response: { 200: userSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const { name, role, client, enabled } = request.body;
      const user = await transaction(database, async (tx) => {
        await lockUsers(tx);
        const before = await userOf(tx, request.params.id);
        const after = {
          ...before,
          name: name ?? before.name,
          role: role ?? before.role,
          client: client === undefined ? before.client : client,
          clientId: client === undefined ? before.clientId : await clientIdOf(tx, client),
          enabled: enabled ?? before.enabled,
        };
        const problem = clientProblem(after.role, after.client, "user");
        if (problem !== undefined) {
          const details = [{ path: [...problem.path], message: problem.message }];
          throw new Refusal(
            400,
            "user_invalid",
            "The user's role and client do not fit together; see errors.",
            details,
          );
        }
        const reshaped = after.role !== before.role || after.clientId !== before.clientId;
        if (isWorkingAdmin(before) && !isWorkingAdmin(after)) await assertAnotherAdmin(tx);
        await updateUser(tx, { ...after, roleFromClaim: before.roleFromClaim && !reshaped });
        const ended = reshaped || !after.enabled ? await endOthers(tx, request, after) : 0;
        const detail = { id: before.id, name, role, client, enabled, ended };
        await recordAudit(tx, auditOf(request, "user.change", { path: before.login, detail }));
        return await userOf(tx, before.id);
      });
      return userView(user);
    },
  );

  app.delete(
    "/v1/users/:id",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Remove a user",
        description: "With all sessions, for good. What the audit says of the user stays. The last admin stays.",
        params,
        response: { 200: userSchema, ...errors(404, 409) },
      },
    },
    async (request) => {
      const user = await transaction(database, async (tx) => {
        await lockUsers(tx);
        const found = await userOf(tx, request.params.id);
        if (isWorkingAdmin(found)) await assertAnotherAdmin(tx);
        await deleteUser(tx, found.id);
        const detail = { id: found.id, role: found.role, client: found.client };
        await recordAudit(tx, auditOf(request, "user.remove", { path: found.login, detail }));
        return { ...found, enabled: false };
      });
      return userView(user);
    },
  );

  app.post(
    "/v1/users/:id/invitation",
    {
      config: { access: "administer" },
      schema: {
        tags,
        summary: "Invite a user once more, or reset the password",
        description:
          "In place of the invitation before. A password that is there counts until the invitation is used; then all " +
          "sessions of the user end.",
        params,
        response: { 201: invitedUserSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const answer = await transaction(database, async (tx) => {
        await lockUsers(tx);
        const found = await userOf(tx, request.params.id);
        if (!found.enabled) {
          throw new Refusal(409, "user_disabled", `${found.login} is disabled. Enable the user first.`);
        }
        const invitation = await invite(tx, request, found.id);
        const detail = { id: found.id, reset: found.passwordHash !== null };
        await recordAudit(tx, auditOf(request, "user.invite", { path: found.login, detail }));
        return { user: userView(await userOf(tx, found.id)), invitation };
      });
      reply.status(201);
      return answer;
    },
  );
}

async function userOf(executor: Executor, id: number): Promise<UserRow> {
  const user = await findUser(executor, id);
  if (user === undefined) throw notFound("user_not_found", `There is no user ${id}. GET /v1/users lists them.`);
  return user;
}

async function clientIdOf(executor: Executor, client: string | null): Promise<number | null> {
  if (client === null) return null;
  const clientId = await findClient(executor, { client, scope: null });
  if (clientId === undefined) {
    throw notFound("client_not_found", `There is no client ${client}. Apply a profile of it first.`);
  }
  return clientId;
}

/** Ends the user's sessions; of somebody who changes their own user, the one at hand stays. */
async function endOthers(tx: Tx, request: FastifyRequest, user: { id: number; enabled: boolean }): Promise<number> {
  const caller = callerOf(request);
  const own = caller.kind === "user" && caller.id === user.id && user.enabled ? caller.sessionId : undefined;
  return await endSessionsOf(tx, { userId: user.id, butId: own });
}

function isWorkingAdmin(user: Pick<UserRow, "role" | "enabled" | "passwordHash" | "oidcSubject">): boolean {
  return user.role === "admin" && user.enabled && canSignIn(user);
}

/** @throws Refusal `last_admin` */
async function assertAnotherAdmin(tx: Tx): Promise<void> {
  if ((await countAdmins(tx)) > 1) return;
  throw new Refusal(409, "last_admin", "This is the last admin who can sign in. Let somebody else be one first.");
}
