import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { EXIT_CODES_HELP } from "./exit-codes.ts";
import type { GlobalOptions } from "./session.ts";

/** Sets the exit code of a command that ended without an error. */
export type SetExitCode = (code: number) => void;

const WHERE_HELP = `Which hub: --url and --key, or INLET_URL and INLET_API_KEY, or else the one that runs in this checkout.`;

/**
 * The command line. Each command's own code is loaded when it runs, so that help and mistakes answer at once.
 */
export function buildProgram(setExitCode: SetExitCode): Command {
  const program = new Command("inlet")
    .description("Client files: send them, watch them, set up who may send what.")
    .option("--json", "for programs: the last line of stdout is one JSON object")
    .option("--url <address>", "address of the API")
    .option("--key <key>", "API key; better in INLET_API_KEY, where other users do not see it")
    .showHelpAfterError("(inlet help COMMAND shows how it is used)")
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText("after", `\n${WHERE_HELP}\n\n${EXIT_CODES_HELP}`);
  addChecking(program, setExitCode);
  addWatching(program, setExitCode);
  addActing(program, setExitCode);
  addSettingUp(program, setExitCode);
  return program;
}

/** A command's own options with the global ones, wherever on the line they stood. */
function all<Options>(command: Command): Options & GlobalOptions {
  return command.optsWithGlobals();
}

const number = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError("a whole number is needed.");
  return Number(text);
};
const collect = (value: string, before: string[] | undefined) => [...(before ?? []), value];
const days = (text: string): number => {
  const wanted = number(text);
  if (wanted < 1 || wanted > 3650) throw new InvalidArgumentError("a number from 1 to 3650 is needed.");
  return wanted;
};
const batchArgument = () => new Argument("<batch>", "the batch's number, as `inlet status` lists it").argParser(number);

const CHECK_HELP = `
Needs no server. Without a profile the file is held against itself: its dialect is found out, the types of its columns are
inferred, and what contradicts them is reported. A file may come in a ZIP; a folder stands for the data files in it. Several
files get a line each.

--json prints one object for each file, on a line of its own; file.sha256 and file.sizeBytes are those of the file as it was
given, byte offsets those of its data. --normalized writes every record that could be cut into cells, valid or not, as UTF-8,
comma, quote ", LF; cells are written as they are, also those that a spreadsheet takes for a formula.

Exit codes:
  0  no errors; there may be warnings
  1  errors were found
  2  a file cannot be read, or the command or the profile is wrong
With several files the worst of theirs.`;

/** What needs no hub. */
function addChecking(program: Command, setExitCode: SetExitCode): void {
  program
    .command("check")
    .description("Check files without any server, and show what is wrong with them")
    .argument("<files...>", "files and folders; - reads standard input")
    .option("--profile <file>", "a profile (YAML or JSON) to hold them against")
    .option("--table <table>", "its table; needed where neither it nor the file's name tells")
    .option("--rules <module>", "the platform's own rules: what the validator has in INLET_RULES_MODULE")
    .option("--tolerant", "read on as a spreadsheet would, and report what was forgiven as warnings")
    .option("--normalized <file>", 'write what was understood: UTF-8, comma, quote ", LF')
    .option("--max-issues <number>", "how many findings are shown (default: 20, and 1000 with --json)", number)
    .addHelpText("after", CHECK_HELP)
    .action(async (files, _, command) =>
      setExitCode(await (await import("./commands/check.ts")).check(files, all(command))),
    );

  program
    .command("init")
    .description("Write a first profile from a sample file, to be edited")
    .argument("<file>", "a sample of what the client sends")
    .option("-c, --client <client>", "whose profile it is (default: client)")
    .option("-p, --project <project>", "what it is called (default: the table's name)")
    .option("-o, --output <file>", "where to; - is standard output (default: <table>.yaml, in this folder)")
    .action(async (file, _, command) => (await import("./commands/init.ts")).init(file, all(command)));
}

