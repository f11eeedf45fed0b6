import type { Stack } from "@inlet/stack";
import type { Paint } from "./paint.ts";
import type { Wave } from "./scenario.ts";

const SERVERS = ["postgres", "redis", "mailbox"];

/** What runs: other servers than the stack's own are not told, they were there before. */
export function hubWords(stack: Stack): string {
  const names = stack.processes().map(({ name }) => name);
  const services = names.filter((name) => !SERVERS.includes(name)).length;
  const servers = SERVERS.filter((name) => names.includes(name));
  return `The hub is up: ${[`${services} services`, ...servers].join(", ")}`;
}

/** What a person can do with the hub while it stays up. */
export function farewell(stack: Stack, waves: readonly Wave[], paint: Paint): string[] {
  const logins = new Map(
    waves.flatMap(({ shipments }) => shipments).map(({ login, profile }) => [login.username, { login, profile }]),
  );
  const link = (url: string) => paint(["cyan", "underline"], url);
  return [
    "",
    `  ${paint("bold", "The hub stays up until Ctrl-C. Try it:")}`,
    "",
    ...[...logins.values()].flatMap(({ login, profile }) => [
      `    sftp -P ${login.port} ${login.username}@${login.host}`,
      `      ${paint("dim", "password")} ${login.password}${paint("dim", `, and put files into ${profile.folders?.uploads}`)}`,
    ]),
    `    ${link(stack.consoleUrl)}   ${paint("dim", "the console")}`,
    ...(stack.mailboxUrl ? [`    ${link(stack.mailboxUrl)}   ${paint("dim", "the mailbox")}`] : []),
    `    ${link(`${stack.apiUrl}/docs`)}   ${paint("dim", `the API; its key is in ${stack.adminKeyFile}`)}`,
    "",
  ];
}
