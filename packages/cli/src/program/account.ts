import type { Command } from "commander";
import { all, collect } from "./arguments.ts";

/** `inlet account`. */
export function addAccount(account: Command): void {
  account
    .command("add")
    .description("Add a login; without keys it gets a password, which is shown once")
    .argument("<username>")
    .requiredOption("-c, --client <client>", "whose it is")
    .option("--public-key <file>", "a public key's file (.pub); may be repeated", collect)
    .option("--password", "make a password although there are keys")
    .option("--cidr <range>", "from where it may log in, such as 203.0.113.0/24; may be repeated", collect)
    .option("-p, --project <project>", "what it sees; may be repeated (default: all of its client)", collect)
    .action(async (username, _, command) =>
      (await import("../commands/account.ts")).addAccount(username, all(command)),
    );
  account
    .command("list")
    .description("List the logins")
    .option("-c, --client <client>")
    .action(async (_, command) => (await import("../commands/account.ts")).listAccounts(all(command)));
  account
    .command("change")
    .description("Change a login; what is not given stays as it is")
    .argument("<username>")
    .option("--new-password", "make a new password, which is shown once")
    .option("--no-password", "no password any more: keys only")
    .option("--public-key <file>", "in place of the keys there are; may be repeated", collect)
    .option("--cidr <range>", "in place of the ranges there are; may be repeated", collect)
    .option("--any-address", "from anywhere")
    .option("-p, --project <project>", "what it sees; may be repeated", collect)
    .option("--all-projects", "all projects of its client")
    .action(async (username, _, command) =>
      (await import("../commands/account.ts")).changeAccount(username, all(command)),
    );
  for (const [name, enabled, words] of [
    ["disable", false, "Let a login in no more; its sessions end"],
    ["enable", true, "Let a login in again"],
  ] as const) {
    account
      .command(name)
      .description(words)
      .argument("<username>")
      .action(async (username, _, command) =>
        (await import("../commands/account.ts")).enableAccount(username, enabled, all(command)),
      );
  }
}