function addWatching(program: Command, setExitCode: SetExitCode): void {
  program
    .command("send")
    .description("Upload a file and follow its batch to the end")
    .argument("<file>", "the file; - reads standard input (then --name is needed)")
    .requiredOption("-p, --project <client/project>", "where it belongs")
    .option("--name <name>", "another name than the file's own")
    .option("--records <number>", "how many records it holds; another number fails it", number)
    .option("--no-wait", "do not follow the batch")
    .action(async (file, _, command) =>
      setExitCode(await (await import("./commands/send.ts")).send(file, all(command))),
    );

  program
    .command("status")
    .description("List the newest batches, or show one with its story")
    .argument("[batch]", "the batch's number", number)
    .option("-c, --client <client>")
    .option("-p, --project <project>", "a project, or client/project")
    .option("-s, --status <status...>", "one or several, such as failed rejected")
    .option("-t, --text <text>", "part of the file's name")
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .option("-f, --follow", "follow the batch to its end")
    .action(async (batch, _, command) =>
      setExitCode(await (await import("./commands/status.ts")).status(batch, all(command))),
    );

  program
    .command("issues")
    .description("List what the check found in a batch's file")
    .addArgument(batchArgument())
    .option("--code <code>")
    .option("--column <column>")
    .addOption(new Option("--severity <severity>").choices(["error", "warning"]))
    .option("-n, --limit <number>", "how many, 0 for all that are kept (default: 50)", number)
    .action(async (batch, _, command) => (await import("./commands/issues.ts")).issues(batch, all(command)));

  program
    .command("runs")
    .description("List the newest runs (batches that are reported together), or show one")
    .argument("[run]", "the run's number", number)
    .option("-c, --client <client>")
    .option("-p, --project <project>", "a project, or client/project")
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (run, _, command) => (await import("./commands/runs.ts")).runs(run, all(command)));

  program
    .command("schedule")
    .description("Show when a project runs, what became of its last runs, and which files wait")
    .argument("<client/project>")
    .action(async (project, _, command) => (await import("./commands/run-now.ts")).showSchedule(project, all(command)));

  program
    .command("pulls")
    .description("Show how a project's pulls stand, and list the newest")
    .argument("<client/project>")
    .option("-t, --table <table>", "of one table alone")
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (project, _, command) => (await import("./commands/pull.ts")).listPulls(project, all(command)));

  program
    .command("projects")
    .description("List the projects with their folders and tables")
    .action(async (_, command) => (await import("./commands/projects.ts")).projects(all(command)));

  program
    .command("messages")
    .description("List e-mails that failed for good, or others")
    .addOption(new Option("--state <state>").choices(["failed", "ready", "running", "sent"]).default("failed"))
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (_, command) => (await import("./commands/messages.ts")).messages(all(command)));

  program
    .command("rows")
    .description("Read the rows of an imported table, or write them as CSV")
    .argument("<table>", "as `inlet projects` lists it")
    .requiredOption("-p, --project <client/project>", "whose table it is")
    .option(
      "-w, --where <filter>",
      "column=operator:value, such as price=gte:10; operators are eq ne lt lte gt gte in null prefix; may be repeated",
      collect,
    )
    .option("--columns <columns>", "which, with commas between (default: all)")
    .option("--order <columns>", "by which, with commas between; --order=-day for descending")
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .option("--csv", "all that fit, as CSV; a cell that a spreadsheet would run as a formula begins with '")
    .option("--raw", "with --csv: cells as they are")
    .option("-o, --output <file>", "write the CSV there; - is standard output")
    .action(async (table, _, command) => (await import("./commands/rows.ts")).rows(table, all(command)));

  program
    .command("audit")
    .description("Print the audit: who did what, from where, with what outcome")
    .option("--actor <name>", "a user, an API key or a login")
    .option("--action <action>", "such as profile.apply, or profile.*")
    .option("--path <text>", "part of what it was done to")
    .option("-c, --client <client>", "what concerns this client")
    .option("--outcome <outcome>", "ok, refused, failed, …")
    .option("--from <time>", "at this day or time, or later")
    .option("--to <time>", "before this day or time")
    .option("-n, --limit <number>", "how many, 200 at most (default: 20)", number)
    .option("--csv", "all that fit, as CSV")
    .action(async (_, command) => (await import("./commands/audit.ts")).audit(all(command)));

  program
    .command("download")
    .description("Save a stored file of a batch: source, plain, result, errors, flag")
    .addArgument(batchArgument())
    .argument("<kind>", "which file, as `inlet status BATCH` lists them")
    .option("-o, --output <file>", "where to; - is standard output (default: its own name, in this folder)")
    .action(async (batch, kind, _, command) =>
      (await import("./commands/download.ts")).download(batch, kind, all(command)),
    );
}

