import { Command } from "commander";
import { EXIT_CODES_HELP } from "../exit-codes.ts";
import { addActing } from "./acting.ts";
import type { SetExitCode } from "./arguments.ts";
import { addChecking } from "./checking.ts";
import { addSettingUp } from "./setting-up.ts";
import { addWatching } from "./watching.ts";

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
