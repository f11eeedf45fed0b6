import { spawn } from "node:child_process";
import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../main.ts");

/** How a command ended and what it wrote. */
export interface Outcome {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs `inlet` as a person's shell does, against the hub of a state folder. */
export function inletOf(stateFolder: string) {
  const environment = { ...process.env, INLET_STATE: stateFolder, NO_COLOR: "1", FORCE_COLOR: undefined, TZ: "UTC" };

  function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    return spawn(process.execPath, [MAIN, ...args], { env: { ...environment, ...env }, stdio: "pipe" });
  }

  async function run(
    args: readonly string[],
    { input = "", env = {} }: { input?: string; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Outcome> {
    const child = start(args, env);
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.stdin.on("error", () => {}).end(input);
    const exitCode = await new Promise<number>((resolve) => child.once("close", (code) => resolve(code ?? -1)));
    return { exitCode, stdout, stderr };
  }

  return { start, run };
}

/** The object on the last line of stdout. */
export function lastObject({ stdout }: Outcome) {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}