function addActing(program: Command, setExitCode: SetExitCode): void {
  program
    .command("retry")
    .description("Set a failed batch under way again, or the failed delivery of a rejected one's error file")
    .addArgument(batchArgument())
    .option("--force", "also one that a newer batch has overtaken; needs a reason")
    .option("--reason <text>", "kept with the batch")
    .option("-f, --follow", "follow the batch to its end")
    .action(async (batch, _, command) =>
      setExitCode(await (await import("./commands/retry.ts")).retry(batch, all(command))),
    );

  program
    .command("resend")
    .description("Send messages again that failed for good")
    .argument("[messages...]", "their numbers, as `inlet messages` lists them")
    .option("--all", "all of them, 1,000 at once")
    .action(async (ids: string[], _, command) =>
      (await import("./commands/messages.ts")).resend(ids.map(number), all(command)),
    );

  program
    .command("cancel")
    .description("Stop a batch that is under way and not imported yet")
    .addArgument(batchArgument())
    .option("--reason <text>", "kept with the batch")
    .action(async (batch, _, command) => (await import("./commands/retry.ts")).cancel(batch, all(command)));

  program
    .command("run")
    .description("Runs of a project with a schedule")
    .command("now")
    .description("Start a run with the files that wait for the next trigger")
    .argument("<client/project>")
    .option("--reason <text>", "kept with the run")
    .action(async (project, _, command) => (await import("./commands/run-now.ts")).runNow(project, all(command)));

  addPull(program.command("pull"), setExitCode);

  program
    .command("rehearse")
    .description("Show what was seen of a project's rehearsal: red or green, and what to do")
    .requiredOption("-p, --project <client/project>")
    .option("-w, --watch", "until it has passed")
    .option("--begin", "begin it, or begin it anew: its files reach no table from then on")
    .option("--reason <text>", "why, for a project that is live; goes into the audit")
    .action(async (_, command) => setExitCode(await (await import("./commands/rehearse.ts")).rehearse(all(command))));

  program
    .command("go-live")
    .description("Make a project's files real, once its rehearsal has passed")
    .requiredOption("-p, --project <client/project>")
    .option("--override <reason>", "although it has not; goes into the audit")
    .action(async (_, command) => (await import("./commands/go-live.ts")).goLive(all(command)));

  program
    .command("revoke")
    .description("Take personal links back, for good")
    .addArgument(batchArgument())
    .option("--record <number>", "one recipient: the record's number in the file", number)
    .option("--all", "every link of the batch")
    .action(async (batch, _, command) => (await import("./commands/revoke.ts")).revoke(batch, all(command)));
}

const pullArgument = () => new Argument("<pull>", "its number, as `inlet pulls` lists it").argParser(number);

