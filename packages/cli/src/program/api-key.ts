import { type Command, Option } from "commander";
import { all, days, number, roleOption } from "./arguments.ts";

const ACCESS_WORDS = ["read", "files", "send", "operate", "oversee", "configure", "administer"];

/** `inlet api-key`. */
export function addApiKey(apiKey: Command): void {
  apiKey
    .command("create")
    .description("Make a key; it is shown once")
    .argument("<name>", "stands in the audit as the one who did it")
    .addOption(roleOption())
    .option("-c, --client <client>", "the one client that it sees")
    .addOption(new Option("--access <word...>", "narrows what the role may (default: all of it)").choices(ACCESS_WORDS))
    .option("--days <number>", "how long it is valid, at most 3650 (default: for good)", days)
    .action(async (name, _, command) => (await import("../commands/api-key.ts")).createKey(name, all(command)));
  apiKey
    .command("list")
    .description("List the keys, revoked ones too")
    .action(async (_, command) => (await import("../commands/api-key.ts")).listKeys(all(command)));
  apiKey
    .command("change")
    .description("Change a key's name or expiry")
    .argument("<key>", "its number or its prefix")
    .option("--name <name>")
    .option("--days <number>", "how long it is valid from now on, at most 3650", days)
    .option("--no-expiry", "it does not expire")
    .action(async (key, _, command) => (await import("../commands/api-key.ts")).changeKey(key, all(command)));
  apiKey
    .command("rotate")
    .description("Give a key a new secret, which is shown once; the one until now works a while longer")
    .argument("<key>", "its number or its prefix")
    .addOption(
      new Option("--grace-hours <number>", "how long the secret until now works; 0: no more")
        .default(24)
        .argParser(number),
    )
    .action(async (key, _, command) => (await import("../commands/api-key.ts")).rotateKey(key, all(command)));
  apiKey
    .command("revoke")
    .description("End a key, at once and for good")
    .argument("<key>", "its number or its prefix")
    .action(async (key, _, command) => (await import("../commands/api-key.ts")).revokeKey(key, all(command)));
}
