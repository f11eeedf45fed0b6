import type { Command } from "commander";
import { addAccount } from "./account.ts";
import { addApiKey } from "./api-key.ts";
import { all, collect, type SetExitCode } from "./arguments.ts";
import { addAssets } from "./assets.ts";
import { addKeys } from "./keys.ts";
import { addStoryboard } from "./storyboard.ts";
import { addSync } from "./sync.ts";
import { addUsers } from "./users.ts";
import { addWebhooks } from "./webhooks.ts";

/** What a platform team sets up. */
export function addSettingUp(program: Command, setExitCode: SetExitCode): void {
  program
    .command("apply")
    .description("Apply profiles: YAML or JSON, one or several")
    .argument("[files...]")
    .option("-f, --file <file>", "a profile; may be repeated; - reads standard input", collect)
    .option("--check", "only look for mistakes, change nothing")
    .option("--live <reason>", "make them live without a rehearsal; the reason goes into the audit")
    .action(async (files, _, command) => (await import("../commands/apply.ts")).apply(files, all(command)));

  addAccount(program.command("account").description("Logins on the SFTP gateway"));

  addApiKey(program.command("api-key").description("Keys of this API"));
  addUsers(program.command("users").description("People who sign in to the console"));

  program
    .command("secret")
    .description("What profiles name and never hold")
    .command("set")
    .description("Store a secret; it is read from standard input, or asked for")
    .argument("<client>")
    .argument("<name>", "as the profile names it")
    .option("--from-file <file>", "a private key, for example")
    .action(async (client, name, _, command) =>
      (await import("../commands/secret.ts")).setSecret(client, name, all(command)),
    );

  addKeys(program.command("keys").description("OpenPGP keys of a project: ours, and the client's public ones"));
  addSync(program.command("sync").description("Systems that catalogs are kept in step with"), setExitCode);
  addStoryboard(program.command("storyboard").description("The film behind a project's links"), setExitCode);
  addAssets(program.command("assets").description("Files that a project's storyboards show"), setExitCode);
  addWebhooks(program.command("webhooks").description("Addresses that are told of events"), setExitCode);
}
