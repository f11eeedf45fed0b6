import type { Account, ChangedAccount, Connection } from "@inlet/contracts";
import { usageFailure } from "../failure.ts";
import { readNamedFile } from "../named-file.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import { printable } from "../terminal.ts";

interface AddOptions extends GlobalOptions {
  client: string;
  publicKey?: string[];
  password?: boolean;
  cidr?: string[];
  project?: string[];
}

interface ChangeOptions extends GlobalOptions {
  newPassword?: boolean;
  password: boolean;
  publicKey?: string[];
  cidr?: string[];
  anyAddress?: boolean;
  project?: string[];
  allProjects?: boolean;
}

/** Adds a login and shows how it is used. */
export async function addAccount(username: string, options: AddOptions): Promise<void> {
  const publicKeys = await readKeys(options.publicKey ?? []);
  const session = await openSession(options);
  const account = await session.api.addAccount({
    client: options.client,
    username,
    publicKeys,
    generatePassword: options.password ?? publicKeys.length === 0,
    cidrs: options.cidr ?? [],
    projects: options.project ?? null,
  });
  // The login is made: what only helps to hand it over must not look as if it were not.
  const connection = await session.api.connection().catch(() => undefined);
  show(session, account, "added", connection);
}

/** Changes what was given of a login. */
export async function changeAccount(username: string, options: ChangeOptions): Promise<void> {
  const { newPassword = false, password, cidr, anyAddress, project, allProjects } = options;
  if (newPassword && !password) throw usageFailure("--new-password and --no-password are two things; choose one.");
  if (cidr && anyAddress) throw usageFailure("--cidr and --any-address are two things; choose one.");
  if (project && allProjects) throw usageFailure("--project and --all-projects are two things; choose one.");
  const change = {
    ...(newPassword ? { generatePassword: true } : {}),
    ...(password ? {} : { password: null }),
    ...(options.publicKey ? { publicKeys: await readKeys(options.publicKey) } : {}),
    ...(cidr ? { cidrs: cidr } : anyAddress ? { cidrs: [] } : {}),
    ...(project ? { projects: project } : allProjects ? { projects: null } : {}),
  };
  if (Object.keys(change).length === 0)
    throw usageFailure("Nothing to change was given; see `inlet help account change`.");
  const session = await openSession(options);
  show(session, await session.api.changeAccount(username, change), "changed");
}

/** Lets a login in, or no more. */
export async function enableAccount(username: string, enabled: boolean, options: GlobalOptions): Promise<void> {
  const session = await openSession(options);
  const account = await session.api.changeAccount(username, { enabled });
  session.out.line(`${username} is ${enabled ? "enabled" : "disabled"}.`);
  session.result({ account });
}

/** Lists the logins. */
export async function listAccounts(options: GlobalOptions & { client?: string }): Promise<void> {
  const { api, out, result } = await openSession(options);
  const accounts = await api.accounts(options.client);
  const columns: Column<Account>[] = [
    { title: "LOGIN", text: ({ username }) => username, paint: (_, cell) => out.paint("bold", cell) },
    { title: "CLIENT", text: ({ client }) => client },
    {
      title: "STATE",
      text: ({ enabled }) => (enabled ? "enabled" : "disabled"),
      paint: ({ enabled }, cell) => out.paint(enabled ? "green" : "yellow", cell),
    },
    { title: "BY", text: waysIn },
    { title: "FROM", text: ({ cidrs }) => (cidrs.length === 0 ? "anywhere" : cidrs.join(" ")) },
    { title: "FOLDERS", text: ({ folders }) => folders.map(({ path }) => path).join(" "), flexible: true },
  ];
  if (accounts.length === 0) out.line("No logins. `inlet account add NAME --client CLIENT` makes one.");
  else for (const line of renderTable(accounts, columns, out)) out.line(line);
  result({ accounts });
}

function waysIn({ hasPassword, publicKeys }: Account): string {
  const keys = publicKeys.length === 1 ? "1 key" : `${publicKeys.length} keys`;
  return [hasPassword ? "password" : "", publicKeys.length > 0 ? keys : ""].filter((way) => way !== "").join(", ");
}

function show({ out, result }: Session, account: ChangedAccount, verb: string, connection?: Connection): void {
  const fact = (name: string, text: string) => out.line(`  ${out.paint("dim", name.padEnd(11))}${printable(text)}`);
  out.line(`Login ${out.paint("bold", account.username)} of ${account.client} ${verb}.`);
  if (connection !== undefined)
    fact("server", `sftp://${account.username}@${connection.sftp.host}:${connection.sftp.port}`);
  for (const { type, fingerprint } of connection?.sftp.hostKeys ?? []) fact("host key", `${type} ${fingerprint}`);
  if (account.password !== undefined) fact("password", account.password);
  for (const { type, fingerprint, comment } of account.publicKeys) fact("key", `${type} ${fingerprint} ${comment}`);
  fact("from", account.cidrs.length === 0 ? "anywhere" : account.cidrs.join(", "));
  for (const { use, path, project } of account.folders) fact(use, `${path}  (${project})`);
  if (account.folders.length === 0) fact("folders", "none yet: apply a profile with folders");
  if (account.password !== undefined) out.line(out.paint("yellow", "Keep the password now; it is not shown again."));
  result(connection === undefined ? { account } : { account, connection });
}

async function readKeys(files: readonly string[]): Promise<string[]> {
  const keys: string[] = [];
  for (const file of files) {
    const lines = (await readNamedFile(file))
      .toString("utf8")
      .split("\n")
      .map((line) => line.trim());
    const found = lines.filter((line) => line !== "" && !line.startsWith("#"));
    // A private key or a PEM has many lines; the API says in words what it is.
    if (found[0]?.startsWith("---"))
      throw usageFailure(`${file} is no public key in OpenSSH's format; name its .pub file.`);
    keys.push(...found);
  }
  return keys;
}
