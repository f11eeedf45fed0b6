import type { Command } from "commander";

import { all, roleOption } from "./arguments.ts";

/** `inlet users`. */
export function addUsers(users: Command): void {
  users
    .command("add")
    .description("Add a user, with an invitation to set a password; it is shown once")
    .argument("<address>", "the e-mail address by which the user signs in")
    .addOption(roleOption())
    .option("-c, --client <client>", "the one client that the user sees")
    .option("--name <name>", "what the user is called (default: the address)")
    .action(async (login, _, command) => (await import("../commands/users.ts")).addUser(login, all(command)));
  users
    .command("list")
    .description("List the users")
    .action(async (_, command) => (await import("../commands/users.ts")).listUsers(all(command)));
  users
    .command("invite")
    .description("Invite a user once more, or reset the password; the invitation is shown once")
    .argument("<address>")
    .action(async (login, _, command) => (await import("../commands/users.ts")).inviteUser(login, all(command)));
  for (const [name, enabled, words] of [
    ["disable", false, "Let a user sign in no more; all sessions end"],
    ["enable", true, "Let a user sign in again"],
  ] as const) {
    users
      .command(name)
      .description(words)
      .argument("<address>")
      .action(async (login, _, command) =>
        (await import("../commands/users.ts")).enableUser(login, enabled, all(command)),
      );
  }
}
