import { type Command, Option } from "commander";
import { all, days } from "./arguments.ts";

const projectOption = () => new Option("-p, --project <client/project>", "whose keys").makeOptionMandatory();
const FINGERPRINT_HELP = "its fingerprint, in groups or not; the last 8 digits and more will do";

/** `inlet keys`. */
export function addKeys(keys: Command): void {
  keys
    .command("list")
    .description("List the keys, and what the profile needs and has not")
    .addOption(projectOption())
    .action(async (_, command) => (await import("../commands/keys.ts")).listKeys(all(command)));
  for (const [name, words] of [
    ["generate", "Make the project's own key: clients encrypt to it, results are signed with it"],
    ["rotate", "Make a new key of our own; the old one still opens what is encrypted to it"],
  ] as const) {
    keys
      .command(name)
      .description(words)
      .addOption(projectOption())
      .option("--days <number>", "how long it is valid, at most 3650 (default: 730)", days)
      .option("--name <name>", "whose it says it is (default: Inlet, client and project)")
      .option("--email <address>", "an address to go with the name")
      .action(async (_, command) => (await import("../commands/keys.ts")).makeKey(name, all(command)));
  }
  keys
    .command("import")
    .description("Store the client's public key; or with --ours a private key of our own")
    .argument("<file>", "armoured or binary, as gpg exports it; - reads standard input")
    .addOption(projectOption())
    .option("--ours", "a private key of our own")
    .option("--replace", "with --ours: in place of the active one, which is retired")
    .option("--passphrase-file <file>", "what opens the private key; it is asked for where there is a terminal")
    .action(async (file, _, command) => (await import("../commands/keys.ts")).importKey(file, all(command)));
  keys
    .command("export")
    .description("Write a public key: our active one, unless another is named")
    .argument("[fingerprint...]", FINGERPRINT_HELP)
    .addOption(projectOption())
    .option("-o, --output <file>", "where to (default: standard output)")
    .action(async (fingerprint, _, command) =>
      (await import("../commands/keys.ts")).exportKey(fingerprint, all(command)),
    );
  keys
    .command("remove")
    .description("Use a key of the client's no more; or delete a retired one of our own, for good")
    .argument("<fingerprint...>", FINGERPRINT_HELP)
    .addOption(projectOption())
    .option("--reason <text>", "kept in the audit; needed for a key of our own")
    .action(async (fingerprint, _, command) =>
      (await import("../commands/keys.ts")).removeKey(fingerprint, all(command)),
    );
}
