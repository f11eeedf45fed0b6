import type { Problem } from "@inlet/contracts";
import { EXIT } from "./exit-codes.ts";

/** A problem in a file of the user's: where it is. */
export interface PlacedProblem extends Problem {
  file?: string;
  /** From 1. */
  line?: number;
  column?: number;
}

/** Why a command ends, for the one line on stderr. */
export class CliFailure extends Error {
  readonly exitCode: number;
  readonly code: string;
  readonly problems: readonly PlacedProblem[];

  constructor(exitCode: number, code: string, message: string, problems: readonly PlacedProblem[] = []) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.problems = problems;
  }
}

/** A command or a file that is wrong. */
export const usageFailure = (message: string, problems?: readonly PlacedProblem[]) =>
  new CliFailure(EXIT.usage, "usage", message, problems);

/** What the API's words for programs are called here. */
const COMMANDS: readonly (readonly [address: string, command: string])[] = [
  ["GET /v1/batches", "`inlet status`"],
  ["GET /v1/projects", "`inlet projects`"],
  ["GET /v1/runs", "`inlet runs`"],
  ["GET /v1/accounts", "`inlet account list`"],
  ["GET /v1/api-keys", "`inlet api-key list`"],
  ["GET /v1/users", "`inlet users list`"],
  ["GET /v1/subscriptions", "`inlet sync list`"],
  ["GET /v1/clients/[^/]+/projects/[^/]+/keys", "`inlet keys list`"],
  ["GET /v1/clients/[^/]+/projects/[^/]+/storyboard/versions", "`inlet storyboard versions`"],
  ["GET /v1/clients/[^/]+/projects/[^/]+/assets", "`inlet assets list`"],
];

function inCommands(message: string): string {
  return COMMANDS.reduce(
    (text, [address, command]) =>
      text.replace(
        new RegExp(`${address}(/\\d+)? lists`),
        (_, id = "") => `${command.slice(0, -1)}${id.replace("/", " ")}\` lists`,
      ),
    message,
  );
}

const STATUS_EXITS: Readonly<Record<number, number>> = {
  401: EXIT.notAllowed,
  403: EXIT.notAllowed,
  404: EXIT.notFound,
  409: EXIT.conflict,
  412: EXIT.conflict,
};

/** Any error as a failure with its exit code. AppErrors are known by their shape, so that none has to be loaded here. */
export function failureOf(error: unknown): CliFailure {
  if (error instanceof CliFailure) return error;
  const { name, code, message, status, details } = error as Error & {
    code?: string;
    status?: number;
    details?: Problem[];
  };
  if (name === "AbortError" || name === "ExitPromptError") {
    return new CliFailure(EXIT.interrupted, "interrupted", "interrupted");
  }
  if (name === "ApiRefusal") {
    return new CliFailure(STATUS_EXITS[status ?? 400] ?? EXIT.usage, code ?? "refused", inCommands(message), details);
  }
  if (name === "Unavailable") return new CliFailure(EXIT.unreachable, code ?? "unavailable", message);
  if (name === "Misconfigured") return new CliFailure(EXIT.unreachable, code ?? "misconfigured", message);
  if (name === "InvalidInput") return new CliFailure(EXIT.usage, code ?? "usage", message);
  return fileFailure(error as NodeJS.ErrnoException) ?? new CliFailure(EXIT.internal, code ?? "internal", message);
}

function fileFailure({ code, path }: NodeJS.ErrnoException): CliFailure | undefined {
  if (path === undefined) return undefined;
  if (code === "ENOENT") return new CliFailure(EXIT.notFound, "file_not_found", `There is no file ${path}.`);
  if (code === "EACCES") return new CliFailure(EXIT.usage, "file_unreadable", `${path} may not be read or written.`);
  if (code === "EISDIR") return new CliFailure(EXIT.usage, "file_is_folder", `${path} is a folder; name a file.`);
  if (code === "EEXIST")
    return new CliFailure(EXIT.usage, "file_exists", `${path} is there already; name another with -o.`);
  return undefined;
}
