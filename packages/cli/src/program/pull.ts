import { Argument, type Command } from "commander";
import { all, number, type SetExitCode } from "./arguments.ts";

const pullArgument = () => new Argument("<pull>", "its number, as `inlet pulls` lists it").argParser(number);

/** `inlet pull`. */
export function addPull(pull: Command, setExitCode: SetExitCode): void {
  pull.description("Rows that come from a project's system: pull them now, or see what there is");
  pull
    .command("now", { isDefault: true })
    .description("Pull now, and follow the rows into their tables")
    .argument("<client/project>")
    .option("-t, --table <table...>", "one or several (default: all that the project pulls)")
    .option("--full", "everything anew, also where only what has changed would be pulled")
    .option("--reason <text>", "kept with the pulls")
    .option("--wait", "follow them to their end; the exit code tells how they ended (default)", true)
    .option("--no-wait", "only start them")
    .action(async (project, _, command) =>
      setExitCode(await (await import("../commands/pull.ts")).pull(project, all(command))),
    );
  pull
    .command("show")
    .description("Show a pull: what was expected, what came, and what stopped it")
    .addArgument(pullArgument())
    .action(async (id, _, command) => (await import("../commands/pull.ts")).showPull(id, all(command)));
  pull
    .command("cancel")
    .description("Stop a pull that has not ended; nothing of it is imported")
    .addArgument(pullArgument())
    .option("--reason <text>", "kept with the pull")
    .action(async (id, _, command) => (await import("../commands/pull.ts")).cancelPull(id, all(command)));
  pull
    .command("probe")
    .description("See whether we get in, how much there is, and what it looks like; nothing is imported")
    .argument("<client/project>")
    .option("-t, --table <table>", "whose resource (default: the first that is pulled)")
    .action(async (project, _, command) =>
      setExitCode(await (await import("../commands/pull.ts")).probePull(project, all(command))),
    );
  pull
    .command("init")
    .description("Probe, and write the project's profile with a column for each field that was found, to be edited")
    .argument("<client/project>")
    .option("-t, --table <table>", "whose columns (default: the first that is pulled)")
    .option("-o, --output <file>", "where to; - is standard output (default: <table>.yaml, in this folder)")
    .action(async (project, _, command) => (await import("../commands/pull-init.ts")).pullInit(project, all(command)));
}