function addPull(pull: Command, setExitCode: SetExitCode): void {
  pull
    .description("Pull rows from a project's system now, and follow them into their tables")
    // Its own options stand before the names of its subcommands, which have options of the same names.
    .enablePositionalOptions()
    .argument("<client/project>")
    .option("-t, --table <table...>", "one or several (default: all that the project pulls)")
    .option("--full", "everything anew, also where only what has changed would be pulled")
    .option("--reason <text>", "kept with the pulls")
    .option("--wait", "follow them to their end; the exit code tells how they ended (default)", true)
    .option("--no-wait", "only start them")
    .action(async (project, _, command) =>
      setExitCode(await (await import("./commands/pull.ts")).pull(project, all(command))),
    );
  pull
    .command("show")
    .description("Show a pull: what was expected, what came, and what stopped it")
    .addArgument(pullArgument())
    .action(async (id, _, command) => (await import("./commands/pull.ts")).showPull(id, all(command)));
  pull
    .command("cancel")
    .description("Stop a pull that has not ended; nothing of it is imported")
    .addArgument(pullArgument())
    .option("--reason <text>", "kept with the pull")
    .action(async (id, _, command) => (await import("./commands/pull.ts")).cancelPull(id, all(command)));
  pull
    .command("probe")
    .description("See whether we get in, how much there is, and what it looks like; nothing is imported")
    .argument("<client/project>")
    .option("-t, --table <table>", "whose resource (default: the first that is pulled)")
    .action(async (project, _, command) =>
      setExitCode(await (await import("./commands/pull.ts")).probePull(project, all(command))),
    );
  pull
    .command("init")
    .description("Probe, and write the project's profile with a column for each field that was found, to be edited")
    .argument("<client/project>")
    .option("-t, --table <table>", "whose columns (default: the first that is pulled)")
    .option("-o, --output <file>", "where to; - is standard output (default: <table>.yaml, in this folder)")
    .action(async (project, _, command) => (await import("./commands/pull-init.ts")).pullInit(project, all(command)));
}

function addSettingUp(program: Command, setExitCode: SetExitCode): void {
  program
    .command("apply")
    .description("Apply profiles: YAML or JSON, one or several")
    .argument("[files...]")
    .option("-f, --file <file>", "a profile; may be repeated; - reads standard input", collect)
    .option("--check", "only look for mistakes, change nothing")
    .option("--live <reason>", "make them live without a rehearsal; the reason goes into the audit")
    .action(async (files, _, command) => (await import("./commands/apply.ts")).apply(files, all(command)));

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
      (await import("./commands/secret.ts")).setSecret(client, name, all(command)),
    );

  addKeys(program.command("keys").description("OpenPGP keys of a project: ours, and the client's public ones"));
  addWebhooks(program.command("webhooks").description("Addresses that are told of events"), setExitCode);
}

const roleOption = () =>
  new Option("--role <role>").choices(["admin", "operator", "client", "viewer"]).makeOptionMandatory();
const ACCESS_WORDS = ["read", "files", "send", "operate", "oversee", "configure", "administer"];

function addApiKey(apiKey: Command): void {
  apiKey
    .command("create")
    .description("Make a key; it is shown once")
    .argument("<name>", "stands in the audit as the one who did it")
    .addOption(roleOption())
    .option("-c, --client <client>", "the one client that it sees")
    .addOption(new Option("--access <word...>", "narrows what the role may (default: all of it)").choices(ACCESS_WORDS))
    .option("--days <number>", "how long it is valid, at most 3650 (default: for good)", days)
    .action(async (name, _, command) => (await import("./commands/api-key.ts")).createKey(name, all(command)));
  apiKey
    .command("list")
    .description("List the keys, revoked ones too")
    .action(async (_, command) => (await import("./commands/api-key.ts")).listKeys(all(command)));
  apiKey
    .command("change")
    .description("Change a key's name or expiry")
    .argument("<key>", "its number or its prefix")
    .option("--name <name>")
    .option("--days <number>", "how long it is valid from now on, at most 3650", days)
    .option("--no-expiry", "it does not expire")
    .action(async (key, _, command) => (await import("./commands/api-key.ts")).changeKey(key, all(command)));
  apiKey
    .command("rotate")
    .description("Give a key a new secret, which is shown once; the one until now works a while longer")
    .argument("<key>", "its number or its prefix")
    .addOption(
      new Option("--grace-hours <number>", "how long the secret until now works; 0: no more")
        .default(24)
        .argParser(number),
    )
    .action(async (key, _, command) => (await import("./commands/api-key.ts")).rotateKey(key, all(command)));
  apiKey
    .command("revoke")
    .description("End a key, at once and for good")
    .argument("<key>", "its number or its prefix")
    .action(async (key, _, command) => (await import("./commands/api-key.ts")).revokeKey(key, all(command)));
}

