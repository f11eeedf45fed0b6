import { Argument, type Command, Option } from "commander";
import { addPreview } from "../preview/preview-command.ts";
import { all, number, type SetExitCode } from "./arguments.ts";

const projectOption = () => new Option("-p, --project <client/project>", "whose storyboard").makeOptionMandatory();

/** `inlet storyboard`. */
export function addStoryboard(storyboard: Command, setExitCode: SetExitCode): void {
  addPreview(storyboard);
  storyboard
    .command("show")
    .description("Show which version is live, and what is wrong with the draft")
    .addOption(projectOption())
    .action(async (_, command) => (await import("../commands/storyboard.ts")).showStoryboard(all(command)));
  storyboard
    .command("get")
    .description("Write the draft as JSON, or a version")
    .addOption(projectOption())
    .option("--version <number>", "this one, instead of the draft", number)
    .option("-o, --output <file>", "where to (default: standard output)")
    .option("--assets", "with its images, videos and sounds beside the file")
    .action(async (_, command) => (await import("../commands/storyboard.ts")).getStoryboard(all(command)));
  storyboard
    .command("put")
    .description("Save a file as the draft, and upload what it shows from the folder beside it")
    .argument("<file>", "JSON or YAML; - reads standard input")
    .addOption(projectOption())
    .option("--no-assets", "upload nothing")
    .option("--revision <number>", "only in place of this revision of the draft, 0 for none", number)
    .action(async (file, _, command) =>
      setExitCode(await (await import("../commands/put-storyboard.ts")).putStoryboard(file, all(command))),
    );
  storyboard
    .command("publish")
    .description("Make the draft the next version, which new links show")
    .addOption(projectOption())
    .option("--note <text>", "what is new, for those who look at the versions")
    .option("--no-live", "publish it without making it live")
    .action(async (_, command) => (await import("../commands/storyboard.ts")).publishStoryboard(all(command)));
  storyboard
    .command("versions")
    .description("List what was published, newest first")
    .addOption(projectOption())
    .option("-n, --limit <number>", "how many (default: 20)", number)
    .action(async (_, command) => (await import("../commands/storyboard.ts")).listVersions(all(command)));
  storyboard
    .command("live")
    .description("Go back to a version, or on to one: new links show it")
    .addArgument(new Argument("<version>", "its number, as `inlet storyboard versions` shows it").argParser(number))
    .addOption(projectOption())
    .action(async (version, _, command) => (await import("../commands/storyboard.ts")).makeLive(version, all(command)));
  storyboard
    .command("diff")
    .description("Show what publishing the draft would change")
    .addOption(projectOption())
    .option("--from <which>", "live, draft, or a version's number (default: live)")
    .option("--to <which>", "likewise (default: draft)")
    .action(async (_, command) => (await import("../commands/storyboard.ts")).diffStoryboards(all(command)));
  storyboard
    .command("take-off")
    .description("Let new links show the simple page again; draft and versions stay")
    .addOption(projectOption())
    .action(async (_, command) => (await import("../commands/storyboard.ts")).takeOff(all(command)));
  storyboard
    .command("ready")
    .description("List the storyboards that ship with Inlet, or write one with its files")
    .argument("[name]", "as the list has it")
    .option("--into <folder>", "where to (default: a folder of its name)")
    .action(async (name, _, command) =>
      (await import("../commands/ready-storyboards.ts")).readyStoryboard(name, all(command)),
    );
}
