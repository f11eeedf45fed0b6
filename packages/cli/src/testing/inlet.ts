import { spawn } from "node:child_process";
import { join } from "node:path";
import { runCli } from "../run-cli.ts";

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

  /**
   * The same in this process, one at a time: for tests of many commands, of which each would take half a second to start. What a
   * process of its own adds, its exit and its pipes, others try.
   */
  async function runHere(args: readonly string[]): Promise<Outcome> {
    const written = { stdout: "", stderr: "" };
    const streams = ["stdout", "stderr"] as const;
    const writes = streams.map((name) => process[name].write);
    const before = process.env;
    process.env = { ...environment };
    for (const name of streams) {
      process[name].write = ((text: string | Uint8Array) => {
        written[name] += typeof text === "string" ? text : Buffer.from(text).toString("utf8");
        return true;
      }) as typeof process.stdout.write;
    }
    try {
      return { exitCode: await runCli(args), ...written };
    } finally {
      streams.forEach((name, index) => {
        process[name].write = writes[index]!;
      });
      process.env = before;
    }
  }

  return { start, run, runHere };
}

/** The object on the last line of stdout. */
export function lastObject({ stdout }: Outcome) {
  return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
}
