import type { Command } from "commander";
import { all, batchArgument, number, type SetExitCode } from "./arguments.ts";
import { addPull } from "./pull.ts";

/** What changes the course of things. */
export function addActing(program: Command, setExitCode: SetExitCode): void {
  program
    .command("retry")
    .description("Set a failed batch under way again, or the failed delivery of a rejected one's error file")
    .addArgument(batchArgument())
    .option("--force", "also one that a newer batch has overtaken; needs a reason")
    .option("--reason <text>", "kept with the batch")
    .option("-f, --follow", "follow the batch to its end")
    .action(async (batch, _, command) =>
      setExitCode(await (await import("../commands/retry.ts")).retry(batch, all(command))),
    );

  program
    .command("resend")
    .description("Send messages again that failed for good")
    .argument("[messages...]", "their numbers, as `inlet messages` lists them")
    .option("--all", "all of them, 1,000 at once")
    .action(async (ids: string[], _, command) =>
      (await import("../commands/messages.ts")).resend(ids.map(number), all(command)),
    );

  program
    .command("cancel")
    .description("Stop a batch that is under way and not imported yet")
    .addArgument(batchArgument())
    .option("--reason <text>", "kept with the batch")
    .action(async (batch, _, command) => (await import("../commands/retry.ts")).cancel(batch, all(command)));

  program
    .command("run")
    .description("Runs of a project with a schedule")
    .command("now")
    .description("Start a run with the files that wait for the next trigger")
    .argument("<client/project>")
    .option("--reason <text>", "kept with the run")
    .action(async (project, _, command) => (await import("../commands/run-now.ts")).runNow(project, all(command)));

  addPull(program.command("pull"), setExitCode);

  program
    .command("rehearse")
    .description("Show what was seen of a project's rehearsal: red or green, and what to do")
    .requiredOption("-p, --project <client/project>")
    .option("-w, --watch", "until it has passed")
    .option("--begin", "begin it, or begin it anew: its files reach no table from then on")
    .option("--reason <text>", "why, for a project that is live; goes into the audit")
    .action(async (_, command) => setExitCode(await (await import("../commands/rehearse.ts")).rehearse(all(command))));

  program
    .command("go-live")
    .description("Make a project's files real, once its rehearsal has passed")
    .requiredOption("-p, --project <client/project>")
    .option("--override <reason>", "although it has not; goes into the audit")
    .action(async (_, command) => (await import("../commands/go-live.ts")).goLive(all(command)));

  program
    .command("revoke")
    .description("Take personal links back, for good")
    .argument("[batch]", "the batch's number, as `inlet status` lists it", number)
    .option("--record <number>", "one recipient: the record's number in the file", number)
    .option("--all", "every link of the batch")
    .option("--link <address>", "one link, as the recipient has it; then no batch is named")
    .action(async (batch, _, command) => (await import("../commands/revoke.ts")).revoke(batch, all(command)));

  program
    .command("forget")
    .description("Forget a recipient: links, fields in stored files, findings, videos, rows of tables; for good")
    .argument("<client/project>")
    .option("--batch <number>", "by record: the batch", number)
    .option("--record <number>", "by record: its number in the file", number)
    .option("--column <name>", "by value, over all batches: a column of a table, or a label of the files")
    .option("--value <value>", "by value: the whole cell; - reads it from standard input")
    .option("--preview", "only look how much it is, and wait for --confirm, an hour at most")
    .option("--yes", "do it without a preview")
    .option("--reason <text>", "for the audit; do not name the recipient in it")
    .option("--confirm <order>", "do what a preview has shown", number)
    .option("--drop <order>", "drop a preview", number)
    .option("--retry <order>", "try an order again that has failed", number)
    .option("--list", "list the orders, and how far each is")
    .option("--no-wait", "do not wait for its end")
    .action(async (project, _, command) => (await import("../commands/forget.ts")).forget(project, all(command)));
}
