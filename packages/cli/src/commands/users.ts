import type { ApiRole, InvitedUser, User } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";
import { clock } from "../figures.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import { printable } from "../terminal.ts";

/** Adds a user, and shows the invitation, once. */
export async function addUser(
  login: string,
  options: GlobalOptions & { name?: string; role: ApiRole; client?: string },
): Promise<void> {
  const session = await openSession(options);
  const { role, client, name = login.slice(0, 80) } = options;
  const invited = await session.api.addUser({ login, name, role, ...(client === undefined ? {} : { client }) });
  showInvitation(session, invited, `User ${login} (${roleOf(invited.user)}) is added.`);
}

/** Invites a user once more, or lets the user set another password. */
export async function inviteUser(login: string, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  const user = await userOf(session, login);
  const invited = await session.api.inviteUser(user.id);
  const what = user.hasPassword ? "may set another password" : "is invited";
  showInvitation(session, invited, `${user.login} ${what}.`);
}

/** Lets a user in, or no more. */
export async function enableUser(login: string, enabled: boolean, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  const { id } = await userOf(session, login);
  const user = await session.api.changeUser(id, { enabled });
  session.out.line(`${user.login} is ${enabled ? "enabled" : "disabled; all sessions have ended"}.`);
  session.result({ user });
}

/** Lists the users. */
export async function listUsers(options: GlobalOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  const users = await api.users();
  const now = new Date();
  const columns: Column<User>[] = [
    { title: "USER", text: ({ login }) => printable(login), paint: (_, cell) => out.paint("bold", cell) },
    { title: "NAME", text: ({ name }) => printable(name), flexible: true },
    { title: "ROLE", text: ({ role }) => role },
    { title: "CLIENT", text: ({ client }) => client ?? "" },
    {
      title: "STATE",
      text: ({ state }) => state,
      paint: ({ state }, cell) => out.paint(state === "active" ? "green" : "yellow", cell),
    },
    { title: "BY", text: waysIn },
    { title: "LAST SIGN-IN", text: ({ lastSignInAt }) => (lastSignInAt === null ? "never" : clock(lastSignInAt, now)) },
  ];
  if (users.length === 0) out.line("No users. `inlet users add ADDRESS --role admin` makes the first one.");
  else for (const line of renderTable(users, columns, out)) out.line(line);
  result({ users });
}

function waysIn({ hasPassword, oidc }: User): string {
  return [hasPassword ? "password" : "", oidc === null ? "" : new URL(oidc.issuer).host]
    .filter((way) => way !== "")
    .join(", ");
}

const roleOf = ({ role, client }: User) => (client === null ? role : `${role} of ${client}`);

async function userOf({ api }: Session, login: string): Promise<User> {
  const wanted = login.trim().toLowerCase();
  const user = (await api.users()).find((each) => each.login === wanted);
  if (user !== undefined) return user;
  const message = `There is no user ${printable(login)}. \`inlet users list\` lists them.`;
  throw new CliFailure(EXIT.notFound, "user_not_found", message);
}

function showInvitation({ out, result }: Session, invited: InvitedUser, said: string): void {
  const { url, expiresAt } = invited.invitation;
  out.line(said);
  out.line(`  ${url}`);
  const until = clock(expiresAt, new Date());
  out.line(out.paint("yellow", `Hand this address over now; it works once, until ${until}, and is not shown again.`));
  result(invited);
}
