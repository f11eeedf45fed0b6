import {
  accountChangeSchema,
  accountListSchema,
  changedAccountSchema,
  newAccountSchema,
  slugSchema,
  usernameSchema,
} from "@inlet/contracts";
import {
  findClient,
  insertAccount,
  listAccounts,
  liveProjects,
  lockAccount,
  recordAudit,
  transaction,
  updateAccount,
} from "@inlet/database";
import { z } from "zod";
import { callerOf } from "../access.ts";
import { auditOf } from "../audit-entry.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { accountView, changedParts, newJail, readCredentials } from "./account.ts";

const tags = ["Accounts"];

/** Logins on the gateway. */
export function accountRoutes(app: RouteHost, { database }: ApiParts): void {
  app.get(
    "/v1/accounts",
    {
      config: { access: "oversee" },
      schema: {
        tags,
        summary: "List accounts",
        querystring: z.object({ client: slugSchema.optional() }),
        response: { 200: accountListSchema, ...errors() },
      },
    },
    async (request) => {
      const accounts = await listAccounts(database, request.query.client ?? null);
      const projects = await liveProjects(database);
      return { accounts: accounts.map((account) => accountView(account, projects)) };
    },
  );

  app.post(
    "/v1/accounts",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Add an account",
        description: "A generated password is in this answer and nowhere else.",
        body: newAccountSchema,
        response: { 201: changedAccountSchema, ...errors(404, 409) },
      },
    },
    async (request, reply) => {
      const { client, username, projects } = request.body;
      const credentials = await readCredentials(request.body);
      const account = await transaction(database, async (tx) => {
        const clientId = await findClient(tx, { client, scope: callerOf(request).scope });
        if (clientId === undefined) {
          throw notFound("client_not_found", `There is no client ${client}. Apply a profile of it first.`);
        }
        await assertProjects(client, projects, await liveProjects(tx));
        const { passwordHash = null, publicKeys = [], cidrs = [] } = credentials;
        const stored = { clientId, username, jail: newJail(), passwordHash, publicKeys, cidrs, projects };
        const inserted = await insertAccount(tx, stored);
        if (inserted === undefined) {
          throw new Refusal(409, "username_taken", `There is an account ${username} already. Choose another name.`);
        }
        const detail = { client, ...changedParts({ ...credentials, projects }) };
        await recordAudit(tx, auditOf(request, "account.add", { path: username, detail }));
        return inserted;
      });
      reply.status(201);
      return answer(accountView(account, await liveProjects(database)), credentials.shown);
    },
  );

  app.patch(
    "/v1/accounts/:username",
    {
      config: { access: "configure" },
      schema: {
        tags,
        summary: "Change an account",
        description: "Only what is given is changed. A disabled account cannot log in, and its sessions end.",
        params: z.object({ username: usernameSchema }),
        body: accountChangeSchema,
        response: { 200: changedAccountSchema, ...errors(404) },
      },
    },
    async (request) => {
      const { username } = request.params;
      const { enabled, projects } = request.body;
      const credentials = await readCredentials(request.body);
      const account = await transaction(database, async (tx) => {
        const locked = await lockAccount(tx, username);
        if (locked === undefined) {
          throw notFound("account_not_found", `There is no account ${username}. GET /v1/accounts lists them.`);
        }
        await assertProjects(locked.client, projects ?? null, await liveProjects(tx));
        const { passwordHash, publicKeys, cidrs } = credentials;
        const changed = {
          ...locked,
          ...(passwordHash === undefined ? {} : { passwordHash }),
          ...(publicKeys === undefined ? {} : { publicKeys }),
          ...(cidrs === undefined ? {} : { cidrs }),
          ...(projects === undefined ? {} : { projects }),
          ...(enabled === undefined ? {} : { enabled }),
        };
        await updateAccount(tx, changed);
        const detail = changedParts({ ...credentials, projects, enabled });
        await recordAudit(tx, auditOf(request, "account.change", { path: username, detail }));
        return changed;
      });
      return answer(accountView(account, await liveProjects(database)), credentials.shown);
    },
  );
}

function answer<View extends object>(view: View, password: string | undefined): View & { password?: string } {
  return password === undefined ? view : { ...view, password };
}

async function assertProjects(
  client: string,
  projects: readonly string[] | null,
  live: readonly { client: string; project: string }[],
): Promise<void> {
  const known = live.filter((each) => each.client === client).map((each) => each.project);
  const details = (projects ?? []).flatMap((project, index) =>
    known.includes(project) ? [] : [{ path: ["projects", index], message: `${project} is no project of ${client}` }],
  );
  if (details.length > 0) throw new Refusal(400, "account_invalid", "The account has mistakes; see errors.", details);
}
