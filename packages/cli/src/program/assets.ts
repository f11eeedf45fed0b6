import { type Command, Option } from "commander";
import { all, type SetExitCode } from "./arguments.ts";

const projectOption = () => new Option("-p, --project <client/project>", "whose files").makeOptionMandatory();

/** `inlet assets`. */
export function addAssets(assets: Command, setExitCode: SetExitCode): void {
  assets
    .command("list")
    .description("List the files, and where each is shown")
    .addOption(projectOption())
    .action(async (_, command) => (await import("../commands/assets.ts")).listAssets(all(command)));
  assets
    .command("put")
    .description("Upload images, videos and sounds, and wait until they are ready")
    .argument("<files...>", "storyboards call each by its file's name")
    .addOption(projectOption())
    .option("--name <name>", "what storyboards call it; for one file")
    .action(async (files, _, command) =>
      setExitCode(await (await import("../commands/assets.ts")).putAssets(files, all(command))),
    );
  assets
    .command("remove")
    .description("Remove a file that neither the draft nor the live version shows")
    .argument("<name>", "as `inlet assets list` shows it")
    .addOption(projectOption())
    .action(async (name, _, command) => (await import("../commands/assets.ts")).removeAsset(name, all(command)));
}
