import type { Command } from "commander";
import { all, number, type SetExitCode } from "./arguments.ts";

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
export function addChecking(program: Command, setExitCode: SetExitCode): void {
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
      setExitCode(await (await import("../commands/check.ts")).check(files, all(command))),
    );

  program
    .command("init")
    .description("Write a first profile from a sample file, to be edited")
    .argument("<file>", "a sample of what the client sends")
    .option("-c, --client <client>", "whose profile it is (default: client)")
    .option("-p, --project <project>", "what it is called (default: the table's name)")
    .option("-o, --output <file>", "where to; - is standard output (default: <table>.yaml, in this folder)")
    .action(async (file, _, command) => (await import("../commands/init.ts")).init(file, all(command)));
}