function addUsers(users: Command): void {
  users
    .command("add")
    .description("Add a user, with an invitation to set a password; it is shown once")
    .argument("<address>", "the e-mail address by which the user signs in")
    .addOption(roleOption())
    .option("-c, --client <client>", "the one client that the user sees")
    .option("--name <name>", "what the user is called (default: the address)")
    .action(async (login, _, command) => (await import("./commands/users.ts")).addUser(login, all(command)));
  users
    .command("list")
    .description("List the users")
    .action(async (_, command) => (await import("./commands/users.ts")).listUsers(all(command)));
  users
    .command("invite")
    .description("Invite a user once more, or reset the password; the invitation is shown once")
    .argument("<address>")
    .action(async (login, _, command) => (await import("./commands/users.ts")).inviteUser(login, all(command)));
  for (const [name, enabled, words] of [
    ["disable", false, "Let a user sign in no more; all sessions end"],
    ["enable", true, "Let a user sign in again"],
  ] as const) {
    users
      .command(name)
      .description(words)
      .argument("<address>")
      .action(async (login, _, command) =>
        (await import("./commands/users.ts")).enableUser(login, enabled, all(command)),
      );
  }
}

const projectOption = () => new Option("-p, --project <client/project>", "whose keys").makeOptionMandatory();
const FINGERPRINT_HELP = "its fingerprint, in groups or not; the last 8 digits and more will do";

function addKeys(keys: Command): void {
  keys
    .command("list")
    .description("List the keys, and what the profile needs and has not")
    .addOption(projectOption())
    .action(async (_, command) => (await import("./commands/keys.ts")).listKeys(all(command)));
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
      .action(async (_, command) => (await import("./commands/keys.ts")).makeKey(name, all(command)));
  }
  keys
    .command("import")
    .description("Store the client's public key; or with --ours a private key of our own")
    .argument("<file>", "armoured or binary, as gpg exports it; - reads standard input")
    .addOption(projectOption())
    .option("--ours", "a private key of our own")
    .option("--replace", "with --ours: in place of the active one, which is retired")
    .option("--passphrase-file <file>", "what opens the private key; it is asked for where there is a terminal")
    .action(async (file, _, command) => (await import("./commands/keys.ts")).importKey(file, all(command)));
  keys
    .command("export")
    .description("Write a public key: our active one, unless another is named")
    .argument("[fingerprint...]", FINGERPRINT_HELP)
    .addOption(projectOption())
    .option("-o, --output <file>", "where to (default: standard output)")
    .action(async (fingerprint, _, command) =>
      (await import("./commands/keys.ts")).exportKey(fingerprint, all(command)),
    );
  keys
    .command("remove")
    .description("Use a key of the client's no more; or delete a retired one of our own, for good")
    .argument("<fingerprint...>", FINGERPRINT_HELP)
    .addOption(projectOption())
    .option("--reason <text>", "kept in the audit; needed for a key of our own")
    .action(async (fingerprint, _, command) =>
      (await import("./commands/keys.ts")).removeKey(fingerprint, all(command)),
    );
}

const webhookArgument = () =>
  new Argument("<webhook>", "its number, as `inlet webhooks list` shows it").argParser(number);
const deliveryArgument = () =>
  new Argument("<delivery>", "its number, as `inlet webhooks deliveries` shows it").argParser(number);
const EVENTS_HELP = `
Events: batch.received, and batch. with how it ended: completed partial rejected failed duplicate superseded cancelled
unpacked; run.reported, run.overdue. docs/webhooks.md says what each holds, and how a receiver checks its signature.`;

