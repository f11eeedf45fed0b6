import { environment } from "./environment.js";
import { handOver } from "./hand-over.js";
import { SetUpError, say } from "./progress.js";
import { openToolchain } from "./toolchain.js";
import { installWorkspace } from "./workspace.js";

/**
 * Sets up what is missing, then runs a program with the pinned Node and takes over its exit code.
 * @param {(toolchain: import("./toolchain.js").Toolchain) => [command: string, ...args: string[]]} program
 * @param {{ workspace?: boolean, env?: NodeJS.ProcessEnv }} options workspace: false leaves `node_modules` alone; env: variables
 *   for the program, unless they are set
 */
export async function launch(program, { workspace = true, env = {} } = {}) {
  try {
    const toolchain = await openToolchain();
    if (workspace) await installWorkspace(toolchain);
    const [command, ...args] = program(toolchain);
    handOver(command, args, { ...env, ...environment(toolchain) });
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(error.message);
    process.exit(1);
  }
}
