import { type Command, Option } from "commander";
import { all, batchArgument, collect, number, type SetExitCode } from "./arguments.ts";

/** What shows what the hub does. */
export function addWatching(program: Command, setExitCode: SetExitCode): void {
  program
    .command("send")
    .description("Upload a file and follow its batch to the end")
    .argument("<file>", "the file; - reads standard input (then --name is needed)")
    .requiredOption("-p, --project <client/project>", "where it belongs")
    .option("--name <name>", "another name than the file's own")
    .option("--records <number>", "how many records it holds; another number fails it", number)
    .option("--no-wait", "do not follow the batch")
    .action(async (file, _, command) =>
      setExitCode(await (await import("../commands/send.ts")).send(file, all(command))),
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
      setExitCode(await (await import("../commands/status.ts")).status(batch, all(command))),
    );

  program
    .command("issues")
    .description("List what the check found in a batch's file")
    .addArgument(batchArgument())
    .option("--code <code>")
    .option("--column <column>")
    .addOption(new Option("--severity <severity>").choices(["error", "warning"]))
    .option("-n, --limit <number>", "how many, 0 for all that are kept (default: 50)", number)
    .action(async (batch, _, command) => (await import("../commands/issues.ts")).issues(batch, all(command)));

  program
    .command("results")
    .description("Show what came of personal links: seen, played, completed, clicked")
    .argument("<batch or client/project>")
    .option("--from <time>", "of a project: from this day or time on (default: 30 days ago)")
    .option("--to <time>", "of a project: up to this day or time")
    .addOption(
      new Option("--csv <what>", "of a batch: all recipients, or all events, as CSV").choices(["recipients", "events"]),
    )
    .action(async (subject, _, command) => (await import("../commands/results.ts")).results(subject, all(command)));

  program
    .command("runs")
    .description("List the newest runs (batches that are reported together), or show one")
    .argument("[run]", "the run's number", number)
    .option("-c, --client <client>")
    .option("-p, --project <project>", "a project, or client/project")
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (run, _, command) => (await import("../commands/runs.ts")).runs(run, all(command)));

  program
    .command("schedule")
    .description("Show when a project runs, what became of its last runs, and which files wait")
    .argument("<client/project>")
    .action(async (project, _, command) =>
      (await import("../commands/run-now.ts")).showSchedule(project, all(command)),
    );

  program
    .command("pulls")
    .description("Show how a project's pulls stand, and list the newest")
    .argument("<client/project>")
    .option("-t, --table <table>", "of one table alone")
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (project, _, command) => (await import("../commands/pull.ts")).listPulls(project, all(command)));

  program
    .command("projects")
    .description("List the projects with their folders and tables")
    .action(async (_, command) => (await import("../commands/projects.ts")).projects(all(command)));

  program
    .command("messages")
    .description("List e-mails that failed for good, or others")
    .addOption(new Option("--state <state>").choices(["failed", "ready", "running", "sent"]).default("failed"))
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (_, command) => (await import("../commands/messages.ts")).messages(all(command)));

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
    .action(async (table, _, command) => (await import("../commands/rows.ts")).rows(table, all(command)));

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
    .action(async (_, command) => (await import("../commands/audit.ts")).audit(all(command)));

  program
    .command("download")
    .description("Save a stored file of a batch: source, plain, result, errors, flag")
    .addArgument(batchArgument())
    .argument("<kind>", "which file, as `inlet status BATCH` lists them")
    .option("-o, --output <file>", "where to; - is standard output (default: its own name, in this folder)")
    .action(async (batch, kind, _, command) =>
      (await import("../commands/download.ts")).download(batch, kind, all(command)),
    );
}
