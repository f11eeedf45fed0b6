import { CommanderError } from "commander";
import { EXIT } from "./exit-codes.ts";
import { type CliFailure, failureOf } from "./failure.ts";
import { buildProgram } from "./program/program.ts";
import { printable } from "./terminal.ts";

/** Runs one command line. Returns the exit code; every error is one line on stderr. */
export async function runCli(args: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return exitCode;
  } catch (error) {
    // commander has written its own line: help, or what is wrong with the command.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = failureOf(error);
    tell(failure, error);
    if (args.includes("--json")) process.stdout.write(`${JSON.stringify(errorObject(failure))}\n`);
    return failure.exitCode;
  }
}

function tell(failure: CliFailure, error: unknown): void {
  for (const { file, line, column, path, message } of failure.problems) {
    const place = file === undefined ? "" : line === undefined ? `${file}: ` : `${file}:${line}:${column ?? 1}: `;
    const where = path.length === 0 ? "" : `${textOf(path)}: `;
    process.stderr.write(`${shown(`${place}${where}${message}`)}\n`);
  }
  process.stderr.write(`inlet: ${shown(failure.message)}\n`);
  if (failure.exitCode === EXIT.internal && process.env.INLET_DEBUG)
    process.stderr.write(`${(error as Error).stack}\n`);
}

/** Names of files and words of a server's answer are in a message, and none of them may steer the terminal. */
function shown(message: string): string {
  return message.split("\n").map(printable).join("\n");
}

function textOf(path: readonly (string | number)[]): string {
  return path.map((key, index) => (typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`)).join("");
}

function errorObject({ code, message, exitCode, problems }: CliFailure): object {
  return { error: { code, message, exitCode, ...(problems.length > 0 ? { details: problems } : {}) } };
}
