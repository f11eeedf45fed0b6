import { Argument, type Command, Option } from "commander";
import { all, number, type SetExitCode } from "./arguments.ts";

const subscriptionArgument = () =>
  new Argument("<subscription>", "its number, as `inlet sync list` shows it").argParser(number);
const letterArgument = () => new Argument("<letter>", "its number, as `inlet sync letters` shows it").argParser(number);

/** `inlet sync`. */
export function addSync(sync: Command, setExitCode: SetExitCode): void {
  sync
    .command("new")
    .description("Write a first subscriber, for a system that Inlet does not know, and its test")
    .argument("<name>", "how profiles name it: lower-case letters, digits and underscores")
    .option("--in <folder>", "where to (default: SUBSCRIBERS_FOLDER, or subscribers/ in this checkout)")
    .action(async (name, _, command) =>
      (await import("../commands/new-subscriber.ts")).newSubscriber(name, all(command)),
    );
  sync
    .command("list")
    .description("List the systems that catalogs are kept in step with, and how far each is")
    .option("-c, --client <client>")
    .option("-p, --project <project>", "a project, or client/project")
    .option("--ended", "those that ended as well")
    .action(async (_, command) => (await import("../commands/sync.ts")).listSubscriptions(all(command)));
  sync
    .command("show")
    .description("Show one, with what comes from it and its last comparisons")
    .addArgument(subscriptionArgument())
    .action(async (id, _, command) => (await import("../commands/sync.ts")).showSubscription(id, all(command)));
  sync
    .command("pause")
    .description("Send nothing and take nothing until it is resumed; nothing is lost")
    .addArgument(subscriptionArgument())
    .action(async (id, _, command) => (await import("../commands/sync.ts")).pauseSubscription(id, all(command)));
  sync
    .command("resume")
    .description("Go on where it stopped; one that waits after a failure is tried at once")
    .addArgument(subscriptionArgument())
    .action(async (id, _, command) => (await import("../commands/sync.ts")).resumeSubscription(id, all(command)));
  sync
    .command("replay")
    .description("Send the changes since a time once more, in their order")
    .addArgument(subscriptionArgument())
    .requiredOption("--since <time>", "such as 2026-11-20T09:00Z")
    .action(async (id, _, command) => (await import("../commands/sync.ts")).replaySubscription(id, all(command)));
  sync
    .command("backfill")
    .description("Send every item that differs from what the other system is known to have")
    .addArgument(subscriptionArgument())
    .option("--all", "every item, whatever it has")
    .action(async (id, _, command) => (await import("../commands/sync.ts")).backfillSubscription(id, all(command)));
  sync
    .command("poll")
    .description("Ask a system that is polled now")
    .addArgument(subscriptionArgument())
    .option("--from-start", "for everything once more, not only what has changed")
    .action(async (id, _, command) => (await import("../commands/sync.ts")).pollSubscription(id, all(command)));
  sync
    .command("compare")
    .description("Compare both sides, item by item")
    .addArgument(subscriptionArgument())
    .option("--mend", "mend what differs, by the catalog's conflict rules")
    .action(async (id, _, command) =>
      setExitCode(await (await import("../commands/sync.ts")).compareSubscription(id, all(command))),
    );
  sync
    .command("letters")
    .description("List what one side did not take of the other, and why")
    .addArgument(subscriptionArgument())
    .addOption(new Option("--state <state>").choices(["retrying", "dead", "dismissed"]))
    .addOption(new Option("--direction <direction>").choices(["out", "in"]))
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (id, _, command) => (await import("../commands/sync.ts")).listLetters(id, all(command)));
  sync
    .command("retry")
    .description("Try dead letters again: one, or all of a system's")
    .addArgument(subscriptionArgument())
    .addArgument(letterArgument().argOptional())
    .action(async (id, letter, _, command) =>
      (await import("../commands/sync.ts")).retryLetters(id, letter, all(command)),
    );
  sync
    .command("dismiss")
    .description("Leave an item as it is on both sides; its next change is sent as ever")
    .addArgument(subscriptionArgument())
    .addArgument(letterArgument())
    .requiredOption("--reason <text>", "kept with it")
    .action(async (id, letter, _, command) =>
      (await import("../commands/sync.ts")).dismissLetter(id, letter, all(command)),
    );
}
