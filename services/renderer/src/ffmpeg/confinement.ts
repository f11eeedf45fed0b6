import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

/** What a program may take, beside time. */
export interface ProgramBounds {
  memoryBytes: number;
  /** Of any one file that it writes. */
  fileBytes: number;
  /** 0: like everybody else; 19: behind everybody else. */
  niceness: number;
}

/**
 * What stands before a program so that it stays within its bounds, cannot reach a network, gains no rights, and goes when whoever
 * started it has died. Where these tools are missing (they are part of every Linux) nothing stands there.
 * `memory`: `set_aside` counts what a program asks for at once, `writable` what it can write to, which is what a Node process has.
 */
export async function confinement(
  { memoryBytes, fileBytes, niceness }: ProgramBounds,
  memory: "set_aside" | "writable" = "set_aside",
): Promise<string[]> {
  const nice = findProgram("nice");
  const setpriv = findProgram("setpriv");
  const prlimit = findProgram("prlimit");
  withoutNetwork ??= findWithoutNetwork();
  return [
    ...(nice && niceness > 0 ? [nice, "-n", `${niceness}`] : []),
    // Before setpriv: the kernel forgets at a change of rights who is to be told of whose death.
    ...(await withoutNetwork),
    ...(setpriv ? [setpriv, "--no-new-privs", "--pdeathsig", "KILL"] : []),
    ...(prlimit
      ? [prlimit, `--${memory === "writable" ? "data" : "as"}=${memoryBytes}`, `--fsize=${fileBytes}`, "--core=0"]
      : []),
  ];
}

let withoutNetwork: Promise<string[]> | undefined;

/** Root needs no world of its own for it; whether others may have one is for the kernel and the container to say. */
async function findWithoutNetwork(): Promise<string[]> {
  const unshare = findProgram("unshare");
  if (unshare === undefined) return [];
  const command = [unshare, ...(process.getuid?.() === 0 ? [] : ["--user"]), "--net"];
  return await promisify(execFile)(command[0]!, [...command.slice(1), "true"], { timeout: 10_000 }).then(
    () => command,
    () => [],
  );
}

/** A program on PATH. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