function addWebhooks(webhooks: Command, setExitCode: SetExitCode): void {
  webhooks
    .command("list")
    .description("List a client's webhooks")
    .argument("<client>")
    .action(async (client, _, command) => (await import("./commands/webhooks.ts")).listWebhooks(client, all(command)));
  webhooks
    .command("add")
    .description("Add a webhook; its secret is shown once")
    .argument("<owner>", "a client, or client/project for one project alone")
    .argument("<address>", "such as https://example.com/inlet")
    .requiredOption("-e, --event <event>", "what it is told of; may be repeated", collect)
    .option("--description <text>")
    .option("--secret <secret>", "one that its receiver has already: whsec_ and base64")
    .addHelpText("after", EVENTS_HELP)
    .action(async (owner, address, _, command) =>
      (await import("./commands/webhooks.ts")).addWebhook(owner, address, all(command)),
    );
  webhooks
    .command("change")
    .description("Change a webhook; what is not given stays as it is")
    .addArgument(webhookArgument())
    .option("--address <address>", "its new address")
    .option("-e, --event <event>", "in place of the events there are; may be repeated", collect)
    .option("--description <text>")
    .addHelpText("after", EVENTS_HELP)
    .action(async (webhook, _, command) =>
      (await import("./commands/webhooks.ts")).changeWebhook(webhook, all(command)),
    );
  for (const [name, enabled, words] of [
    ["disable", false, "Tell a webhook of nothing, and keep nothing for it"],
    ["enable", true, "Tell a webhook of events again"],
  ] as const) {
    webhooks
      .command(name)
      .description(words)
      .addArgument(webhookArgument())
      .action(async (webhook, _, command) =>
        (await import("./commands/webhooks.ts")).changeWebhook(webhook, { ...all(command), enabled }),
      );
  }
  webhooks
    .command("rotate")
    .description("Make a new secret, which is shown once")
    .addArgument(webhookArgument())
    .option("--grace-hours <number>", "so long the old one signs, too, at most 168 (default: 24)", number)
    .action(async (webhook, _, command) =>
      (await import("./commands/webhooks.ts")).rotateWebhook(webhook, all(command)),
    );
  webhooks
    .command("ping")
    .description("Try a webhook out, and show what its receiver answers")
    .addArgument(webhookArgument())
    .action(async (webhook, _, command) =>
      setExitCode(await (await import("./commands/webhooks.ts")).pingWebhook(webhook, all(command))),
    );
  webhooks
    .command("remove")
    .description("Remove a webhook and what is known of its deliveries")
    .addArgument(webhookArgument())
    .action(async (webhook, _, command) =>
      (await import("./commands/webhooks.ts")).removeWebhook(webhook, all(command)),
    );
  webhooks
    .command("deliveries")
    .description("List what a webhook was told, newest first")
    .addArgument(webhookArgument())
    .addOption(new Option("--state <state>").choices(["waiting", "sending", "delivered", "failed"]))
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (webhook, _, command) =>
      (await import("./commands/webhooks.ts")).listDeliveries(webhook, all(command)),
    );
  webhooks
    .command("delivery")
    .description("Show a delivery and its attempts; with --json also what was sent")
    .addArgument(deliveryArgument())
    .action(async (delivery, _, command) => (await import("./commands/webhooks.ts")).delivery(delivery, all(command)));
  webhooks
    .command("resend")
    .description("Send a delivery again, under the same webhook-id")
    .addArgument(deliveryArgument())
    .action(async (delivery, _, command) =>
      (await import("./commands/webhooks.ts")).resendDelivery(delivery, all(command)),
    );
}

function addAccount(account: Command): void {
  account
    .command("add")
    .description("Add a login; without keys it gets a password, which is shown once")
    .argument("<username>")
    .requiredOption("-c, --client <client>", "whose it is")
    .option("--public-key <file>", "a public key's file (.pub); may be repeated", collect)
    .option("--password", "make a password although there are keys")
    .option("--cidr <range>", "from where it may log in, such as 203.0.113.0/24; may be repeated", collect)
    .option("-p, --project <project>", "what it sees; may be repeated (default: all of its client)", collect)
    .action(async (username, _, command) => (await import("./commands/account.ts")).addAccount(username, all(command)));
  account
    .command("list")
    .description("List the logins")
    .option("-c, --client <client>")
    .action(async (_, command) => (await import("./commands/account.ts")).listAccounts(all(command)));
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
      (await import("./commands/account.ts")).changeAccount(username, all(command)),
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
        (await import("./commands/account.ts")).enableAccount(username, enabled, all(command)),
      );
  }
}
